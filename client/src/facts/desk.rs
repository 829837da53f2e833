//! What a desk is called.

use crate::i18n::Words;
use chengtu_engine::model::desk_parts;

/// The name of a desk, with its number where another desk has the same name: `周岚（席位 2）`.
pub fn desk_name(desk: &str, words: &Words) -> String {
    match desk_parts(desk) {
        (name, Some(number)) => {
            let number = number.to_string();
            words.f("desk.numbered", &[("name", name), ("number", &number)])
        }
        (name, None) => name.to_owned(),
    }
}

/// Names one after the other.
pub fn listed(names: &[String], words: &Words) -> String {
    names.join(if words.is_zh() { "、" } else { ", " })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn a_desk_is_called_by_its_number_only_where_it_has_one() {
        let [zh, en] = [Lang::Zh, Lang::En].map(|l| Words::shipped(l).unwrap());
        assert_eq!(desk_name("周岚", &zh), "周岚");
        assert_eq!(desk_name("周岚 #2", &zh), "周岚（席位 2）");
        assert_eq!(desk_name("周岚 #2", &en), "周岚 (desk 2)");
    }
}
