use crate::i18n::Words;
use chengtu_engine::city::Severity;

/// Name of a severity.
pub fn severity_word(severity: Severity, words: &Words) -> &str {
    words.t(match severity {
        Severity::Severe => "severity.s1",
        Severity::Urgent => "severity.s2",
        Severity::Normal => "severity.s3",
        Severity::Slight => "severity.s4",
    })
}
