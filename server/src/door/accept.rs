//! Takes connections in: within the limits of [`Connections`], each with time limits of its own.

use super::connections::{Connection, Connections, Doing};
use super::handles;
use super::line::Line;
use super::secure;
use crate::config::Limits;
use crate::tls::Tls;
use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Largest head of a request, bytes.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// How long is waited after the system would not give a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// What every connection is served with.
#[derive(Clone)]
struct Served {
    app: Router,
    /// `None`: plain text.
    tls: Option<Arc<Tls>>,
    head_within: Duration,
    patience: Duration,
    stopping: watch::Receiver<()>,
    /// Dropped by the last connection that ends.
    _busy: tokio::sync::mpsc::Sender<()>,
}

/// Of the time for the first head so much is left at least, however long the handshake took.
const HEAD_AFTER_HANDSHAKE_MIN: Duration = Duration::from_secs(1);

/// Serves `app` until `shutdown` is done, then waits for what is being answered.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    tls: Option<Arc<Tls>>,
    limits: &Limits,
    shutdown: impl Future<Output = ()> + Send + 'static,
) {
    let max = limits.connections_max.min(handles::for_connections());
    let connections = Connections::new(max, limits.connections_per_address_max);
    let (stop, stopping) = watch::channel(());
    let (busy, mut all_ended) = tokio::sync::mpsc::channel::<()>(1);
    let served = Served {
        app,
        tls,
        head_within: Duration::from_secs(limits.head_timeout_s),
        patience: Duration::from_secs(limits.silence_max_s),
        stopping,
        _busy: busy,
    };
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((io, from)) => {
                let _ = io.set_nodelay(true);
                if let Some(connection) = connections.admit(from.ip()) {
                    tokio::spawn(serve_one(io, connection, served.clone()));
                }
            }
            // Files have run out, or the connection has gone already; both pass.
            Err(error) => {
                tracing::debug!(%error, "no connection");
                connections.make_room();
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop((listener, served, stop));
    let _ = all_ended.recv().await;
}

async fn serve_one(io: TcpStream, connection: Arc<Connection>, served: Served) {
    let line = Line::new(io, connection.clone(), served.patience);
    let Some(tls) = served.tls.clone() else {
        let within = served.head_within;
        return serve_http(line, connection, served, within).await;
    };
    let begun = Instant::now();
    let mut stopping = served.stopping.clone();
    let secured = tokio::select! {
        secured = secure::handshake(line, &tls, served.head_within) => secured,
        () = connection.ended() => None,
        _ = stopping.changed() => None,
    };
    if let Some(secured) = secured {
        let left = served.head_within.saturating_sub(begun.elapsed());
        let within = left.max(HEAD_AFTER_HANDSHAKE_MIN);
        serve_http(secured, connection, served, within).await;
    }
}

/// Answers requests on a connection; `head_within`: for the head of each, and between two.
async fn serve_http<L>(line: L, connection: Arc<Connection>, served: Served, head_within: Duration)
where
    L: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let app = TowerToHyperService::new(served.app.clone());
    let for_requests = connection.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        let connection = for_requests.clone();
        connection.set(Doing::Asking);
        request.extensions_mut().insert(connection.clone());
        let answering = app.call(request);
        async move {
            let answer = answering.await;
            // A WebSocket waits too, until it says hello.
            connection.set(Doing::Waiting);
            answer
        }
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(head_within)
        .max_buf_size(HEAD_BYTES_MAX);
    let http = builder.serve_connection(TokioIo::new(line), service);
    let mut http = std::pin::pin!(http.with_upgrades());
    let mut stopping = served.stopping.clone();
    let mut stopped = false;
    loop {
        tokio::select! {
            result = &mut http => {
                if let Err(error) = result {
                    tracing::trace!(%error, "a connection ended");
                }
                return;
            }
            () = connection.ended() => return,
            _ = stopping.changed(), if !stopped => {
                stopped = true;
                http.as_mut().graceful_shutdown();
            }
        }
    }
}
