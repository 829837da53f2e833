//! Accounts: who may log in, with which password or secret, as what, and who is logged in now.
//!
//! They lie in `accounts.sqlite` of the data directory, which the command line and a running server share: the server
//! keeps a copy in memory ([`Accounts`]) and looks every [`REFRESH_EVERY`] whether the file was changed. Whose a token is
//! says `crate::access` alone; it asks here.

mod account;
pub mod cli;
mod error;
mod hashing;
mod live;
mod lockout;
mod log_in;
mod manage;
mod names;
mod outbox;
mod pass;
mod password;
mod schema;
mod secret;
mod sessions;
mod store;
mod strength;
mod vouched;

pub use account::{Account, Kind};
pub use error::AccountError;
pub use live::{Accounts, Found, REFRESH_EVERY, SessionNow};
pub use log_in::{LogIn, LogInError, LoggedIn, set_password};
pub use manage::{Done, Edit, ManageError, Managed};
pub use names::{check_area, check_display_name, check_log_in_name, folded, log_in_name_from};
pub use outbox::AccountChange;
pub use pass::{Ended, Pass};
pub use sessions::SessionRow;
pub use store::{FILE, NewAccount, Store};
pub use vouched::{Shown, Vouched};

/// What somebody is told who would log in where nobody can.
pub const NO_ACCOUNTS: &str =
    "this server has no accounts; make one with `chengtu-server user add`";

/// The identity of a person of this log-in name or id, as it is kept everywhere.
pub(crate) fn person_id(id: &str) -> String {
    format!("user:{id}")
}
