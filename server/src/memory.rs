/// Has the system's allocator give every freed buffer of 256 KiB or more back at once.
///
/// glibc raises that bound by itself whenever such a buffer is freed, and then keeps what batches and keyframes leave
/// behind: measured at 100,000 vehicles a second, half as much again as the city itself takes.
pub(crate) fn give_back_large_buffers() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[allow(unsafe_code)]
    // SAFETY: `mallopt` only sets parameters of the allocator, and is called before any other thread is there.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 262_144);
        libc::mallopt(libc::M_TRIM_THRESHOLD, 1_048_576);
        libc::mallopt(libc::M_ARENA_MAX, 24);
    }
}
