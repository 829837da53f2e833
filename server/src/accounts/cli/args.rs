use super::terminal;
use crate::accounts::log_in::{choose, reset};
use crate::accounts::password::Hashing;
use crate::accounts::{Account, AccountError, FILE, Kind, NewAccount, Store};
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, is_feed_name};
use crate::crs::Crs;
use crate::say;
use anyhow::{Result, bail, ensure};
use chengtu_engine::time::Timestamp;
use std::path::{Path, PathBuf};

/// In whose name the command line changes accounts.
const BY: &str = "command line";

/// Accounts: who may log in, with which password or secret, as what. A running server follows within a second.
#[derive(Clone, Debug, clap::Args)]
pub struct UserArgs {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum UserCommand {
    /// Make an account: a person with a password, or (--feed, --unit) a program with a secret.
    Add(AddArgs),
    /// Change an account; what is not named stays.
    Set(SetArgs),
    /// An account opens nothing any more; whoever is connected by it is cut off within a second.
    Disable(NameArgs),
    /// A disabled account opens again.
    Enable(NameArgs),
    /// Name all accounts.
    List(ListArgs),
    /// Give a person a new password; without --password-stdin one for a single use, which is printed once.
    Reset(ResetArgs),
    /// Give a feed or terminal a new secret, which is printed once; those before open for a while yet.
    Rotate(RotateArgs),
}

/// Where the accounts are, and whose is meant.
#[derive(Clone, Debug, clap::Args)]
struct NameArgs {
    /// Log-in name.
    name: String,
    /// Data directory of the server.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

#[derive(Clone, Debug, clap::Args)]
struct ListArgs {
    /// Data directory of the server.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

/// What an account is, beside its name.
#[derive(Clone, Debug, Default, clap::Args)]
struct PartsArgs {
    /// Name that others are shown; the log-in name if it is not given.
    #[arg(long, value_name = "NAME")]
    display: Option<String>,
    /// Role; may be given several times. The words are those of the configuration.
    #[arg(long = "role", value_name = "WORD")]
    roles: Vec<String>,
    /// Key of the department that somebody belongs to.
    #[arg(long, value_name = "KEY")]
    department: Option<String>,
    /// Area, as the first 2, 4, 6, 9, 12 or 15 digits of a grid code; may be given several times. None: the whole city.
    #[arg(long = "area", value_name = "DIGITS")]
    areas: Vec<String>,
    /// The server's configuration: its roles, and how passwords are hashed.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Clone, Debug, clap::Args)]
struct AddArgs {
    #[command(flatten)]
    whose: NameArgs,
    #[command(flatten)]
    parts: PartsArgs,
    /// An account for the program that sends this feed.
    #[arg(long, value_name = "FEED", conflicts_with_all = ["unit", "roles", "areas", "password_stdin", "one_time"])]
    feed: Option<String>,
    /// Reference system of that feed.
    #[arg(long, value_name = "CRS", requires = "feed", default_value = "wgs84")]
    crs: String,
    /// An account for the terminal of this unit; `*`: a secret that all terminals share.
    #[arg(long, value_name = "CALL SIGN", conflicts_with_all = ["roles", "areas", "password_stdin", "one_time"])]
    unit: Option<String>,
    /// Read the password from standard input.
    #[arg(long, conflicts_with = "one_time")]
    password_stdin: bool,
    /// Make a password for a single use, and print it once.
    #[arg(long)]
    one_time: bool,
}

#[derive(Clone, Debug, clap::Args)]
struct SetArgs {
    #[command(flatten)]
    whose: NameArgs,
    #[command(flatten)]
    parts: PartsArgs,
    /// Another log-in name.
    #[arg(long, value_name = "NAME")]
    rename: Option<String>,
    /// The whole city again.
    #[arg(long, conflicts_with = "areas")]
    whole_city: bool,
}

#[derive(Clone, Debug, clap::Args)]
struct ResetArgs {
    #[command(flatten)]
    whose: NameArgs,
    /// Read the password from standard input; it need not be changed.
    #[arg(long)]
    password_stdin: bool,
    /// The server's configuration: how passwords are hashed.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Clone, Debug, clap::Args)]
struct RotateArgs {
    #[command(flatten)]
    whose: NameArgs,
    /// Seconds for which the secrets before still open; 0: not at all.
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
    overlap_s: u32,
}

fn config(path: Option<&Path>) -> Result<Config> {
    Ok(match path {
        Some(path) => Config::read(path)?,
        None => Config::default(),
    })
}

/// The accounts of a directory, where there are some.
fn store_of(data: &Path) -> Result<Store> {
    ensure!(
        data.join(FILE).exists(),
        "{}: there are no accounts here; make the first with `chengtu-server user add NAME --role administrator --data DIR`",
        data.display()
    );
    Ok(Store::open(data)?)
}

impl PartsArgs {
    /// Refuses a role that the configuration does not have.
    fn check_roles(&self, config: &Config) -> Result<(), AccountError> {
        let table = config.role_table();
        let unknown = self.roles.iter().find(|w| table.rights(w).is_none());
        unknown.map_or(Ok(()), |word| {
            let known: Vec<&str> = table.words().collect();
            Err(AccountError::Role {
                word: word.clone(),
                known: known.join(", "),
            })
        })
    }
}

impl UserArgs {
    /// Does it, and prints what was done.
    ///
    /// # Errors
    /// In words; nothing was changed.
    pub fn run(self) -> Result<()> {
        let said = self.run_at(SystemClock.now())?;
        print!("{}", say::words(&said));
        Ok(())
    }

