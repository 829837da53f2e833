use super::{ServeConfig, ServeError, digest, listen, run};
use crate::config::Config;
use crate::world::WorldError;
use std::path::PathBuf;

/// Serve one city, live.
#[derive(Clone, Debug, clap::Args)]
pub struct ServeArgs {
    /// City pack: a directory made by `import osm`.
    #[arg(long, value_name = "DIR")]
    pub city: PathBuf,
    /// Where the log is kept; made when it is not there.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Address to listen on.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7300")]
    pub listen: String,
    /// Configuration (TOML); docs/server.example.toml explains every key.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl ServeArgs {
    /// Serves until interrupted.
    ///
    /// # Errors
    /// [`ServeError`], one line for the one who started it.
    pub async fn run(self) -> Result<(), ServeError> {
        let config = match &self.config {
            Some(path) => Config::read(path)?,
            None => Config::default(),
        };
        let listener = listen(&self.listen).await?;
        let serve = ServeConfig {
            city: self.city,
            data: self.data,
            config,
        };
        run(listener, serve, interrupted()).await
    }
}

/// Ctrl-C, or the service manager's signal to stop.
async fn interrupted() {
    let ctrl_c = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut s) => {
                s.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = ctrl_c => {}
        () = terminate => {}
    }
}

/// Print the last record and the digest of a data directory that no server is using.
#[derive(Clone, Debug, clap::Args)]
pub struct DigestArgs {
    /// Where the log is kept.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
}

impl DigestArgs {
    /// Prints `seq N digest H`.
    ///
    /// # Errors
    /// When the log cannot be opened or folded.
    pub fn run(self) -> Result<(), WorldError> {
        let (seq, digest) = digest(&self.data)?;
        println!("seq {seq} digest {digest:016x}");
        Ok(())
    }
}
