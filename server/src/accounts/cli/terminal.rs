//! Passwords as they are typed: from a terminal that does not show them, or from standard input, never from arguments,
//! which every program of the machine may read.

use anyhow::{Context, Result, ensure};
use std::io::{BufRead, IsTerminal, Write};

/// Longest line that is read, bytes.
const LINE_BYTES_MAX: u64 = 4_096;

/// A line of an input without its end.
fn line(input: &mut dyn BufRead) -> Result<String> {
    let mut text = String::new();
    std::io::Read::take(input, LINE_BYTES_MAX)
        .read_line(&mut text)
        .context("the password cannot be read")?;
    let line = text.trim_end_matches(['\n', '\r']);
    ensure!(!line.is_empty(), "no password was given");
    Ok(line.to_owned())
}

/// A password from standard input.
pub(super) fn from_input() -> Result<String> {
    line(&mut std::io::stdin().lock())
}

/// A password that is typed twice without being shown.
pub(super) fn typed_twice() -> Result<String> {
    let stdin = std::io::stdin();
    ensure!(
        stdin.is_terminal(),
        "this is no terminal: give --password-stdin or --one-time"
    );
    let _quiet = Quiet::of(&stdin)?;
    let ask = |what: &str| {
        eprint!("{} ", crate::say::words(&what));
        let _ = std::io::stderr().flush();
        let read = line(&mut std::io::stdin().lock());
        eprintln!();
        read
    };
    let first = ask("new password:")?;
    let second = ask("once more:")?;
    ensure!(
        first == second,
        "the two are not the same; nothing was done"
    );
    Ok(first)
}

/// A terminal that shows nothing of what is typed, until this is dropped.
#[cfg(unix)]
struct Quiet(rustix::termios::Termios);

#[cfg(unix)]
impl Quiet {
    fn of(stdin: &std::io::Stdin) -> Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let as_before = tcgetattr(stdin).context("the terminal cannot be kept from showing it")?;
        let mut quiet = as_before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        quiet.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(stdin, OptionalActions::Flush, &quiet)
            .context("the terminal cannot be kept from showing it")?;
        Ok(Self(as_before))
    }
}

#[cfg(unix)]
impl Drop for Quiet {
    fn drop(&mut self) {
        let now = rustix::termios::OptionalActions::Now;
        let _ = rustix::termios::tcsetattr(std::io::stdin(), now, &self.0);
    }
}

#[cfg(not(unix))]
struct Quiet;

#[cfg(not(unix))]
impl Quiet {
    fn of(_: &std::io::Stdin) -> Result<Self> {
        anyhow::bail!("the terminal cannot be kept from showing it: give --password-stdin")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_password_and_nothing_is_none() {
        let read = |text: &str| line(&mut text.as_bytes());
        assert_eq!(read("tide lantern\r\nmore").unwrap(), "tide lantern");
        assert_eq!(read(" spaces count ").unwrap(), " spaces count ");
        assert!(read("\n").is_err() && read("").is_err());
        let long = "x".repeat(10_000);
        assert_eq!(read(&long).unwrap().len() as u64, LINE_BYTES_MAX);
    }
}
