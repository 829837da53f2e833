//! A body as it comes: no larger, no slower and no longer than it may be.

use crate::config::Limits;
use crate::feeds::budget::{Busy, Share};
use axum::body::{Body, HttpBody};
use axum::http::StatusCode;
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Why a body did not come whole.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReceiveError {
    #[error("the body is larger than {0} bytes (limits.body_bytes_max)")]
    TooLarge(usize),
    #[error("the body was cut off")]
    CutOff,
    #[error(
        "the body came too slowly: {pause_s} s without a part of it, or {whole_s} s for all of it, are the most (limits.body_pause_s, limits.body_timeout_s)"
    )]
    TooSlow { pause_s: u64, whole_s: u64 },
    #[error(transparent)]
    Busy(#[from] Busy),
}

impl ReceiveError {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::CutOff => StatusCode::BAD_REQUEST,
            Self::TooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::Busy(_) => StatusCode::TOO_MANY_REQUESTS,
        }
    }
}

/// The bytes of a body; `share` holds what they take.
pub(super) async fn receive(
    body: Body,
    limits: &Limits,
    share: &mut Share,
) -> Result<Vec<u8>, ReceiveError> {
    let max = limits.body_bytes_max;
    if body.size_hint().lower() > max as u64 {
        return Err(ReceiveError::TooLarge(max));
    }
    let by = Instant::now() + Duration::from_secs(limits.body_timeout_s);
    let pause = Duration::from_secs(limits.body_pause_s);
    let mut parts = body.into_data_stream();
    let mut bytes = Vec::new();
    loop {
        let patience = pause.min(by.saturating_duration_since(Instant::now()));
        let part = match timeout(patience, parts.next()).await {
            Err(_) => {
                return Err(ReceiveError::TooSlow {
                    pause_s: limits.body_pause_s,
                    whole_s: limits.body_timeout_s,
                });
            }
            Ok(None) => return Ok(bytes),
            Ok(Some(Err(_))) => return Err(ReceiveError::CutOff),
            Ok(Some(Ok(part))) => part,
        };
        let len = bytes.len() + part.len();
        if len > max {
            return Err(ReceiveError::TooLarge(max));
        }
        // Its buffer grows by doubling.
        share.set(len.max(bytes.capacity()))?;
        bytes.extend_from_slice(&part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::budget::Budget;
    use bytes::Bytes;
    use futures_util::stream;

    fn limits() -> Limits {
        Limits {
            body_bytes_max: 100,
            body_pause_s: 1,
            body_timeout_s: 3,
            ..Limits::default()
        }
    }

    async fn got(body: Body) -> Result<usize, ReceiveError> {
        let mut share = Budget::new(1_000).share();
        Ok(receive(body, &limits(), &mut share).await?.len())
    }

    /// So many parts of a byte, each after so long.
    fn slow(parts: usize, after: Duration) -> Body {
        Body::from_stream(stream::unfold(0, move |n| async move {
            tokio::time::sleep(after).await;
            (n < parts).then(|| (Ok::<_, std::io::Error>(Bytes::from_static(b"x")), n + 1))
        }))
    }

    #[tokio::test]
    async fn half_a_body_is_not_waited_for_and_a_slow_one_not_for_ever() {
        let late = Duration::from_millis(1_500);
        let slowly = Duration::from_millis(700);
        let (short, late, slow_one, endless) = tokio::join!(
            got(Body::from("{}")),
            got(slow(9, late)),
            got(slow(2, slowly)),
            got(slow(50, slowly)),
        );
        assert_eq!((short.unwrap(), slow_one.unwrap()), (2, 2));
        assert!(matches!(late, Err(ReceiveError::TooSlow { .. })));
        assert!(matches!(endless, Err(ReceiveError::TooSlow { .. })));
        let long = slow(101, Duration::ZERO);
        assert!(matches!(got(long).await, Err(ReceiveError::TooLarge(100))));
        let said = Body::from(vec![0; 101]);
        assert!(matches!(got(said).await, Err(ReceiveError::TooLarge(100))));
    }
}
