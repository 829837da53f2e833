use std::path::PathBuf;

/// Why a file is not written. What was there before is as it was.
#[derive(Debug, thiserror::Error)]
pub enum OutError {
    /// What the program keeps.
    #[error(
        "{}: belongs to {owner}; nothing is ever written onto that, with or without --replace: name a file elsewhere",
        path.display()
    )]
    Own {
        /// The file or folder.
        path: PathBuf,
        /// What it is part of.
        owner: &'static str,
    },
    /// Something of that name is there.
    #[error("{}: is there already; name a new file, or give --replace", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A folder that holds something.
    #[error("{}: is there already and holds files; name a new folder, or give --replace", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A folder that holds something that is not replaced.
    #[error(
        "{}: holds {other} as well, which is none of the files that are replaced; name a new folder",
        path.display()
    )]
    Others {
        /// The folder.
        path: PathBuf,
        /// Name of the file in question.
        other: String,
    },
    /// A folder, a device, a pipe, a link to nowhere.
    #[error("{}: is {what}; {wanted}", path.display())]
    NotPlain {
        /// The file or folder.
        path: PathBuf,
        /// What it is.
        what: &'static str,
        /// What is written instead.
        wanted: &'static str,
    },
    /// Somebody has said that it must not change.
    #[error("{}: must not be written (it is read-only); name another file", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// What is read at the same time.
    #[error("{}: is what is read here; name another file", path.display())]
    Input {
        /// The file.
        path: PathBuf,
    },
    /// Several files on one output.
    #[error("-: {files} files do not go to standard output; name a folder, or ask for one of them")]
    SetToStandard {
        /// How many files.
        files: usize,
    },
    /// The system refuses.
    #[error("{}: cannot be written: {source}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
}

impl OutError {
    /// The error of a path that the system refuses to write.
    pub fn write(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Write { path, source }
    }
}
