//! An incident file played by this program itself: the same words as with a server, without one.

mod answer;
mod file;
#[cfg(test)]
mod tests;

pub use file::{OpenError, Opened};

use super::link::LinkEvent;
use answer::Desk;
use chengtu_engine::stream::ClientMessage;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Messages waiting for the app.
const QUEUE: usize = 512;
/// How often the clock is moved on.
const TURN: Duration = Duration::from_millis(33);

/// Starts the thread that plays the incident; it ends when the app drops its ends.
pub(super) fn start(
    opened: Opened,
) -> (
    mpsc::UnboundedSender<ClientMessage>,
    mpsc::Receiver<LinkEvent>,
) {
    let (orders, orders_out) = mpsc::unbounded_channel();
    let (events_in, events) = mpsc::channel(QUEUE);
    let started = std::thread::Builder::new()
        .name("chengtu-incident".into())
        .spawn(move || play(opened, orders_out, &events_in));
    if let Err(error) = started {
        tracing::error!("the incident cannot be played: {error}");
    }
    (orders, events)
}

fn play(
    opened: Opened,
    mut orders: mpsc::UnboundedReceiver<ClientMessage>,
    events: &mpsc::Sender<LinkEvent>,
) {
    let mut desk = match Desk::new(opened) {
        Ok(desk) => desk,
        Err(reason) => {
            tracing::error!("the incident cannot be played: {reason}");
            let next_try = Instant::now() + Duration::from_hours(24);
            let _ = events.blocking_send(LinkEvent::Lost {
                shut: None,
                next_try,
                reason,
                untrusted: None,
            });
            return;
        }
    };
    if events.blocking_send(LinkEvent::Greeted).is_err() {
        return;
    }
    let mut last = Instant::now();
    loop {
        loop {
            match orders.try_recv() {
                Ok(message) => desk.take(message),
                Err(mpsc::error::TryRecvError::Empty) => break,
                Err(mpsc::error::TryRecvError::Disconnected) => return,
            }
        }
        let now = Instant::now();
        desk.turn(now - last);
        last = now;
        for message in desk.said() {
            let event = LinkEvent::Message {
                message: Box::new(message),
                read_at: Instant::now(),
            };
            if events.blocking_send(event).is_err() {
                return;
            }
        }
        std::thread::sleep(TURN.saturating_sub(now.elapsed()));
    }
}
