use super::*;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A folder with a log, a drill, a pack and some files of a person.
struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put("data/log-2026-11-22.sqlite", "SQLite format 3\0 records");
        put("data/bookmarks.sqlite", "SQLite format 3\0 bookmarks");
        put("data/drills/3/drill.log", "CTDRILL1");
        put("data/drills/3/report.html", "<html>");
        put("aside/drill.log", "CTDRILL1");
        put("city/city.toml", "name = 1");
        put("city/grid.geojson.gz", "packed");
        put("mine/old.csv", "a,b\n");
        Self { dir }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join(name)
    }

    fn refused(&self, name: &str, replace: bool) -> String {
        match Place::file(&self.at(name), replace) {
            Ok(place) => panic!("{name}: {place:?}"),
            Err(e) => e.to_string(),
        }
    }
}

#[test]
fn nothing_is_written_onto_what_the_program_keeps() {
    let desk = Desk::new();
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(desk.at(to), desk.at(name));
    link("data/log-2026-11-22.sqlite", "mine/link").unwrap();
    link("data", "mine/folder").unwrap();
    fs::hard_link(desk.at("data/log-2026-11-22.sqlite"), desk.at("mine/hard")).unwrap();
    for name in [
        "data/log-2026-11-22.sqlite",
        "data/log-2026-11-22.sqlite-wal",
        // Tomorrow's day is no new file.
        "data/log-2026-11-23.sqlite",
        "data/bookmarks.sqlite",
        "data/new.csv",
        "data/drills/3/drill.log",
        "data/drills/3/report.html",
        "data/drills/4.html",
        "data/../data/log-2026-11-22.sqlite",
        "mine/link",
        "mine/folder/log-2026-11-22.sqlite",
        "mine/folder/new.csv",
        "mine/hard",
        "aside/drill.log",
        "aside/new.csv",
        "city/city.toml",
        "city/roads.bin",
        "city/grid.geojson",
        "city/grid.geojson.gz",
    ] {
        for replace in [false, true] {
            let why = desk.refused(name, replace);
            assert!(
                why.contains("nothing is ever written onto that"),
                "{name}: {why}"
            );
        }
    }
    for name in [
        "data",
        "data/drills",
        "data/tables",
        "mine/folder",
        "aside/tables",
    ] {
        let why = Folder::of(&desk.at(name), &[], true).unwrap_err();
        assert!(matches!(why, OutError::Own { .. }), "{name}: {why}");
    }
    // Beside them there is room.
    for name in ["mine/new.csv", "city/traffic.ctr", "new.csv"] {
        Place::file(&desk.at(name), false).unwrap();
    }
}

#[test]
fn only_plain_new_files_are_written_unless_it_is_said() {
    let desk = Desk::new();
    let why = desk.refused("mine/old.csv", false);
    assert!(
        why.contains("is there already") && why.contains("--replace"),
        "{why}"
    );
    assert!(Place::file(&desk.at("mine/old.csv"), true).is_ok());
    std::os::unix::fs::symlink(desk.at("nowhere"), desk.at("mine/lost")).unwrap();
    let pipe = std::os::unix::net::UnixListener::bind(desk.at("mine/socket")).unwrap();
    for replace in [false, true] {
        for (name, words) in [
            ("mine", "is a folder"),
            ("mine/lost", "is a link to a file that is not there"),
            ("mine/socket", "is a device or a pipe"),
            ("none/new.csv", "cannot be written"),
        ] {
            let why = desk.refused(name, replace);
            assert!(why.contains(words), "{name}: {why}");
        }
        let why = Place::file(Path::new("/dev/null"), replace)
            .unwrap_err()
            .to_string();
        assert!(why.contains("is a device or a pipe"), "{why}");
    }
    drop(pipe);
    let mut read_only = fs::metadata(desk.at("mine/old.csv")).unwrap().permissions();
    read_only.set_readonly(true);
    fs::set_permissions(desk.at("mine/old.csv"), read_only).unwrap();
    assert!(desk.refused("mine/old.csv", true).contains("read-only"));
    assert_eq!(Place::file(Path::new("-"), false).unwrap(), Place::Standard);
    let input = desk.at("mine/old.csv");
    let place = Place::File {
        path: input.clone(),
        replace: true,
    };
    let why = place.apart_from([&*input]).unwrap_err().to_string();
    assert!(why.contains("is what is read here"), "{why}");
}

