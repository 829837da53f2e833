use crate::i18n::Words;

/// A skill in words; one that has none is shown by its key.
pub fn skill_word<'a>(skill: &'a str, words: &'a Words) -> &'a str {
    match skill {
        "sanitation" => words.t("skill.sanitation"),
        "drainage" => words.t("skill.drainage"),
        "manhole" => words.t("skill.manhole"),
        "repair" => words.t("skill.repair"),
        "lighting" => words.t("skill.lighting"),
        "greening" => words.t("skill.greening"),
        "enforcement" => words.t("skill.enforcement"),
        "patrol" => words.t("skill.patrol"),
        "traffic" => words.t("skill.traffic"),
        other => other,
    }
}
