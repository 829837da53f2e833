//! Who may write records of the running city: its own writer, and what makes a log for it. Nobody else in the sources
//! holds a pen; that a fork's record is none of the live log's is a matter of types (see `LiveRecord`).

use std::path::{Path, PathBuf};

/// Where a pen may be taken.
const MAY: [&str; 4] = [
    "engine/src/record/",
    "server/src/world/",
    "server/src/import/",
    "server/src/log/",
];

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

#[test]
fn only_the_live_citys_writer_holds_a_pen() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for part in ["engine/src", "server/src", "client/src"] {
        sources(&root.join(part), &mut files);
    }
    let mut taken = 0;
    for file in &files {
        let text = std::fs::read_to_string(file).expect("readable");
        if text.contains("of_the_live_log") {
            taken += 1;
            let name = file.strip_prefix(&root).expect("below the root");
            let name = name.to_string_lossy().replace('\\', "/");
            assert!(
                MAY.iter().any(|m| name.starts_with(m)),
                "{name} takes the pen of the live log"
            );
        }
    }
    assert!(
        taken >= 2 && files.len() > 100,
        "the sources were read: {taken}"
    );
}
