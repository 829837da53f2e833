//! Who acts on a class of cases, with what skill, and what it is called in English.

use crate::pack::RawClassRow;

/// The table that ships with the program.
const DUTIES: &str = include_str!("../../../data/standards/case_class_duties.csv");
/// The standard whose classes a pack gets unless another is given.
pub const STANDARD: &str = include_str!("../../../data/standards/case_classes.csv");

/// Name in English, department and skill of a class.
///
/// A class of the shipped standard (same code, same name) is looked up; any other goes by its top class and by words
/// in its name.
pub fn decide(row: &RawClassRow, code: &str) -> (String, String, String) {
    let known = DUTIES
        .lines()
        .skip(1)
        .map(|l| l.split(',').collect::<Vec<_>>());
    let known = known
        .filter(|f| f.len() == 5)
        .find(|f| f[0] == code && f[1] == row.small_name);
    if let Some(f) = known {
        return (f[2].to_owned(), f[3].to_owned(), f[4].to_owned());
    }
    let (department, skill) = by_words(&row.small_name, &row.big_name);
    (String::new(), department.to_owned(), skill.to_owned())
}

/// A group of the shipped standard in English.
pub fn group_in_english(group: &str) -> Option<&'static str> {
    let known = [
        ("公用设施", "Public utilities"),
        ("道路交通设施", "Roads and traffic"),
        ("市容环境设施", "Street fixtures"),
        ("园林绿化设施", "Parks and greenery"),
        ("其他部件", "Other objects"),
        ("市容环境", "Cleanliness"),
        ("宣传广告", "Signs and advertisements"),
        ("施工管理", "Building sites"),
        ("街面秩序", "Street order"),
        ("突发事件", "Emergencies"),
        ("其他事件", "Other events"),
    ];
    let found = known.iter().find(|(own, _)| *own == group);
    found.map(|(_, english)| *english)
}

fn by_words(name: &str, group: &str) -> (&'static str, &'static str) {
    let rules: [(&[&str], (&str, &str)); 8] = [
        (
            &[
                "雨水", "污水", "排水", "积水", "河道", "水域", "sewer", "drain", "flood",
            ],
            ("drainage", "drainage"),
        ),
        (&["井盖", "井", "manhole"], ("municipal", "manhole")),
        (&["路灯", "灯", "亮化", "light"], ("municipal", "lighting")),
        (
            &[
                "垃圾", "厕", "化粪", "保洁", "不洁", "积雪", "waste", "toilet", "litter",
            ],
            ("sanitation", "sanitation"),
        ),
        (
            &["树", "绿", "园林", "花", "tree", "green"],
            ("greening", "greening"),
        ),
        (
            &[
                "燃气", "供水", "热力", "电力", "通信", "通讯", "线缆", "gas", "power", "water",
            ],
            ("utilities", "repair"),
        ),
        (
            &["交通", "停车", "公交", "消防", "traffic", "parking"],
            ("patrol", "traffic"),
        ),
        (
            &["施工", "工地", "construction"],
            ("construction", "enforcement"),
        ),
    ];
    let lower = name.to_lowercase();
    if let Some((_, duty)) = rules
        .iter()
        .find(|(words, _)| words.iter().any(|w| lower.contains(w)))
    {
        return *duty;
    }
    match group {
        g if g.contains("公用") || g.contains("道路") => ("municipal", "repair"),
        g if g.contains("园林") => ("greening", "greening"),
        g if g.contains("突发") => ("patrol", "patrol"),
        _ => ("chengguan", "enforcement"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::ClassTable;
    use std::path::Path;

    #[test]
    fn every_class_of_the_shipped_standard_has_an_english_name_and_a_duty() {
        let table =
            ClassTable::read_standard(Path::new("case_classes.csv"), STANDARD.as_bytes(), decide)
                .unwrap();
        assert_eq!(table.classes.len(), 190);
        assert_eq!(
            table
                .classes
                .iter()
                .map(|c| c.conditions.len())
                .sum::<usize>(),
            519
        );
        for c in &table.classes {
            assert!(
                !c.name_en.is_empty() && !c.department.is_empty() && !c.skill.is_empty(),
                "{c:?}"
            );
            assert!(group_in_english(&c.group).is_some(), "{}", c.group);
        }
    }

    #[test]
    fn the_table_of_an_english_city_is_english_and_means_the_same() {
        let standard = || {
            let path = Path::new("case_classes.csv");
            ClassTable::read_standard(path, STANDARD.as_bytes(), decide).unwrap()
        };
        let csv = standard().in_english(group_in_english).to_pack_csv();
        let text = String::from_utf8(csv).unwrap();
        let han = |c: char| {
            ('\u{3000}'..='\u{9fff}').contains(&c) || ('\u{ff00}'..='\u{ffef}').contains(&c)
        };
        let line = text.lines().find(|l| l.chars().any(han));
        assert_eq!(line, None);
        let english = ClassTable::read_pack(Path::new("t"), text.as_bytes()).unwrap();
        let limits = |t: &ClassTable| -> Vec<_> {
            let conditions = t.classes.iter().flat_map(|c| c.conditions.iter());
            conditions.map(|c| c.limit).collect()
        };
        assert_eq!(limits(&english), limits(&standard()));
    }

    #[test]
    fn classes_of_another_standard_go_by_their_words() {
        assert_eq!(by_words("雨水井", "公用设施"), ("drainage", "drainage"));
        assert_eq!(by_words("某物", "道路交通"), ("municipal", "repair"));
        assert_eq!(by_words("某物", "街面秩序"), ("chengguan", "enforcement"));
    }
}
