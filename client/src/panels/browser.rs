//! Pages of the server in the system's browser.

use super::console::PanelActs;
use super::notice::Notice;
use crate::door::Door;
use bevy::prelude::*;
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long an address is shown that no browser could be opened for.
const STAY: Duration = Duration::from_secs(24);

/// Opens a page of the server, by its path, in the system's browser.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct OpenPage(pub String);

/// Carries out [`OpenPage`]: panels only ask for a page.
pub struct BrowserPlugin;

impl Plugin for BrowserPlugin {
    fn build(&self, app: &mut App) {
        app.add_message::<OpenPage>()
            .add_systems(PanelActs, carry_out);
    }
}

/// Where a page cannot be opened, its address is shown.
fn carry_out(
    mut acts: MessageReader<OpenPage>,
    door: Res<Door>,
    mut notices: MessageWriter<Notice>,
) {
    for OpenPage(path) in acts.read() {
        let Some(text) = page_url(&door.server(), path) else {
            continue;
        };
        if let Err(error) = open(&text) {
            info!("no browser: {error}");
            notices.write(Notice { text, stay: STAY });
        }
    }
}

/// Address of a page of the server: `path` as the server gave it.
///
/// `ws://host:port/v1/ws` and `/v1/drills/3/report.html` give `http://host:port/v1/drills/3/report.html`; `None` if
/// the server's address cannot be read.
fn page_url(server: &str, path: &str) -> Option<String> {
    let (scheme, rest) = server.split_once("://")?;
    let scheme = match scheme {
        "ws" | "http" => "http",
        "wss" | "https" => "https",
        _ => return None,
    };
    let host = rest.split('/').next().filter(|h| !h.is_empty())?;
    // Never anywhere else than to the connected server, whatever the path says.
    let path = path.trim_start_matches('/');
    Some(format!("{scheme}://{host}/{path}"))
}

/// Opens an address with the system's own program.
///
/// # Errors
/// What the system said, where it has no such program.
fn open(url: &str) -> std::io::Result<()> {
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
