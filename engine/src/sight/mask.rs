//! Names, telephones and texts as they are shown to whoever may not see them.

use std::borrow::Cow;

/// A run of fewer digits is no telephone and no number of a person.
const DIGITS_MIN: usize = 7;
/// Digits that stay at the beginning and at the end of a longer one.
const HEAD: usize = 3;
const TAIL: usize = 4;

/// A name of which the first letter stays: `王**`, `J**`. Empty stays empty.
pub fn masked_name(name: &str) -> String {
    let first = name.trim().chars().find(|c| c.is_alphanumeric());
    match first {
        Some(first) => format!("{first}**"),
        None if name.trim().is_empty() => String::new(),
        None => "**".to_owned(),
    }
}

/// A telephone of which the first three and the last four digits stay: `138****2071`; of one with fewer than eight digits
/// the last two. What stands between its digits is left out. Empty stays empty.
pub fn masked_telephone(telephone: &str) -> String {
    let digits: Vec<char> = telephone.chars().filter(|c| c.is_alphanumeric()).collect();
    masked_digits(&digits)
}

fn masked_digits(digits: &[char]) -> String {
    let n = digits.len();
    let (head, tail) = if n > HEAD + TAIL {
        (HEAD, TAIL)
    } else {
        (0, n.min(2))
    };
    let kept = |i: usize| n > 2 && (i < head || i >= n - tail);
    let shown = digits.iter().enumerate();
    shown.map(|(i, c)| if kept(i) { *c } else { '*' }).collect()
}

/// A text in which telephones, numbers of persons, addresses of mail and plates are masked, and each of these names.
pub fn masked_words<'t>(text: &'t str, names: &[&str]) -> Cow<'t, str> {
    let mut masked = Cow::Borrowed(text);
    for name in names.iter().map(|n| n.trim()).filter(|n| !n.is_empty()) {
        if masked.contains(name) {
            masked = Cow::Owned(masked.replace(name, &masked_name(name)));
        }
    }
    let chars: Vec<char> = masked.chars().collect();
    let mut out = String::with_capacity(masked.len());
    let (mut at, mut changed) = (0, false);
    while at < chars.len() {
        let found = plate(&chars, at)
            .or_else(|| mail(&chars, at))
            .or_else(|| number(&chars, at));
        if let Some((end, shown)) = found {
            out.push_str(&shown);
            (at, changed) = (end, true);
        } else {
            // A word is looked at once, from its first character.
            let is_word = |c: char| c.is_ascii_alphanumeric() || c.is_numeric();
            let in_word = is_word(chars[at]);
            out.push(chars[at]);
            at += 1;
            while in_word && at < chars.len() && is_word(chars[at]) {
                out.push(chars[at]);
                at += 1;
            }
        }
    }
    if changed { Cow::Owned(out) } else { masked }
}

/// Digits from `at` on with single marks between them: where they end, and how they are shown.
fn number(chars: &[char], at: usize) -> Option<(usize, String)> {
    let is_mark = |c: char| {
        matches!(
            c,
            ' ' | '-' | '‐' | '‑' | '–' | '·' | '.' | '(' | ')' | '（' | '）' | '/'
        )
    };
    let (mut end, mut i) = (at, at);
    let (mut digits, mut marks) = (Vec::new(), 0);
    // Lengths of what stands between marks.
    let mut groups = vec![0];
    while i < chars.len() {
        let c = chars[i];
        let last_of_id = digits.len() == 17 && matches!(c, 'x' | 'X');
        if c.is_numeric() || last_of_id {
            if marks > 0 {
                groups.push(0);
            }
            digits.push(c);
            if let Some(last) = groups.last_mut() {
                *last += 1;
            }
            (end, marks) = (i + 1, 0);
        } else if is_mark(c) && !digits.is_empty() && marks < 2 {
            marks += 1;
        } else {
            break;
        }
        i += 1;
    }
    let is_date = groups.len() == 3
        && (groups == [4, 2, 2]
            || groups == [4, 1, 1]
            || groups == [4, 1, 2]
            || groups == [4, 2, 1]);
    // Two groups of few digits are a span or a house and its flat.
    let is_short = groups.iter().all(|g| *g <= 4) && groups.len() == 2 && digits.len() < 8;
    (digits.len() >= DIGITS_MIN && !is_date && !is_short).then(|| (end, masked_digits(&digits)))
}

