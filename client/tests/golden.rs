//! Pictures of the map beside the ones kept in `golden/`: what people see changes only on purpose.
//!
//! `CHENGTU_BLESS=1 cargo test -p chengtu --test golden` keeps the pictures made now. They are drawn by whatever
//! Vulkan driver there is; drivers differ in the last shade of an edge, which the comparison forgives.

#[path = "golden/compare.rs"]
mod compare;

use compare::Comparison;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Name, place and further arguments.
const PICTURES: [(&str, &str, &[&str]); 5] = [
    ("flat", "118.7862,32.0440,15.2", &[]),
    ("tilted", "118.7862,32.0440,15.6,55,330", &[]),
    ("near", "118.7925,32.0462,17.2,50,20", &["--scale", "1.5"]),
    ("english", "118.7835,32.0425,14.8,30,0", &["--lang", "en"]),
    ("edge", "118.7985,32.0460,14.6,45,60", &[]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn draw(name: &str, at: &str, more: &[&str]) -> image::RgbImage {
    let file =
        std::env::temp_dir().join(format!("chengtu-golden-{}-{name}.png", std::process::id()));
    let output = Command::new(env!("CARGO_BIN_EXE_chengtu"))
        .args([
            "--map-only",
            "--size",
            "512x512",
            "--timeout",
            "300",
            "--at",
            at,
        ])
        .arg("--city")
        .arg(root().join("data/nanjing"))
        .arg("--screenshot")
        .arg(&file)
        .args(more)
        .output()
        .expect("the client runs");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{name}: the client failed:\n{said}"
    );
    assert!(
        !said.contains("ERROR"),
        "{name}: the client complained:\n{said}"
    );
    let picture = image::open(&file).expect("a PNG picture").to_rgb8();
    std::fs::remove_file(&file).expect("the picture can be removed");
    picture
}

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.png"))
}

#[test]
fn pictures_look_as_they_did() {
    let bless = std::env::var_os("CHENGTU_BLESS").is_some();
    let mut wrong = Vec::new();
    for (name, at, more) in PICTURES {
        let now = draw(name, at, more);
        let path = kept(name);
        if bless {
            now.save(&path).expect("the picture can be kept");
            continue;
        }
        let Ok(before) = image::open(&path) else {
            wrong.push(format!(
                "{name}: there is no tests/golden/{name}.png to compare with"
            ));
            continue;
        };
        let found = Comparison::of(&now, &before.to_rgb8());
        if !found.is_same() {
            let beside = std::env::temp_dir().join(format!("chengtu-golden-{name}-now.png"));
            now.save(&beside).expect("the picture can be kept");
            wrong.push(format!(
                "{name}: {found}; the picture now: {}",
                beside.display()
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\nkeep the new ones with CHENGTU_BLESS=1 if the change is meant",
        wrong.join("\n")
    );
}

#[test]
fn another_colour_of_one_layer_is_noticed() {
    let (name, at, more) = PICTURES[2];
    let tokens =
        std::env::temp_dir().join(format!("chengtu-golden-tokens-{}.toml", std::process::id()));
    std::fs::write(&tokens, "[ground]\npark = \"#2B1A22\"\n").expect("a file of tokens");
    let mut args = more.to_vec();
    let path = tokens.display().to_string();
    args.extend(["--tokens", &path]);
    let changed = draw("changed", at, &args);
    std::fs::remove_file(&tokens).expect("the tokens can be removed");
    let before = image::open(kept(name)).expect("a kept picture").to_rgb8();
    let found = Comparison::of(&changed, &before);
    assert!(
        !found.is_same(),
        "red parks passed as the same picture: {found}"
    );
}

#[test]
fn token_colours_come_out_exactly() {
    let picture = draw("exact", PICTURES[0].1, &[]);
    // Land and footprints of the flat map, as written in the tokens; the void beyond the data at its edge.
    let count = |color: [u8; 3]| picture.pixels().filter(|p| p.0 == color).count();
    for (what, color) in [
        ("land", [0x19, 0x1d, 0x23]),
        ("footprints", [0x2b, 0x31, 0x3a]),
        ("secondary roads", [0x3d, 0x45, 0x51]),
    ] {
        assert!(
            count(color) > 500,
            "{what}: only {} pixels of {color:02x?}",
            count(color)
        );
    }
    let far = draw("void", "118.7985,32.0460,13.2", &[]);
    assert!(
        far.pixels().filter(|p| p.0 == [0x0b, 0x0d, 0x11]).count() > 5000,
        "the void is not the void's colour"
    );
}

#[test]
fn bad_arguments_and_packs_are_told_in_words() {
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_chengtu"))
            .args(args)
            .output()
            .expect("the client runs");
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        (output.status.success(), said.into_owned())
    };
    let (good, said) = run(&["--at", "200,10,3"]);
    assert!(!good && said.contains("longitude 200"), "{said}");
    let (good, said) = run(&["--tokens", "no-such-file.toml"]);
    assert!(!good && said.contains("no-such-file.toml"), "{said}");
    let out =
        std::env::temp_dir().join(format!("chengtu-golden-nocity-{}.png", std::process::id()));
    let file = out.display().to_string();
    let (_, said) = run(&[
        "--map-only",
        "--city",
        "no-such-city",
        "--size",
        "128x128",
        "--screenshot",
        &file,
    ]);
    assert!(said.contains("no-such-city/basemap.pmtiles"), "{said}");
    drop(std::fs::remove_file(out));
}
