//! Notices of the server in the officer's language.

use crate::i18n::Words;

/// Codes of which the server's own words add a name, a place or a reason to ours.
const WITH_DETAILS: [u16; 10] = [503, 605, 607, 608, 609, 611, 614, 616, 621, 630];

/// The words of a notice's number.
fn key(code: u16) -> Option<&'static str> {
    Some(match code {
        503 => "notice.stopped",
        601 => "notice.unreadable",
        602 => "notice.too_large",
        603 => "notice.hello_first",
        604 => "notice.no_access",
        605 => "notice.no_such_unit",
        606 => "notice.full",
        607 => "notice.not_permitted",
        608 => "notice.no_answer",
        609 => "notice.no_such_world",
        610 => "notice.world_ended",
        611 => "notice.too_many_worlds",
        612 => "notice.not_your_clock",
        613 => "notice.end_of_record",
        614 => "notice.no_past",
        615 => "notice.no_event",
        616 => "notice.gap",
        620 => "notice.area_empty",
        621 => "notice.no_scenario",
        630 => "notice.no_fork",
        _ => return None,
    })
}

/// What a notice says. The server's own words are English; where they say more than ours for their number they stand
/// alone in English, and in brackets behind ours in Chinese.
pub fn words(w: &Words, code: u16, text: &str) -> String {
    let Some(key) = key(code).filter(|_| !has_chinese(text)) else {
        return text.to_owned();
    };
    let own = w.t(key);
    if text.is_empty() || !WITH_DETAILS.contains(&code) {
        own.to_owned()
    } else if w.is_zh() {
        w.f("notice.more", &[("own", own), ("text", text)])
    } else {
        text.to_owned()
    }
}

fn has_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn a_notice_is_told_in_the_officers_language() {
        let zh = Words::shipped(Lang::Zh).unwrap();
        let en = Words::shipped(Lang::En).unwrap();
        let text = "this is the last record of the log";
        assert_eq!(words(&en, 613, text), "The record ends here");
        assert_eq!(words(&zh, 613, text), "已到记录的尽头，之外没有内容");
    }

    #[test]
    fn what_the_server_adds_is_kept() {
        let zh = Words::shipped(Lang::Zh).unwrap();
        let told = words(&zh, 616, "02:00 to 02:10: the file was cut");
        assert!(told.starts_with("此处有一段记录缺失"), "{told}");
        assert!(told.contains("02:00 to 02:10"), "{told}");
    }

    #[test]
    fn a_number_of_a_newer_server_is_told_in_its_own_words() {
        let zh = Words::shipped(Lang::Zh).unwrap();
        assert_eq!(words(&zh, 699, "something new"), "something new");
        assert_eq!(
            words(&zh, 620, "秦淮区内已没有任何单元"),
            "秦淮区内已没有任何单元"
        );
    }
}