/// A plate of a vehicle: the province's character, a letter, five or six letters and digits.
fn plate(chars: &[char], at: usize) -> Option<(usize, String)> {
    const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领";
    const LAST: &str = "挂学警港澳";
    let (province, letter) = (*chars.get(at)?, *chars.get(at + 1)?);
    if !PROVINCES.contains(province) || !letter.is_ascii_uppercase() {
        return None;
    }
    let mut i = at + 2;
    if matches!(chars.get(i), Some('·' | '•' | ' ' | '-' | '.')) {
        i += 1;
    }
    let from = i;
    while i - from < 6 && chars.get(i).is_some_and(char::is_ascii_alphanumeric) {
        i += 1;
    }
    if i - from == 4 && chars.get(i).is_some_and(|c| LAST.contains(*c)) {
        i += 1;
    }
    let goes_on = chars.get(i).is_some_and(char::is_ascii_alphanumeric);
    let has_digit = chars[from..i].iter().any(char::is_ascii_digit);
    (i - from >= 5 && !goes_on && has_digit).then(|| (i, format!("{province}{letter}·*****")))
}

/// An address of mail.
fn mail(chars: &[char], at: usize) -> Option<(usize, String)> {
    let is_part = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let before = at.checked_sub(1).and_then(|b| chars.get(b));
    if before.is_some_and(is_part) {
        return None;
    }
    let name = chars[at..].iter().take_while(|c| is_part(c)).count();
    if name == 0 || chars.get(at + name) != Some(&'@') {
        return None;
    }
    let host = chars[at + name + 1..]
        .iter()
        .take_while(|c| is_part(c))
        .count();
    (host > 0).then(|| (at + name + 1 + host, format!("{}***@***", chars[at])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_telephones_keep_what_is_needed_to_recognise_them() {
        for (name, shown) in [
            ("王小明", "王**"),
            (" Jane Doe", "J**"),
            ("", ""),
            ("  ", ""),
            ("«»", "**"),
        ] {
            assert_eq!(masked_name(name), shown);
        }
        for (number, shown) in [
            ("13812342071", "138****2071"),
            ("138 1234-2071", "138****2071"),
            ("+86 13812342071", "861******2071"),
            ("8412345", "*****45"),
            ("110", "*10"),
            ("12", "**"),
            ("", ""),
        ] {
            assert_eq!(masked_telephone(number), shown, "{number}");
        }
    }

    #[test]
    fn numbers_of_persons_are_masked_in_any_text_and_others_stay() {
        for (text, shown) in [
            ("请联系13812342071。", "请联系138****2071。"),
            ("tel. 138-1234-2071, call", "tel. 138****2071, call"),
            ("１３８１２３４２０７１", "１３８****２０７１"),
            ("0451 8412 3456 找他", "045*****3456 找他"),
            ("身份证230102199001011234", "身份证230***********1234"),
            ("23010219900101123X", "230***********123X"),
            ("黑A·12345 挡道", "黑A·***** 挡道"),
            ("黑AD12345", "黑A·*****"),
            ("苏A1234挂在修", "苏A·*****在修"),
            ("写信 wang.wu@example.com 即可", "写信 w***@*** 即可"),
        ] {
            assert_eq!(masked_words(text, &[]), shown, "{text}");
        }
        for text in [
            "2026-12-01 积水 30 cm",
            "中山路 128-6 号 3 单元 501",
            "12345 热线",
            "3.5 米深, 120 m²",
            "黑AB 路口",
            "a@",
            "",
        ] {
            assert_eq!(masked_words(text, &[]), text);
        }
    }

    #[test]
    fn a_name_is_masked_wherever_it_stands() {
        let masked = masked_words("王小明说: 王小明家门口", &["王小明", ""]);
        assert_eq!(masked, "王**说: 王**家门口");
        assert!(matches!(
            masked_words("路面塌陷", &["李"]),
            Cow::Borrowed(_)
        ));
    }
}
