//! Texts that others wrote, for programs that would take a part of them for an instruction.

use std::borrow::Cow;

/// What turns the direction of writing, so that a name can stand for another, and marks that nobody sees.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// A cell of a table that is opened with a spreadsheet: what such a program would calculate (`=HYPERLINK(…)`) gets an
/// apostrophe in front, by which it takes the rest for text. NUL, which no table holds, becomes the sign for what is none.
///
/// Source: <https://owasp.org/www-community/attacks/CSV_Injection>.
pub fn cell(text: &str) -> Cow<'_, str> {
    // Spreadsheets in Chinese and Japanese take the wide forms as well, and all of them pass over blanks in front.
    let first = text.trim_start_matches([' ', '\u{a0}', '\u{3000}', '\u{feff}']);
    let calculates = first.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '\0',
    ]);
    let text = if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    };
    if calculates {
        Cow::Owned(format!("'{text}"))
    } else {
        text
    }
}

/// A text inside HTML, whatever it holds; lines stay lines.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push_str("<br>"),
            c if c.is_control() || is_unseen(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A whole page whose texts are escaped already, without characters that nobody sees.
pub fn page(html: String) -> String {
    let unseen = |c: char| is_unseen(c) || c.is_control() && !matches!(c, '\n' | '\t' | '\r');
    if html.contains(unseen) {
        html.replace(unseen, "\u{fffd}")
    } else {
        html
    }
}

/// One line on a terminal: what would move its cursor, change its colours or turn its writing is shown as its number.
pub fn line(text: &str) -> Cow<'_, str> {
    let moves = |c: char| c.is_control() || is_unseen(c);
    if !text.contains(moves) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(' '),
            c if moves(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheet_calculates_nothing_that_somebody_wrote() {
        for (text, expected) in [
            (
                "=HYPERLINK(\"http://x\",\"y\")",
                "'=HYPERLINK(\"http://x\",\"y\")",
            ),
            ("+86 25 1234", "'+86 25 1234"),
            ("-1+1|cmd", "'-1+1|cmd"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            (" =1", "' =1"),
            ("＝1", "'＝1"),
            ("珠江路=中山路", "珠江路=中山路"),
            ("", ""),
            ("苏A·0001", "苏A·0001"),
            ("a\0b", "a\u{fffd}b"),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }

    #[test]
    fn nothing_in_a_page_or_on_a_terminal_is_an_instruction() {
        assert_eq!(
            html("<script>alert('1')</script>\n&\u{202e}\u{1b}"),
            "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;<br>&amp;\u{fffd}\u{fffd}"
        );
        assert_eq!(
            page("<b>\u{202e}a\u{0}</b>\n".into()),
            "<b>\u{fffd}a\u{fffd}</b>\n"
        );
        assert_eq!(line("a\u{1b}[2Jb\nc\u{202e}"), "a\\u{1b}[2Jb c\\u{202e}");
        assert_eq!(line("积水 约 20 厘米"), "积水 约 20 厘米");
    }
}
