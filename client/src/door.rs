//! The server's door: its address, what is shown there, and the certificate that was confirmed. One cell for the line,
//! the city's files, questions over HTTP and the settings; somebody who logs in changes it for all of them.

use crate::pin::Pin;
use bevy::prelude::Resource;
use std::fmt;
use std::sync::Arc;
use tokio::sync::watch;

/// Where the server is, and what opens it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Key {
    /// Address, as on the command line.
    pub server: String,
    /// What is shown to the server; may be empty.
    pub token: String,
}

/// A token is written nowhere.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

/// The door, as everybody holds it who goes through it.
#[derive(Resource, Clone, Debug)]
pub struct Door {
    key: Arc<watch::Sender<Key>>,
    pin: Pin,
}

impl Default for Door {
    fn default() -> Self {
        Self::new("", "")
    }
}

impl Door {
    /// To a server, with a token or none.
    pub fn new(server: &str, token: &str) -> Self {
        let key = Key {
            server: server.to_owned(),
            token: token.to_owned(),
        };
        Self {
            key: Arc::new(watch::Sender::new(key)),
            pin: Pin::default(),
        }
    }

    /// The same, where a certificate may have been confirmed.
    #[must_use]
    pub fn pinned(self, pin: &Pin) -> Self {
        Self {
            pin: pin.clone(),
            ..self
        }
    }

    /// Where it is and what opens it now.
    pub fn key(&self) -> Key {
        self.key.borrow().clone()
    }

    /// Address of the server.
    pub fn server(&self) -> String {
        self.key.borrow().server.clone()
    }

    /// The certificate that was confirmed.
    pub fn pin(&self) -> &Pin {
        &self.pin
    }

    /// Shows this token from now on; an empty one after logging out.
    pub fn show(&self, token: &str) {
        self.set(|key| token.clone_into(&mut key.token));
    }

    /// Goes to another server, to which nothing is shown yet.
    pub fn lead_to(&self, server: &str) {
        self.set(|key| {
            if key.server != server {
                *key = Key {
                    server: server.to_owned(),
                    token: String::new(),
                };
            }
        });
    }

    /// Tries again at once.
    pub fn knock(&self) {
        self.key.send_modify(|_| {});
    }

    /// Hears of each change from now on.
    pub fn watched(&self) -> watch::Receiver<Key> {
        self.key.subscribe()
    }

    fn set(&self, change: impl FnOnce(&mut Key)) {
        self.key.send_if_modified(|key| {
            let before = key.clone();
            change(key);
            *key != before
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_logs_in_changes_what_everybody_shows_and_no_token_is_ever_written() {
        let door = Door::new("ws://h:1", "");
        let (held, mut heard) = (door.clone(), door.watched());
        held.show("secret");
        assert_eq!(door.key().token, "secret");
        assert!(heard.has_changed().unwrap());
        heard.mark_unchanged();
        held.show("secret");
        assert!(!heard.has_changed().unwrap(), "nothing is new");
        held.knock();
        assert!(heard.has_changed().unwrap());
        assert!(!format!("{door:?} {:?}", door.key()).contains("secret"));
    }

    #[test]
    fn another_server_is_shown_no_token_of_the_one_before() {
        let door = Door::new("ws://h:1", "secret");
        door.lead_to("ws://h:1");
        assert_eq!(door.key().token, "secret");
        door.lead_to("ws://other:1");
        assert_eq!(
            door.key(),
            Key {
                server: "ws://other:1".into(),
                token: String::new()
            }
        );
    }
}
