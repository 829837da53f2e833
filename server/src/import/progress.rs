use indicatif::{ProgressBar, ProgressStyle};
use std::io::Read;

/// How far a long import is. Draws only where standard error is a terminal.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar on standard error; nothing at all where that is no terminal.
    pub fn on_terminal() -> Self {
        Self {
            bar: ProgressBar::new(0),
        }
    }

    /// A progress that draws nothing, for tests and scripts.
    pub fn hidden() -> Self {
        Self {
            bar: ProgressBar::hidden(),
        }
    }

    /// Begins a stage measured in bytes of the file.
    pub fn bytes(&self, what: &'static str, total: u64) {
        self.stage(
            what,
            total,
            "{msg:<24} {bar:32} {bytes}/{total_bytes} {eta}",
        );
    }

    /// Begins a stage measured in steps.
    pub fn steps(&self, what: &'static str, total: u64) {
        self.stage(what, total, "{msg:<24} {bar:32} {pos}/{len} {eta}");
    }

    fn stage(&self, what: &'static str, total: u64, template: &str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.set_message(what);
        self.bar.set_length(total);
        self.bar.set_position(0);
    }

    /// `n` steps further.
    pub fn advance(&self, n: u64) {
        self.bar.inc(n);
    }

    /// A reader that moves the bar by what passes through it.
    pub fn count<R: Read>(&self, reader: R) -> impl Read + use<R> {
        self.bar.wrap_read(reader)
    }

    /// Takes the bar away.
    pub fn done(&self) {
        self.bar.finish_and_clear();
    }
}
