//! The running city, and those who talk to it, go before everything else that a server does.

/// Niceness of the threads of other worlds and of what can wait: the running city goes first. Not the highest niceness: on
/// a machine that is busy with something else as well, a replay at 19 made no progress for minutes.
#[cfg(target_os = "linux")]
const NICE: libc::c_int = 10;

/// Has this thread wait whenever the running city has something to do.
pub(crate) fn behind_the_running_city() {
    #[cfg(target_os = "linux")]
    #[allow(unsafe_code)]
    // SAFETY: both calls only read and set a number of the calling thread (on Linux niceness is a thread's own).
    unsafe {
        let thread = libc::gettid();
        libc::setpriority(libc::PRIO_PROCESS, thread as libc::id_t, NICE);
    }
}
