//! Options of the measuring programs: `--name value`, in any order.

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;

/// What was given on the command line.
#[derive(Debug)]
pub struct Options(BTreeMap<String, String>);

impl Options {
    /// Of this program's command line; `known` are the names that there are, without their dashes.
    ///
    /// # Errors
    /// When a name is not known, stands twice or has no value.
    pub fn read(known: &[&str]) -> Result<Self> {
        Self::of(std::env::args().skip(1), known)
    }

    fn of(mut args: impl Iterator<Item = String>, known: &[&str]) -> Result<Self> {
        let mut given = BTreeMap::new();
        while let Some(arg) = args.next() {
            let name = arg.strip_prefix("--").filter(|n| known.contains(n));
            let Some(name) = name else {
                bail!("unknown option {arg}; there are --{}", known.join(", --"));
            };
            let value = args
                .next()
                .with_context(|| format!("{arg} needs a value"))?;
            if given.insert(name.to_owned(), value).is_some() {
                bail!("{arg} stands twice");
            }
        }
        Ok(Self(given))
    }

    /// The value of an option, or what holds without it.
    ///
    /// # Errors
    /// When it is none of its kind.
    pub fn get<T>(&self, name: &str, otherwise: T) -> Result<T>
    where
        T: FromStr,
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        let given = self.0.get(name).map(|text| text.parse());
        let given = given.transpose().with_context(|| format!("--{name}"))?;
        Ok(given.unwrap_or(otherwise))
    }

    /// A path, where one was given.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.0.get(name).map(PathBuf::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Options> {
        let args = text.split_whitespace().map(str::to_owned);
        Options::of(args, &["movers", "out"])
    }

    #[test]
    fn options_are_read_by_name_and_what_is_wrong_is_named() {
        let o = of("--out a/b --movers 7").unwrap();
        assert_eq!(o.get("movers", 1).unwrap(), 7);
        assert_eq!(o.path("out"), Some(PathBuf::from("a/b")));
        assert_eq!(of("").unwrap().get("movers", 5).unwrap(), 5);
        for (text, words) in [
            ("--mover 7", "--movers"),
            ("movers 7", "unknown option movers"),
            ("--movers", "needs a value"),
            ("--movers 1 --movers 2", "stands twice"),
        ] {
            assert!(of(text).unwrap_err().to_string().contains(words), "{text}");
        }
        let error = of("--movers many").unwrap().get("movers", 1).unwrap_err();
        assert!(error.to_string().contains("--movers"));
    }
}
