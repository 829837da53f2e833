//! The engine may use what is listed here and nothing else: no runtime, no I/O, no window.

const ALLOWED: [&str; 7] = [
    "crc32c",
    "libm",
    "postcard",
    "rstar",
    "serde",
    "thiserror",
    "zstd",
];

#[test]
fn the_engine_depends_on_nothing_but_the_list() {
    let manifest = include_str!("../Cargo.toml");
    let section = manifest
        .split("[dependencies]")
        .nth(1)
        .expect("a dependencies section");
    let section = section.split("\n[").next().unwrap_or_default();
    let used: Vec<&str> = section
        .lines()
        .filter_map(|line| line.split(['.', '=', ' ']).next())
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .collect();
    for name in &used {
        assert!(
            ALLOWED.contains(name),
            "engine/Cargo.toml uses {name}, which is not on the list in this test"
        );
    }
    assert!(used.contains(&"serde"), "the list was read: {used:?}");
}
