//! Notices of the server in the officer's language.

use crate::i18n::Words;
use crate::net::NO_LINK;
use chengtu_engine::code::Code;

/// Codes of which the server's own words add a name, a place or a reason to ours.
const WITH_DETAILS: [Code; 11] = [
    Code::Stopped,
    Code::NoTerminalUnit,
    Code::NotForRole,
    Code::NoAnswer,
    Code::NoSuchWorld,
    Code::TooManyWorlds,
    Code::NoPast,
    Code::Gap,
    Code::ServerClock,
    Code::NoScenario,
    Code::NoFork,
];

/// The words of a notice's number.
fn key(code: Code) -> Option<&'static str> {
    Some(match code {
        NO_LINK => "refusal.no_link",
        Code::Stopped => "notice.stopped",
        Code::BadMessage => "notice.unreadable",
        Code::TooLarge => "notice.too_large",
        Code::HelloFirst => "notice.hello_first",
        Code::NoAccess => "notice.no_access",
        Code::NoTerminalUnit => "notice.no_such_unit",
        Code::ServerFull => "notice.full",
        Code::NotForRole => "notice.not_permitted",
        Code::NoAnswer => "notice.no_answer",
        Code::NoSuchWorld => "notice.no_such_world",
        Code::WorldEnded => "notice.world_ended",
        Code::TooManyWorlds => "notice.too_many_worlds",
        Code::NotYourClock => "notice.not_your_clock",
        Code::ClockAtEdge => "notice.end_of_record",
        Code::NoPast => "notice.no_past",
        Code::NoEvent => "notice.no_event",
        Code::Gap => "notice.gap",
        Code::TooMuchAtOnce => "refusal.too_much",
        Code::ServerClock => "notice.server_clock",
        Code::WritesAgain => "notice.writes_again",
        Code::AreaEmpty => "notice.area_empty",
        Code::NoScenario => "notice.no_scenario",
        Code::NoFork => "notice.no_fork",
        _ => return None,
    })
}

/// What a notice says. The server's own words are English; where they say more than ours for their number they come
/// alone in English, and in brackets behind ours in Chinese.
pub fn words(w: &Words, code: Code, text: &str) -> String {
    let Some(key) = key(code).filter(|_| !has_chinese(text)) else {
        return of_two_languages(w, text).to_owned();
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

/// Of a text in Chinese and English, parted by a dot, the half in the officer's language; any other text whole.
fn of_two_languages<'a>(w: &Words, text: &'a str) -> &'a str {
    match text.split_once(" · ") {
        Some((zh, en)) if has_chinese(zh) && !has_chinese(en) => {
            if w.is_zh() {
                zh
            } else {
                en
            }
        }
        _ => text,
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
        assert_eq!(words(&en, Code::ClockAtEdge, text), "The record ends here");
        assert_eq!(
            words(&zh, Code::ClockAtEdge, text),
            "已到记录的尽头，之外没有内容"
        );
    }

    #[test]
    fn what_the_server_adds_is_kept() {
        let zh = Words::shipped(Lang::Zh).unwrap();
        let told = words(&zh, Code::Gap, "02:00 to 02:10: the file was cut");
        assert!(told.starts_with("此处有一段记录缺失"), "{told}");
        assert!(told.contains("02:00 to 02:10"), "{told}");
    }

    #[test]
    fn a_number_of_a_newer_server_is_told_in_its_own_words() {
        let zh = Words::shipped(Lang::Zh).unwrap();
        assert_eq!(
            words(&zh, Code::Other(699), "something new"),
            "something new"
        );
        assert_eq!(
            words(&zh, Code::AreaEmpty, "秦淮区内已没有任何单元"),
            "秦淮区内已没有任何单元"
        );
    }

    /// A drill in a Chinese city said both at every desk.
    #[test]
    fn of_a_notice_in_both_languages_the_officers_own_is_shown() {
        let text = "哈尔滨站内已没有任何单元 · no unit is left in Harbin station";
        for (lang, told) in [
            (Lang::Zh, "哈尔滨站内已没有任何单元"),
            (Lang::En, "no unit is left in Harbin station"),
        ] {
            let w = Words::shipped(lang).unwrap();
            assert_eq!(words(&w, Code::AreaEmpty, text), told);
        }
        let zh = Words::shipped(Lang::Zh).unwrap();
        let text = "南岗区 · 道里区";
        assert_eq!(words(&zh, Code::AreaEmpty, text), text);
    }
}
