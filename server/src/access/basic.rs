use axum::http::{HeaderMap, header};

/// The password of an `Authorization: Basic …` header (RFC 7617), whatever the name before it: what a browser sends
/// after it has asked its user.
pub fn password(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, packed) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(unpacked(packed.trim())?).ok()?;
    Some(text.split_once(':')?.1.to_owned())
}

/// Bytes of Base64 (RFC 4648, 4), with its padding or without; `None` for anything else.
fn unpacked(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0);
    for c in text.bytes() {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browsers_password_is_read_and_nothing_else() {
        for (value, expected) in [
            ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", Some("open sesame")),
            ("basic OjEyM8Kj", Some("123\u{a3}")),
            ("Basic OnQz", Some("t3")),
            ("Basic OmE6Yg==", Some("a:b")),
            ("Basic QWxhZGRpbg==", None),
            ("Basic !!", None),
            ("Basic Ov8=", None),
            ("Bearer OnQz", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            assert_eq!(password(&headers).as_deref(), expected, "{value:?}");
        }
    }
}
