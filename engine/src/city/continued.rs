//! A city's rules after those of before: what has a number keeps it.

use super::{CaseClass, Department, Rules};
use crate::ids::{ClassId, DepartmentId};

/// Rules that go on from earlier ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Continued {
    /// The rules, with every class and department at the place that it had.
    pub rules: Rules,
    /// Classes that are no longer in the table. They keep their places, for the cases that are of them; no new case
    /// should be.
    pub gone: Vec<ClassId>,
}

impl Rules {
    /// These rules, as those that follow `before`.
    ///
    /// A number is a place in a list, and cases, units and the log hold numbers. So a class or department that `before`
    /// has, by its code or key, keeps its place, whatever the order of the table; one that is no longer there stays as it
    /// was; and what is new comes at the end.
    #[must_use]
    pub fn continuing(self, before: &Self) -> Continued {
        let Self {
            departments: own_departments,
            classes: own_classes,
            ..
        } = &self;
        let key = |d: &Department| d.key.clone();
        let departments = merged(&before.departments, own_departments, key);
        let place = |d: DepartmentId| {
            let own = own_departments.get(usize::from(d.0));
            let at = own.and_then(|own| departments.iter().position(|d| d.key == own.key));
            at.map_or(d, |at| DepartmentId(at as u16))
        };
        let own_classes: Vec<CaseClass> = own_classes
            .iter()
            .map(|c| CaseClass {
                department: place(c.department),
                ..c.clone()
            })
            .collect();
        let classes = merged(&before.classes, &own_classes, |c| c.code.clone());
        let is_gone = |c: &CaseClass| !own_classes.iter().any(|own| own.code == c.code);
        let gone = classes.iter().enumerate().filter(|(_, c)| is_gone(c));
        let gone = gone.map(|(at, _)| ClassId(at as u16)).collect();
        let rules = Self {
            classes,
            departments,
            ..self
        };
        Continued { rules, gone }
    }
}

/// What was there at its place, as it is now where it still is; then what is new.
fn merged<T: Clone>(before: &[T], now: &[T], key: impl Fn(&T) -> String) -> Vec<T> {
    let find = |list: &[T], wanted: &str| list.iter().find(|t| key(t) == wanted).cloned();
    let kept = before
        .iter()
        .map(|t| find(now, &key(t)).unwrap_or_else(|| t.clone()));
    let new = now.iter().filter(|t| find(before, &key(t)).is_none());
    kept.chain(new.cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::examples::{class, department, rules};

    fn codes(rules: &Rules) -> Vec<(&str, u16)> {
        let all = rules.classes.iter();
        all.map(|c| (c.code.as_str(), c.department.0)).collect()
    }

    #[test]
    fn classes_and_departments_keep_their_numbers_however_the_tables_are_edited() {
        let before = Rules {
            departments: vec![department("drainage"), department("roads")],
            classes: vec![class("C0101", 0), class("C0102", 0), class("E0101", 1)],
            ..rules()
        };
        let edited = Rules {
            departments: vec![
                department("roads"),
                department("parks"),
                department("drainage"),
            ],
            // One is taken out, one is new at the top, the order is another.
            classes: vec![class("A0001", 1), class("E0101", 2), class("C0102", 0)],
            ..rules()
        };
        let now = edited.clone().continuing(&before);
        let keys: Vec<_> = now
            .rules
            .departments
            .iter()
            .map(|d| d.key.as_str())
            .collect();
        assert_eq!(keys, ["drainage", "roads", "parks"]);
        let expected = [("C0101", 0), ("C0102", 1), ("E0101", 0), ("A0001", 2)];
        assert_eq!(codes(&now.rules), expected);
        assert_eq!(now.gone, [ClassId(0)]);
        assert_eq!(now.rules.check(), Ok(()));
        let again = edited.continuing(&now.rules);
        assert_eq!(again, now, "the same table once more changes nothing");
        let unedited = before.clone().continuing(&before);
        assert_eq!((unedited.rules, unedited.gone), (before, vec![]));
    }
}
