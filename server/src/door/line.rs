//! A TCP connection that does not wait for ever: what is not taken for too long ends it, what may not be read is not
//! read, and its end waits a moment for the other side, so that the last words arrive.

use super::connections::{Connection, Doing};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep, timeout};

/// How long the other side is waited for after the last word. Closing with something unread would reset the
/// connection, and what was said last would be lost on its way.
const LAST_WORD: Duration = Duration::from_secs(1);

/// One TCP connection as it is read and written.
#[derive(Debug)]
pub(super) struct Line {
    /// `None` only while it is dropped.
    io: Option<TcpStream>,
    connection: Arc<Connection>,
    /// How long nothing may be taken by the other side.
    patience: Duration,
    stuck: Option<Pin<Box<Sleep>>>,
}

impl Line {
    pub fn new(io: TcpStream, connection: Arc<Connection>, patience: Duration) -> Self {
        Self {
            io: Some(io),
            connection,
            patience,
            stuck: None,
        }
    }

    /// The first byte that comes, which stays to be read; `None` where the other side ends without one.
    pub async fn first_byte(&self) -> io::Result<Option<u8>> {
        let io = self.io.as_ref().ok_or(io::ErrorKind::NotConnected)?;
        let mut byte = [0];
        let n = io.peek(&mut byte).await?;
        Ok((n > 0).then_some(byte[0]))
    }

    fn io(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        let io = self.io.as_mut().map(Pin::new);
        io.ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    /// What became of writing; waiting too long for it is an error.
    fn written<T>(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.stuck = None;
            self.connection.touch();
            return result;
        }
        let patience = self.patience;
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(sleep(patience)));
        match stuck.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.connection.may_read() {
            let text = "more was sent than is taken before hello";
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, text)));
        }
        let before = buffer.filled().len();
        let result = self.io()?.poll_read(cx, buffer);
        self.connection.has_read(buffer.filled().len() - before);
        result
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = self.io()?.poll_write(cx, bytes);
        self.written(cx, result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io()?.poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = self.io()?.poll_write_vectored(cx, parts);
        self.written(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let connection = self.connection.clone();
        let io = self.io.take().filter(|_| connection.is_open());
        match (io, tokio::runtime::Handle::try_current()) {
            (Some(io), Ok(runtime)) => {
                connection.set(Doing::Waiting);
                runtime.spawn(async move {
                    tokio::select! {
                        _ = timeout(LAST_WORD, say_last(io)) => {}
                        () = connection.ended() => {}
                    }
                    connection.close();
                });
            }
            _ => connection.close(),
        }
    }
}

/// Ends the own half and reads on, into nowhere, until the other half has ended.
async fn say_last(mut io: TcpStream) {
    if io.shutdown().await.is_err() {
        return;
    }
    let mut nowhere = [0; 4_096];
    while matches!(io.read(&mut nowhere).await, Ok(n) if n > 0) {}
}
