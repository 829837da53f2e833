use super::Rights;
use crate::sight::DataClasses;
use std::collections::BTreeMap;

/// What a role gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoleGrant {
    /// What it may do.
    pub rights: Rights,
    /// What it sees beside what is public.
    pub sees: DataClasses,
    /// It sees what its department holds alone.
    pub only_held: bool,
}

/// The roles of a city's people, each with what it may do: data of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleTable(BTreeMap<String, RoleGrant>);

impl RoleTable {
    /// Of these roles; of one word that comes twice the last holds.
    pub fn new(roles: impl IntoIterator<Item = (String, RoleGrant)>) -> Self {
        Self(roles.into_iter().collect())
    }

    /// What a role may do; `None` for a word that names none.
    pub fn rights(&self, word: &str) -> Option<Rights> {
        self.0.get(word).map(|g| g.rights)
    }

    /// What somebody with several roles may do: all that one of them may. A word that names no role gives nothing.
    pub fn of_all<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Rights {
        self.granted(words).rights
    }

    /// What somebody with several roles has: what one of them gives. They see what they hold alone where that is so of all.
    /// A word that names no role gives nothing.
    pub fn granted<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> RoleGrant {
        let known = words.into_iter().filter_map(|w| self.0.get(w).copied());
        let both = |a: RoleGrant, b: RoleGrant| RoleGrant {
            rights: a.rights.and(b.rights),
            sees: a.sees.and(b.sees),
            only_held: a.only_held && b.only_held,
        };
        known.reduce(both).unwrap_or_default()
    }

    /// The words, in their order.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::Permission;
    use crate::sight::DataClass;

    #[test]
    fn several_roles_may_what_one_of_them_may_and_an_unknown_word_gives_nothing() {
        let (file, send) = (Permission::DecideCases, Permission::SendUnits);
        let roles = [("intake", file), ("dispatcher", send)];
        let table = RoleTable::new(roles.map(|(w, p)| {
            let grant = RoleGrant {
                rights: Rights::of(&[p]),
                sees: DataClasses::of((p == send).then_some(DataClass::Internal)),
                only_held: p == send,
            };
            (w.to_owned(), grant)
        }));
        let both = table.granted(["intake", "dispatcher"]);
        assert!(both.sees.has(DataClass::Internal) && !both.only_held);
        assert!(table.granted(["dispatcher"]).only_held);
        assert_eq!(
            table.of_all(["intake", "dispatcher"]),
            Rights::of(&[file, send])
        );
        assert_eq!(table.of_all(["intake", "boss"]), Rights::of(&[file]));
        assert_eq!(table.rights("boss"), None);
        assert!(table.words().eq(["dispatcher", "intake"]));
    }
}
