use super::*;
use clap::Parser;

#[derive(Parser)]
struct Program {
    #[command(flatten)]
    user: UserArgs,
}

/// What the command says, or why not.
fn run(data: &Path, line: &str) -> Result<String, String> {
    let words = ["user"].into_iter().chain(line.split(' '));
    let program = Program::try_parse_from(words.chain(["--data", &data.display().to_string()]))
        .map_err(|e| e.to_string())?;
    let said = program.user.run_at(Timestamp(1_795_000_000_000_000));
    said.map_err(|e| e.to_string())
}

#[test]
fn accounts_are_made_changed_and_ended_on_the_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let data = &dir.path().join("new");
    let error = run(data, "list").unwrap_err();
    assert!(error.contains("there are no accounts here"), "{error}");
    assert!(!data.exists(), "asking makes nothing");
    let line =
        "add wang.li --role dispatcher --role intake --area 320102 --department drains --one-time";
    let said = run(data, line).unwrap();
    assert!(
        said.starts_with("wang.li was made\none-time password, shown this once: "),
        "{said}"
    );
    let said = run(data, "add taxis --feed taxis --crs gcj02").unwrap();
    let secret = said.trim().rsplit(' ').next().unwrap().to_owned();
    assert!(secret.starts_with("ctf_") && secret.len() == 68, "{said}");
    let said = run(data, "add terminals --unit *").unwrap();
    assert!(said.contains("ctt_"), "{said}");
    run(data, "set WANG.LI --display 王莉 --area 3201 --area 320506").unwrap();
    run(data, "disable taxis").unwrap();
    let listed = run(data, "list").unwrap();
    assert_eq!(
        listed,
        "taxis\tfeed\ttaxis\ttaxis\t\t\tdisabled\n\
         terminals\tterminal\t*\tterminals\n\
         wang.li\tperson\tdispatcher,intake\t王莉\tdrains\t3201,320506\tmust change the password\n"
    );
    assert_eq!(run(data, "disable taxis").unwrap(), "taxis is so already\n");
    run(data, "enable taxis").unwrap();
    let said = run(data, "rotate taxis --overlap-s 60").unwrap();
    assert!(
        said.contains("for 60 s yet") && !said.contains(&secret),
        "{said}"
    );
    let said = run(data, "reset wang.li").unwrap();
    assert!(said.contains("one-time password"), "{said}");
    run(data, "set wang.li --whole-city --rename li").unwrap();
    let store = Store::open(data).unwrap();
    let li = store.named("li").unwrap();
    assert_eq!((li.id.as_str(), li.areas.len()), ("user:wang.li", 0));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        for entry in std::fs::read_dir(data).unwrap() {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{:?}", entry.path());
        }
    }
}

#[test]
fn what_cannot_be_is_refused_in_words_and_nothing_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path();
    for (line, words) in [
        (
            "add li --role boss --one-time",
            "no role \"boss\"; roles are administrator",
        ),
        ("add li --one-time", "needs a role"),
        (
            "add li --role viewer --area 玄武区 --one-time",
            "is no grid code",
        ),
        (
            "add li --role viewer --area 32010 --one-time",
            "is no grid code",
        ),
        ("add li --role viewer --display <b>li --one-time", "markup"),
        (
            "add li --role viewer --display l\u{202e}i --one-time",
            "direction",
        ),
        ("add a/b --role viewer --one-time", "cannot be used"),
        ("add x --feed a/b", "no name of a feed"),
        ("add x --feed a --crs mars", "mars"),
        ("add x --feed a --role viewer", "cannot be used with"),
        (
            "add li --role viewer --password hunter2",
            "unexpected argument",
        ),
    ] {
        let error = run(data, line).unwrap_err();
        assert!(error.contains(words), "{line}: {error}");
        let made = Store::open(data).unwrap().accounts().unwrap();
        assert!(made.is_empty(), "{line} made {made:?}");
    }
    run(data, "add li --role viewer --one-time").unwrap();
    run(data, "add taxis --feed taxis").unwrap();
    for (line, words) in [
        ("add LI --role viewer --one-time", "already"),
        ("disable wang", "no account"),
        ("rotate li", "people have passwords"),
        ("reset taxis", "it has secrets"),
        ("set taxis --role viewer", "only people"),
        ("set li --rename taxis", "already"),
        ("set li --area 1", "is no grid code"),
    ] {
        let error = run(data, line).unwrap_err();
        assert!(error.contains(words), "{line}: {error}");
    }
}

#[test]
fn the_words_of_roles_are_those_of_the_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("server.toml");
    let line = |role: &str| {
        format!(
            "add li --role {role} --one-time --config {}",
            file.display()
        )
    };
    std::fs::write(
        &file,
        "[[roles]]\nname = 'night'\npermissions = ['send_units']\n",
    )
    .unwrap();
    assert!(
        run(dir.path(), &line("viewer"))
            .unwrap_err()
            .contains("roles are administrator, night")
    );
    run(dir.path(), &line("night")).unwrap();
}
