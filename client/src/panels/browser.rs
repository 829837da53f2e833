//! Pages of the server in the system's browser.

use std::process::{Command, Stdio};

/// Address of a page of the server: `path` as the server gave it.
///
/// `ws://host:port/v1/ws` and `/v1/drills/3/report.html` give `http://host:port/v1/drills/3/report.html`; none where
/// the server's address is none.
pub fn page_url(server: &str, path: &str) -> Option<String> {
    let (scheme, rest) = server.split_once("://")?;
    let scheme = match scheme {
        "ws" | "http" => "http",
        "wss" | "https" => "https",
        _ => return None,
    };
    let host = rest.split('/').next().filter(|h| !h.is_empty())?;
    // Never anywhere else than to the server one is connected to, whatever the path says.
    let path = path.trim_start_matches('/');
    Some(format!("{scheme}://{host}/{path}"))
}

/// Opens an address with the system's own program.
///
/// # Errors
/// What the system said, where it has no such program.
pub fn open(url: &str) -> std::io::Result<()> {
    let (program, first): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(target_os = "windows") {
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else {
        ("xdg-open", &[])
    };
    let mut child = Command::new(program)
        .args(first)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    // Waited for beside the program, so that nothing is left behind when it ends.
    std::thread::spawn(move || child.wait());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_lies_on_the_server_one_is_connected_to() {
        let url = |server, path| page_url(server, path);
        assert_eq!(
            url("ws://127.0.0.1:7300", "/v1/drills/3/report").unwrap(),
            "http://127.0.0.1:7300/v1/drills/3/report"
        );
        assert_eq!(
            url("wss://city.example/v1/ws", "//evil.example/x").unwrap(),
            "https://city.example/evil.example/x"
        );
        assert!(url("127.0.0.1", "x").is_none() && url("ws://", "x").is_none());
    }
}
