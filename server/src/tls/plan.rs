use super::certificate::Pair;
use super::{Tls, TlsError, development};
use crate::clock::SharedClock;
use crate::config::Config;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

/// Whether the server speaks TLS, and with which certificate.
#[derive(Debug)]
pub enum Plan {
    /// Plain text: only this machine can connect, or a proxy in front does TLS.
    Plain,
    /// With the certificate of the configuration.
    Given(Arc<Tls>),
    /// With one of its own: the network can connect, and none is named.
    Development {
        /// Where the server listens.
        address: IpAddr,
        /// Names that it goes by.
        hosts: Vec<String>,
    },
}

impl Plan {
    /// What a configuration asks for on an address. Reads the certificate that it names.
    ///
    /// # Errors
    /// [`TlsError`] where that cannot be used. One whose days are over is used, and said.
    pub fn of(config: &Config, address: IpAddr, clock: &SharedClock) -> Result<Self, TlsError> {
        let tls = &config.tls;
        if tls.is_given() {
            let pair = Pair {
                cert: tls.cert.clone(),
                key: tls.key.clone(),
            };
            return Ok(Self::Given(Arc::new(Tls::open(
                pair,
                false,
                clock.clone(),
            )?)));
        }
        if address.to_canonical().is_loopback() {
            return Ok(Self::Plain);
        }
        if tls.plain_behind_proxy {
            tracing::info!("plain text: a proxy in front does TLS, says tls.plain_behind_proxy");
            return Ok(Self::Plain);
        }
        Ok(Self::Development {
            address,
            hosts: config.hosts.clone(),
        })
    }

    /// What the server shows; `None`: it speaks plain text. A certificate of its own is kept in `data`, which no other
    /// server may be using.
    ///
    /// # Errors
    /// [`TlsError`] where it can neither be read nor made.
    pub fn open(self, data: &Path, clock: &SharedClock) -> Result<Option<Arc<Tls>>, TlsError> {
        match self {
            Self::Plain => Ok(None),
            Self::Given(tls) => Ok(Some(tls)),
            Self::Development { address, hosts } => {
                let pair = development::pair_in(data, address, &hosts, clock.now())?;
                let tls = Tls::open(pair, true, clock.clone())?;
                Ok(Some(Arc::new(tls)))
            }
        }
    }
}
