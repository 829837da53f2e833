//! What the measuring programs have in common.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// The value that a share `p` (0 … 1) of the values does not exceed; 0 where there are none. Sorts the values.
pub fn percentile(values: &mut [u32], p: f64) -> u32 {
    values.sort_unstable();
    let at = ((values.len() as f64 - 1.0) * p).round() as usize;
    values.get(at).copied().unwrap_or(0)
}

/// Memory of a process that lies in RAM, bytes. Linux only.
///
/// # Errors
/// When there is no such process.
pub fn resident_bytes(pid: u32) -> Result<u64> {
    status_bytes(pid, "VmRSS:")
}

/// The most memory of a process that has lain in RAM so far, bytes. Linux only.
///
/// # Errors
/// When there is no such process, or it has ended.
pub fn peak_bytes(pid: u32) -> Result<u64> {
    status_bytes(pid, "VmHWM:")
}

/// What threads have spent so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    /// On processors, on their own account and the system's, seconds.
    pub ran_s: f64,
    /// Waiting for a processor, ready to run, seconds.
    pub waited_s: f64,
}

/// What the threads of a process that still run have spent, by name. Linux only.
///
/// # Errors
/// When there is no such process.
pub fn threads(pid: u32) -> Result<BTreeMap<String, Spent>> {
    let mut all: BTreeMap<String, Spent> = BTreeMap::new();
    for task in std::fs::read_dir(Path::new("/proc").join(pid.to_string()).join("task"))? {
        let task = task?.path();
        // One that has ended meanwhile has no files any more.
        let (Ok(name), Ok(text)) = (
            std::fs::read_to_string(task.join("comm")),
            std::fs::read_to_string(task.join("schedstat")),
        ) else {
            continue;
        };
        let mut ns = text.split_whitespace().map(str::parse::<f64>);
        let mut next_s = || anyhow::Ok(ns.next().context("schedstat")?? / 1e9);
        let (ran_s, waited_s) = (next_s()?, next_s()?);
        let spent = all.entry(name.trim().to_owned()).or_default();
        spent.ran_s += ran_s;
        spent.waited_s += waited_s;
    }
    Ok(all)
}

/// Seconds that a process has spent on processors so far, on its own account and the system's. Linux only.
///
/// # Errors
/// When there is no such process.
pub fn processor_s(pid: u32) -> Result<f64> {
    Ok(threads(pid)?.values().map(|s| s.ran_s).sum())
}

fn status_bytes(pid: u32, key: &'static str) -> Result<u64> {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status"))?;
    let line = status.lines().find(|l| l.starts_with(key)).context(key)?;
    let value = line.split_whitespace().nth(1);
    let kib: u64 = value.with_context(|| format!("{key} value"))?.parse()?;
    Ok(kib * 1_024)
}
