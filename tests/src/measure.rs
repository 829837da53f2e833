//! What the measuring programs have in common.

use anyhow::{Context, Result};
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

/// Seconds that a process has spent on processors so far, on its own account and the system's. Linux only.
///
/// # Errors
/// When there is no such process.
pub fn processor_s(pid: u32) -> Result<f64> {
    let tasks = std::fs::read_dir(Path::new("/proc").join(pid.to_string()).join("task"))?;
    let mut sum_ns = 0.0;
    for task in tasks {
        let text = std::fs::read_to_string(task?.path().join("schedstat"))?;
        let spent = text.split_whitespace().next().context("schedstat")?;
        sum_ns += spent.parse::<f64>()?;
    }
    Ok(sum_ns / 1e9)
}

fn status_bytes(pid: u32, key: &'static str) -> Result<u64> {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status"))?;
    let line = status.lines().find(|l| l.starts_with(key)).context(key)?;
    let value = line.split_whitespace().nth(1);
    let kib: u64 = value.with_context(|| format!("{key} value"))?.parse()?;
    Ok(kib * 1_024)
}
