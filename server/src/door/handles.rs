//! How many files and connections the system lets this process have open.

/// Kept for the log, the worlds beside the city and the pack's files: at least this many of the process's handles.
const KEPT_MIN: usize = 64;
/// At most this many, however many the process may have.
const KEPT_MAX: usize = 1_024;

/// Raises the number of files that may be open as far as the system lets the process do it; the number then, or `None`
/// where there is no limit or none that can be read.
fn limit() -> Option<usize> {
    #[cfg(unix)]
    #[allow(unsafe_code)]
    // SAFETY: both calls read or write the structure that is handed to them, and nothing else.
    unsafe {
        let mut limit = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        if libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) != 0 {
            return None;
        }
        let raised = libc::rlimit {
            rlim_cur: limit.rlim_max,
            ..limit
        };
        if limit.rlim_cur < limit.rlim_max
            && libc::setrlimit(libc::RLIMIT_NOFILE, &raw const raised) == 0
        {
            limit = raised;
        }
        usize::try_from(limit.rlim_cur).ok()
    }
    #[cfg(not(unix))]
    None
}

/// Of so many handles those that connections may take: never the last ones, which the log needs for its next day.
fn share_of(handles: usize) -> usize {
    let kept = (handles / 4).clamp(KEPT_MIN, KEPT_MAX);
    handles.saturating_sub(kept).max(1)
}

/// How many connections this process can hold at the same time.
pub(crate) fn for_connections() -> usize {
    limit().map_or(usize::MAX, share_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_handles_for_the_log() {
        assert_eq!(share_of(1_024), 768);
        assert_eq!(share_of(256), 192);
        assert_eq!(share_of(1_000_000), 998_976);
        assert_eq!(share_of(10), 1);
        assert!(for_connections() > 0);
    }
}
