use crate::say;
use std::path::Path;

/// What every command that makes a file is told about it.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct OutArgs {
    /// Replace what is there already; without it only new files are made
    #[arg(long)]
    pub replace: bool,
}

impl OutArgs {
    /// Says what was written; beside it where `file` is standard output.
    pub fn say(self, file: &Path, words: &dyn std::fmt::Display) {
        if file == Path::new("-") {
            eprintln!("{}", say::words(words));
        } else {
            println!("{}", say::words(words));
        }
    }
}