#[test]
fn a_file_that_appears_meanwhile_is_not_replaced_and_rights_are_kept() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let new = desk.at("mine/new.csv");
    let place = Place::file(&new, false).unwrap();
    let (written, mut out) = Written::begin(&place).unwrap();
    out.write_all(b"ours").unwrap();
    fs::write(&new, "theirs").unwrap();
    assert!(matches!(written.finish(out), Err(OutError::Exists { .. })));
    assert_eq!(fs::read_to_string(&new).unwrap(), "theirs");
    assert_eq!(
        fs::read_dir(desk.at("mine")).unwrap().count(),
        2,
        "nothing is left over"
    );

    fs::set_permissions(&new, fs::Permissions::from_mode(0o600)).unwrap();
    let place = Place::file(&new, true).unwrap();
    Written::whole(&place, |out| out.write_all(b"ours")).unwrap();
    assert_eq!(fs::read_to_string(&new).unwrap(), "ours");
    assert_eq!(
        fs::metadata(&new).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let failed = Written::whole(&place, |out| {
        out.write_all(b"half")?;
        Err(std::io::Error::other("full"))
    });
    assert!(failed.is_err());
    assert_eq!(fs::read_to_string(&new).unwrap(), "ours");
}

#[test]
fn sets_are_replaced_as_one_or_not_at_all() {
    let desk = Desk::new();
    let names = ["a.csv", "b.csv"].map(str::to_owned);
    let write = |text: &str, replace| -> Result<(), OutError> {
        let set = FileSet::begin(&Folder::of(&desk.at("deep/set"), &names, replace)?)?;
        for name in &names {
            fs::write(set.path(name), text).unwrap();
        }
        set.finish()
    };
    let read = || {
        names
            .clone()
            .map(|n| fs::read_to_string(desk.at("deep/set").join(n)).unwrap())
    };
    write("1", false).unwrap();
    assert_eq!(read(), ["1", "1"]);
    assert!(matches!(write("2", false), Err(OutError::NotEmpty { .. })));
    write("2", true).unwrap();
    assert_eq!(read(), ["2", "2"]);
    // One that is not finished changes nothing and leaves nothing.
    let set = FileSet::begin(&Folder::of(&desk.at("deep/set"), &names, true).unwrap()).unwrap();
    fs::write(set.path("a.csv"), "3").unwrap();
    drop(set);
    assert_eq!(read(), ["2", "2"]);
    assert_eq!(fs::read_dir(desk.at("deep")).unwrap().count(), 1);
    // What is none of the set is nobody's to take away.
    fs::write(desk.at("deep/set/thesis.doc"), "x").unwrap();
    let why = write("3", true).unwrap_err().to_string();
    assert!(why.contains("holds thesis.doc as well"), "{why}");
    assert_eq!(read(), ["2", "2"]);
    let why = Folder::of(Path::new("-"), &names, false)
        .unwrap_err()
        .to_string();
    assert!(
        why.contains("2 files do not go to standard output"),
        "{why}"
    );
}

#[test]
fn folders_change_their_names_in_one_step() {
    let desk = Desk::new();
    for (name, text) in [("new", "n"), ("old", "o")] {
        fs::create_dir(desk.at(name)).unwrap();
        fs::write(desk.at(name).join("f"), text).unwrap();
    }
    exchange(&desk.at("new"), &desk.at("old")).unwrap();
    assert_eq!(fs::read_to_string(desk.at("old/f")).unwrap(), "n");
    assert_eq!(fs::read_to_string(desk.at("new/f")).unwrap(), "o");
}
