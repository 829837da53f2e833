//! Which errors of the storage pass, and which end writing for good.

use rusqlite::{Error, ErrorCode, ffi};

/// What an error of SQLite means for a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It may work in a moment: somebody else holds a lock, no file handle is free. Nothing was committed, and what was to
    /// be is still here.
    Soon,
    /// It may work later, when somebody has done something: no room, no right, a write that failed.
    Later,
    /// A sync has failed, so that nobody knows what is on the disk, or the file is not what it was.
    Final,
}

/// What an error means.
pub(super) fn failure(error: &Error) -> Failure {
    let Some(e) = error.sqlite_error() else {
        return Failure::Final;
    };
    if [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_DIR_FSYNC].contains(&e.extended_code) {
        return Failure::Final;
    }
    match e.code {
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::FileLockingProtocolFailed
        | ErrorCode::CannotOpen => Failure::Soon,
        ErrorCode::DiskFull
        | ErrorCode::OutOfMemory
        | ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::SystemIoFailure => Failure::Later,
        _ => Failure::Final,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_failed_sync_and_a_broken_file_are_final() {
        let of = |code| failure(&Error::SqliteFailure(ffi::Error::new(code), None));
        for soon in [
            ffi::SQLITE_BUSY,
            ffi::SQLITE_BUSY_SNAPSHOT,
            ffi::SQLITE_LOCKED,
            ffi::SQLITE_CANTOPEN,
        ] {
            assert_eq!(of(soon), Failure::Soon, "{soon}");
        }
        for later in [
            ffi::SQLITE_FULL,
            ffi::SQLITE_IOERR_WRITE,
            ffi::SQLITE_READONLY,
        ] {
            assert_eq!(of(later), Failure::Later, "{later}");
        }
        for ends in [
            ffi::SQLITE_IOERR_FSYNC,
            ffi::SQLITE_IOERR_DIR_FSYNC,
            ffi::SQLITE_CORRUPT,
            ffi::SQLITE_NOTADB,
            ffi::SQLITE_CONSTRAINT,
        ] {
            assert_eq!(of(ends), Failure::Final, "{ends}");
        }
        assert_eq!(failure(&Error::InvalidQuery), Failure::Final);
    }
}
