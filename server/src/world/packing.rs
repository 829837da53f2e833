//! Keyframes while the city runs: begun when due, packed on another thread, written when packed.

use super::LiveCity;
use super::keyframes::Keyframes;
use crate::log::Keyframe;
use crate::priority;
use std::sync::mpsc::TryRecvError;

impl LiveCity {
    /// Hands the state to another thread to be packed: the tick only pays for encoding it.
    pub(super) fn begin_keyframe(&mut self) {
        let k = &mut self.keyframes;
        let limits = &self.config.log;
        let movers = self.state.movers().len() as u64;
        let due = k.last.elapsed().as_secs() >= limits.keyframe_every_s
            || k.rows >= limits.keyframe_every_rows.max(16 * movers);
        if !due || k.rows == 0 || k.packing.is_some() || self.stopped.is_some() {
            return;
        }
        let (seq, known_at) = (self.state.seq(), self.state.known_at());
        *k = Keyframes::new(seq);
        let (hand_on, pieces) = std::sync::mpsc::channel::<Vec<u8>>();
        let (send, receive) = std::sync::mpsc::channel();
        let packer = std::thread::Builder::new().name("keyframe".to_owned());
        let spawned = packer.spawn(move || {
            priority::behind_the_running_city();
            let _ = send.send(Keyframe::pack(seq, known_at, pieces).ok());
        });
        if spawned.is_ok() {
            // The packer works on the first pieces while the last are made: the state is never there twice.
            self.state.encode_pieces(|piece| drop(hand_on.send(piece)));
            self.keyframes.packing = Some(receive);
        }
    }

    /// Writes a keyframe that has been packed.
    pub(super) fn store_packed_keyframe(&mut self) {
        let Some(packing) = &self.keyframes.packing else {
            return;
        };
        match packing.try_recv() {
            Ok(Some(keyframe)) => {
                self.keyframes.packing = None;
                if self.stopped.is_none()
                    && let Err(error) = self.log.put_keyframe(&keyframe)
                {
                    self.stop_writing(&error);
                }
            }
            Err(TryRecvError::Empty) => {}
            Ok(None) | Err(_) => self.keyframes.packing = None,
        }
    }
}
