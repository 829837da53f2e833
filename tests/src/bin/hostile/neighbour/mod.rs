//! What the neighbour does, all of it at once and over and over. Nothing of it needs to succeed; what becomes of it is
//! counted, so that one sees that it was done.

mod feeds;
mod sessions;
mod shell;
mod strangers;

use crate::Campaign;
use anyhow::Result;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;

/// What became of the misdeeds: by misdeed and by result, how often.
#[derive(Debug, Default)]
pub struct Deeds(Mutex<BTreeMap<&'static str, BTreeMap<String, u64>>>);

impl Deeds {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, BTreeMap<String, u64>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn note(&self, deed: &'static str, result: impl Into<String>) {
        self.notes(deed, result, 1);
    }

    pub fn notes(&self, deed: &'static str, result: impl Into<String>, count: u64) {
        let mut all = self.lock();
        *all.entry(deed)
            .or_default()
            .entry(result.into())
            .or_default() += count;
    }

    /// How often something became of a misdeed.
    pub fn count(&self, deed: &str, result: &str) -> u64 {
        let all = self.lock();
        let of = all.get(deed).and_then(|results| results.get(result));
        of.copied().unwrap_or(0)
    }

    /// All of it as lines.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (deed, results) in &*self.lock() {
            let results: Vec<_> = results.iter().map(|(r, n)| format!("{r}: {n}")).collect();
            // A string takes what is written to it.
            let _ = writeln!(text, "  {deed} — {}", results.join(", "));
        }
        text
    }
}

/// One misdeed, done again and again with a rest in between, until everything ends.
fn again<F>(
    campaign: &Chosen<'_>,
    deed: &'static str,
    rest: Duration,
    what: impl Fn(Campaign, u64) -> F + Send + 'static,
) -> JoinHandle<()>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let chosen = campaign.has(deed);
    let campaign = campaign.campaign.clone();
    tokio::spawn(async move {
        if !chosen {
            return;
        }
        for round in 0.. {
            if !campaign.goes_on() {
                break;
            }
            // A server that refuses or hangs up is what is hoped for.
            let done = what(campaign.clone(), round);
            let result = match tokio::time::timeout(Duration::from_mins(3), done).await {
                Ok(Ok(())) => "rounds".to_owned(),
                Ok(Err(error)) => format!(
                    "rounds that ended early ({})",
                    first_words(&error.to_string())
                ),
                Err(_) => "rounds that hung".to_owned(),
            };
            if campaign.goes_on() {
                campaign.deeds.note(deed, result);
            }
            tokio::time::sleep(rest).await;
        }
    })
}

/// The beginning of what is said, so that errors of one kind are one.
fn first_words(text: &str) -> String {
    let words = text.split([':', '(', '{']).next().unwrap_or_default();
    words.trim().chars().take(60).collect()
}

/// A campaign, and which misdeeds are done in it.
struct Chosen<'a> {
    campaign: &'a Campaign,
    only: &'a [String],
}

impl Chosen<'_> {
    fn has(&self, deed: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|word| deed.contains(word.as_str()))
    }
}

/// Every misdeed whose name holds one of these words, or every one, each a task.
pub fn begin(campaign: &Campaign, only: &[String]) -> Result<Vec<JoinHandle<()>>> {
    let mut tasks = Vec::new();
    let campaign = &Chosen { campaign, only };
    tasks.extend(strangers::begin(campaign));
    tasks.extend(sessions::begin(campaign));
    tasks.extend(feeds::begin(campaign)?);
    tasks.push(shell::begin(campaign));
    Ok(tasks)
}
