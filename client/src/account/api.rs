use super::http::{Failure, Method};
use super::sign_on::SignOn;
use crate::door::{Door, Key};
use bevy::prelude::{FromWorld, Resource, World};
use serde_json::Value;
use std::fmt;
use tokio::sync::oneshot;

/// A question to the server.
#[derive(Clone, PartialEq)]
pub struct Ask {
    /// What is done.
    pub method: Method,
    /// With what.
    pub path: String,
    /// What is sent along.
    pub body: Option<Value>,
}

/// What is sent may be a password: it is written nowhere.
impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.method, self.path)
    }
}

impl Ask {
    /// Asks for what is at a path.
    pub fn get(path: &str) -> Self {
        Self {
            method: Method::Get,
            path: path.to_owned(),
            body: None,
        }
    }

    /// Makes or changes something.
    pub fn post(path: &str, body: Option<Value>) -> Self {
        Self {
            method: Method::Post,
            path: path.to_owned(),
            body,
        }
    }

    /// Ends something.
    pub fn delete(path: &str) -> Self {
        Self {
            method: Method::Delete,
            path: path.to_owned(),
            body: None,
        }
    }
}

/// An answer on its way.
#[derive(Debug)]
pub struct Call(oneshot::Receiver<Result<Value, Failure>>);

impl Call {
    /// The answer, once; nothing before. Never waits.
    pub fn poll(&mut self) -> Option<Result<Value, Failure>> {
        match self.0.try_recv() {
            Ok(answer) => Some(answer),
            Err(oneshot::error::TryRecvError::Empty) => None,
            Err(oneshot::error::TryRecvError::Closed) => {
                Some(Err(Failure::Unreachable("the question was dropped".into())))
            }
        }
    }
}

/// A question that a test answers.
#[cfg(test)]
#[allow(missing_docs)] // For tests alone.
pub struct Asked {
    pub ask: Ask,
    pub answer: oneshot::Sender<Result<Value, Failure>>,
}

/// Asks the server over HTTP, each question on a thread of its own: nothing here waits.
#[derive(Resource)]
pub struct Api {
    door: Door,
    /// Questions of a test, which nobody is asked.
    #[cfg(test)]
    pub kept: std::sync::Mutex<Vec<Asked>>,
}

impl FromWorld for Api {
    fn from_world(world: &mut World) -> Self {
        let door = world.get_resource::<Door>().cloned();
        Self {
            door: door.unwrap_or_default(),
            #[cfg(test)]
            kept: std::sync::Mutex::default(),
        }
    }
}

impl Api {
    /// Asks with what is shown at the door now.
    pub fn ask(&self, ask: Ask) -> Call {
        self.ask_as(self.door.key(), ask)
    }

    /// Asks without showing anything.
    pub fn ask_as_nobody(&self, ask: Ask) -> Call {
        let key = Key {
            token: String::new(),
            ..self.door.key()
        };
        self.ask_as(key, ask)
    }

    /// Begins a log-in at another service, which `path` leads to: the page to be opened in a browser, and the server's
    /// answer once somebody has come back from there. Given up where nobody waits for it any more.
    ///
    /// # Errors
    /// Why this machine cannot be come back to, in words.
    pub fn sign_on(&self, path: &str, client: &'static str) -> Result<(String, Call), String> {
        let sign_on = SignOn::begin()?;
        let page = sign_on.page(path)?;
        let key = Key {
            token: String::new(),
            ..self.door.key()
        };
        #[cfg(test)]
        {
            let call = self.ask_as(key, Ask::post("/v1/login/sso/redeem", None));
            let _ = client;
            Ok((page, call))
        }
        #[cfg(not(test))]
        {
            let (answer, call) = oneshot::channel();
            let pin = self.door.pin().get();
            std::thread::Builder::new()
                .name("chengtu-sign-on".into())
                .spawn(move || {
                    let came = sign_on.finish((&key, pin), client, || !answer.is_closed());
                    let _ = answer.send(came);
                })
                .map_err(|e| e.to_string())?;
            Ok((page, Call(call)))
        }
    }

    #[cfg_attr(test, allow(clippy::needless_pass_by_value))]
    fn ask_as(&self, key: Key, ask: Ask) -> Call {
        let (answer, call) = oneshot::channel();
        #[cfg(test)]
        {
            let _ = key;
            let mut kept = self.kept.lock().expect("nobody panics with it");
            kept.push(Asked { ask, answer });
        }
        #[cfg(not(test))]
        {
            let pin = self.door.pin().get();
            let begun = std::thread::Builder::new()
                .name("chengtu-account".into())
                .spawn(move || {
                    let of = (ask.method, ask.path.as_str());
                    // Nobody waits for it any more where this fails.
                    let _ = answer.send(super::http::call(&key, pin, of, ask.body.as_ref()));
                });
            if let Err(error) = begun {
                tracing::error!("the server is not asked: {error}");
            }
        }
        Call(call)
    }

    /// What was asked since this was called last, to be answered by a test.
    #[cfg(test)]
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.kept.lock().expect("nobody panics with it"))
    }
}
