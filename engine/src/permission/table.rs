use super::Rights;
use std::collections::BTreeMap;

/// The roles of a city's people, each with what it may do: data of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleTable(BTreeMap<String, Rights>);

impl RoleTable {
    /// Of these roles; of one word that comes twice the last holds.
    pub fn new(roles: impl IntoIterator<Item = (String, Rights)>) -> Self {
        Self(roles.into_iter().collect())
    }

    /// What a role may do; `None` for a word that names none.
    pub fn rights(&self, word: &str) -> Option<Rights> {
        self.0.get(word).copied()
    }

    /// What somebody with several roles may do: all that one of them may. A word that names no role gives nothing.
    pub fn of_all<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Rights {
        let known = words.into_iter().filter_map(|w| self.rights(w));
        known.fold(Rights::NONE, Rights::and)
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

    #[test]
    fn several_roles_may_what_one_of_them_may_and_an_unknown_word_gives_nothing() {
        let (file, send) = (Permission::DecideCases, Permission::SendUnits);
        let roles = [("intake", file), ("dispatcher", send)];
        let table = RoleTable::new(roles.map(|(w, p)| (w.to_owned(), Rights::of(&[p]))));
        assert_eq!(
            table.of_all(["intake", "dispatcher"]),
            Rights::of(&[file, send])
        );
        assert_eq!(table.of_all(["intake", "boss"]), Rights::of(&[file]));
        assert_eq!(table.rights("boss"), None);
        assert!(table.words().eq(["dispatcher", "intake"]));
    }
}
