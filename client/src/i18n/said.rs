//! What the server says in English, said in Chinese: `assets/locales/commands.toml` has its sentences with gaps in them.

use serde::Deserialize;
use std::sync::OnceLock;

const SHIPPED: &str = include_str!("../../../assets/locales/commands.toml");
/// A sentence within a sentence within a sentence is enough.
const DEPTH_MAX: usize = 4;

#[derive(Deserialize)]
struct File {
    said: Vec<Sentence>,
}

/// A sentence; what stands in braces may be anything.
#[derive(Deserialize)]
struct Sentence {
    en: String,
    zh: String,
}

/// All sentences, the one that says most first: of several that fit it is meant.
fn sentences() -> &'static [Sentence] {
    static SENTENCES: OnceLock<Vec<Sentence>> = OnceLock::new();
    SENTENCES.get_or_init(|| {
        let read = toml::from_str::<File>(SHIPPED);
        let mut said = read.map_or_else(|_| Vec::new(), |f| f.said);
        let weight = |s: &Sentence| {
            s.en.split(['{', '}'])
                .step_by(2)
                .map(str::len)
                .sum::<usize>()
        };
        said.sort_by_key(|s| std::cmp::Reverse(weight(s)));
        said
    })
}

/// A text of the server in Chinese; what is not known stays as it is.
pub(super) fn in_chinese(text: &str) -> String {
    said(text, 0)
}

fn said(text: &str, depth: usize) -> String {
    let all = sentences().iter().filter(|_| depth < DEPTH_MAX);
    let mut fits = all.filter_map(|s| Some((s, gaps(&s.en, text)?)));
    let Some((sentence, gaps)) = fits.next() else {
        return text.to_owned();
    };
    let mut out = sentence.zh.clone();
    for (gap, value) in gaps {
        out = out.replace(&format!("{{{gap}}}"), &said(value, depth + 1));
    }
    out
}

/// What stands in the gaps of a sentence, where a text is that sentence.
fn gaps<'p, 't>(sentence: &'p str, text: &'t str) -> Option<Vec<(&'p str, &'t str)>> {
    let Some((before, rest)) = sentence.split_once('{') else {
        return (sentence == text).then(Vec::new);
    };
    let text = text.strip_prefix(before)?;
    let (gap, after) = rest.split_once('}')?;
    let next = after.split('{').next().unwrap_or_default();
    if next.is_empty() {
        return after.is_empty().then(|| vec![(gap, text)]);
    }
    text.match_indices(next).find_map(|(at, _)| {
        let mut found = gaps(after, &text[at..])?;
        found.push((gap, &text[..at]));
        Some(found)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_says_is_said_in_chinese_with_all_that_stands_in_it() {
        for (en, zh) in [
            (
                "the password is too weak: years and days are guessed quickly",
                "密码太弱：年份和日期很快就会被猜到",
            ),
            (
                "too many wrong passwords; try again in 8 s",
                "密码错误次数过多，请在 8 秒后再试",
            ),
            (
                "there is an account of the name \"li\" already",
                "登录名 \"li\" 已有账号",
            ),
            ("nobody has said this", "nobody has said this"),
            ("", ""),
        ] {
            assert_eq!(in_chinese(en), zh);
        }
    }

    /// What a person may meet who logs in, or whose session ends.
    #[test]
    fn nobody_is_kept_out_in_a_language_that_they_did_not_choose() {
        for en in [
            "the name or the password is wrong",
            "this account is disabled; ask an administrator",
            "the password must be changed: log in with it and a new one (new_password)",
            "too many log in at the moment; try again in 1 s",
            "this account opens nothing any more; ask an administrator",
            "this session was ended; log in again",
            "this session has expired; log in again",
            "this server has accounts now; log in",
            "the token is not known",
            "this server has no accounts; make one with `chengtu-server user add`",
            "nobody takes their own account or roles away; have another administrator do it",
            "only an administrator does that",
            "there is no such session",
        ] {
            assert_ne!(in_chinese(en), en);
        }
    }
}
