use super::Tls;
use std::sync::Arc;
use std::time::Duration;

/// Between two looks at the certificate's files.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Looks at the certificate's files every few seconds, and when the process is sent SIGHUP. Never ends.
pub async fn watch(tls: Arc<Tls>) {
    let mut every = tokio::time::interval(LOOK_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    #[cfg(unix)]
    let mut asked = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok();
    loop {
        #[cfg(unix)]
        let hung_up = async {
            match &mut asked {
                Some(asked) => asked.recv().await,
                None => std::future::pending().await,
            }
        };
        #[cfg(not(unix))]
        let hung_up = std::future::pending::<Option<()>>();
        tokio::select! {
            _ = every.tick() => {}
            _ = hung_up => tracing::info!("SIGHUP: the certificate's files are looked at"),
        }
        let tls = tls.clone();
        let looked = tokio::task::spawn_blocking(move || tls.look());
        if let Err(error) = looked.await {
            tracing::warn!(%error, "the certificate's files could not be looked at");
        }
    }
}
