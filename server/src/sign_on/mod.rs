//! Single sign-on: OpenID Connect's authorization code with PKCE.
//!
//! A map listens on a port of its own machine and has a browser ask for `/v1/login/sso`. The browser is sent to the provider
//! and comes back with a code; the server has the provider say whose that is ([`Provider`]), holds every word of it against
//! what it asked, and sends the browser to the map with a grant for one use. Only who knows the verifier of the challenge
//! that the map began with makes a session of it: no token stands in an address.

mod ask;
mod error;
mod held;
mod person;
mod provider;
mod service;

pub use error::{SetUpError, SignOnError};
pub use provider::Provider;
pub use service::{Answer, Begun, SignOn};