    /// As [`Self::run`] where it is `now`; gives what is to be said.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_at(self, now: Timestamp) -> Result<String> {
        match self.command {
            UserCommand::Add(args) => args.run(now),
            UserCommand::Set(args) => args.run(now),
            UserCommand::Disable(args) => turn(&args, true, now),
            UserCommand::Enable(args) => turn(&args, false, now),
            UserCommand::List(args) => list(&args.data),
            UserCommand::Reset(args) => args.run(now),
            UserCommand::Rotate(args) => args.run(now),
        }
    }
}

impl AddArgs {
    fn run(self, now: Timestamp) -> Result<String> {
        let config = config(self.parts.config.as_deref())?;
        self.parts.check_roles(&config)?;
        let (kind, speaks_for) = match (&self.feed, &self.unit) {
            (Some(feed), _) => (Kind::Feed, feed.clone()),
            (None, Some(unit)) => (Kind::Terminal, unit.clone()),
            (None, None) => (Kind::Person, String::new()),
        };
        if let Some(feed) = &self.feed {
            ensure!(
                is_feed_name(feed),
                "{feed:?} is no name of a feed: letters, digits, - _ . (it stands in a URL), at most 64"
            );
            self.crs.parse::<Crs>()?;
        }
        if kind == Kind::Person && self.parts.roles.is_empty() {
            bail!(AccountError::Parts(
                "a person needs a role: give --role, as --role operator"
            ));
        }
        let hashing = Hashing::of(&config.accounts)?;
        // Asked for before anything is made.
        let password = match (kind, self.password_stdin, self.one_time) {
            (Kind::Person, true, _) => Some(terminal::from_input()?),
            (Kind::Person, _, false) => Some(terminal::typed_twice()?),
            _ => None,
        };
        let store = Store::open(&self.whose.data)?;
        let new = NewAccount {
            name: self.whose.name,
            display: self.parts.display.unwrap_or_default(),
            roles: self.parts.roles,
            department: self.parts.department.unwrap_or_default(),
            areas: self.parts.areas,
            speaks_for,
            crs: if kind == Kind::Feed {
                self.crs
            } else {
                String::new()
            },
            must_change: self.one_time,
            ..NewAccount::default()
        };
        if let Some(password) = &password {
            let own = [new.name.as_str(), &new.display, "chengtu", "城图"];
            crate::accounts::strength::check(password, &own).map_err(AccountError::Weak)?;
        }
        let account = store.add(kind, new, BY, now)?;
        let name = &account.name;
        Ok(match (kind, password) {
            (Kind::Person, Some(password)) => {
                choose(&store, &hashing, &account, &password, (BY, now))?;
                format!("{name} was made\n")
            }
            (Kind::Person, None) => {
                let password = reset(&store, &hashing, &account, (BY, now))?;
                format!("{name} was made\none-time password, shown this once: {password}\n")
            }
            (Kind::Feed | Kind::Terminal, _) => {
                let secret = store.rotate(&account, 0, BY, now)?;
                format!("{name} was made\nsecret, shown this once: {secret}\n")
            }
        })
    }
}

impl SetArgs {
    fn run(self, now: Timestamp) -> Result<String> {
        self.parts
            .check_roles(&config(self.parts.config.as_deref())?)?;
        let store = store_of(&self.whose.data)?;
        let before = store.named(&self.whose.name)?;
        let mut account = before.clone();
        if before.kind != Kind::Person
            && !(self.parts.roles.is_empty() && self.parts.areas.is_empty())
        {
            bail!(AccountError::WrongKind {
                name: before.name,
                kind: before.kind.as_str(),
                why: "only people have roles and areas",
            });
        }
        let parts = self.parts;
        if let Some(name) = self.rename {
            account.name = name;
        }
        if let Some(display) = parts.display {
            account.display = display;
        }
        if let Some(department) = parts.department {
            account.department = department;
        }
        if !parts.roles.is_empty() {
            account.roles = parts.roles;
        }
        if !parts.areas.is_empty() || self.whole_city {
            account.areas = parts.areas;
        }
        if account == before {
            return Ok(format!("{} is so already\n", before.name));
        }
        store.set(&account, "changed", BY, now)?;
        Ok(format!("{} was changed\n", account.name))
    }
}

/// Disables or enables.
fn turn(args: &NameArgs, disabled: bool, now: Timestamp) -> Result<String> {
    let store = store_of(&args.data)?;
    let before = store.named(&args.name)?;
    let name = before.name.clone();
    if before.disabled == disabled {
        return Ok(format!("{name} is so already\n"));
    }
    let did = if disabled { "disabled" } else { "enabled" };
    let account = Account { disabled, ..before };
    store.set(&account, did, BY, now)?;
    Ok(if disabled {
        format!("{name} was disabled; whoever is connected by it is cut off within a second\n")
    } else {
        format!("{name} was enabled\n")
    })
}

/// Every account on a line.
fn list(data: &Path) -> Result<String> {
    let mut out = String::new();
    for a in store_of(data)?.accounts()? {
        let whose = match a.kind {
            Kind::Person => a.roles.join(","),
            Kind::Feed | Kind::Terminal => a.speaks_for.clone(),
        };
        let mut state = Vec::new();
        if a.disabled {
            state.push("disabled");
        }
        if a.must_change {
            state.push("must change the password");
        }
        let parts = [
            a.name.as_str(),
            a.kind.as_str(),
            &whose,
            &a.display,
            &a.department,
            &a.areas.join(","),
            &state.join(", "),
        ];
        out.push_str(parts.join("\t").trim_end());
        out.push('\n');
    }
    Ok(out)
}

impl ResetArgs {
    fn run(self, now: Timestamp) -> Result<String> {
        let hashing = Hashing::of(&config(self.config.as_deref())?.accounts)?;
        let store = store_of(&self.whose.data)?;
        let account = store.named(&self.whose.name)?;
        if account.kind != Kind::Person {
            bail!(AccountError::WrongKind {
                name: account.name,
                kind: account.kind.as_str(),
                why: "it has secrets, make a new one with `user rotate`",
            });
        }
        let name = &account.name;
        if self.password_stdin {
            let password = terminal::from_input()?;
            choose(&store, &hashing, &account, &password, (BY, now))?;
            return Ok(format!(
                "{name} has a new password; every session of it has ended\n"
            ));
        }
        let password = reset(&store, &hashing, &account, (BY, now))?;
        Ok(format!(
            "{name} has a new password; every session of it has ended\none-time password, shown this once: {password}\n"
        ))
    }
}

impl RotateArgs {
    fn run(self, now: Timestamp) -> Result<String> {
        let store = store_of(&self.whose.data)?;
        let account = store.named(&self.whose.name)?;
        let secret = store.rotate(&account, self.overlap_s, BY, now)?;
        let (name, overlap_s) = (&account.name, self.overlap_s);
        Ok(format!(
            "{name} has a new secret; those before open for {overlap_s} s yet\nsecret, shown this once: {secret}\n"
        ))
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
