//! Pages in words for whoever looks at a browser: no script, nothing loaded, nothing kept.

use crate::say;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chengtu_engine::city::Language;
use maud::{DOCTYPE, html};

/// Whoever looks at a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reader(Language);

impl Reader {
    /// By what a browser says that is read: of Chinese and English the one that is read rather.
    pub fn of(headers: &HeaderMap) -> Self {
        let said = headers.get(header::ACCEPT_LANGUAGE);
        let said = said.and_then(|v| v.to_str().ok()).unwrap_or_default();
        let mut best = (0.0, Language::default());
        for one in said.split(',').take(32) {
            let mut parts = one.split(';');
            let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = parts.find_map(|p| p.trim().strip_prefix("q=")?.parse().ok());
            let weight: f32 = weight.unwrap_or(1.0);
            let language = match tag.split('-').next() {
                Some("zh") => Language::Zh,
                Some("en") => Language::En,
                _ => continue,
            };
            if weight > best.0 {
                best = (weight, language);
            }
        }
        Self(best.1)
    }
}

/// A page with a title in Chinese and English, and a text that the catalogue of sentences has.
pub(super) fn page(
    reader: Reader,
    status: StatusCode,
    title: (&str, &str),
    text: &str,
) -> Response {
    let language = reader.0;
    let title = language.of(title.0, title.1);
    let text = say::words_in(language, &text);
    let body = html! {
        (DOCTYPE)
        html lang=(language.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) " · 城图" }
                style { "body{font:1.1rem/1.6 sans-serif;max-width:34rem;margin:18vh auto;padding:0 1.5rem}" }
            }
            body {
                h1 { (title) }
                p { (text) }
            }
        }
    };
    let mut answer = (status, body.into_string()).into_response();
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_in_the_language_that_is_read_rather() {
        for (said, expected) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Zh),
            ("en-GB,en;q=0.9,zh;q=0.1", Language::En),
            ("en;q=0.2, zh;q=0.7", Language::Zh),
            ("de, en;q=0.5", Language::En),
            ("", Language::default()),
            ("*;q=x,,;", Language::default()),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, said.parse().unwrap());
            assert_eq!(Reader::of(&headers), Reader(expected), "{said}");
        }
    }

    #[test]
    fn what_stands_on_a_page_is_text() {
        let title = ("没有登录", "Not logged in");
        let answer = page(
            Reader(Language::En),
            StatusCode::FORBIDDEN,
            title,
            "<script>",
        );
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        let policy = &answer.headers()[header::CONTENT_SECURITY_POLICY];
        assert!(policy.to_str().unwrap().starts_with("default-src 'none'"));
        let body = answer.into_body();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let bytes = runtime
            .block_on(axum::body::to_bytes(body, 10_000))
            .unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(text.contains("&lt;script&gt;") && !text.contains("<script"));
    }
}
