//! Questions about the state. They are answered from what is durable, when there is time, one of each session after
//! the other.

use super::LiveCity;
use super::commands::Repeat;
use super::tick::Tick;
use super::turns::WAITING_MAX;
use crate::refusal::Refusal;
use crate::request::{CommandReply, ViewRequest};
use chengtu_engine::code::Code;
use chengtu_engine::stream::Asked;
use std::time::{Duration, Instant};

/// Time of a tick for questions; the rest waits for the next. One is always answered.
const QUESTIONS_SHARE: Duration = Duration::from_millis(15);

/// A question that waits.
#[derive(Debug)]
pub(super) enum Question {
    /// About what a session looks at.
    View(ViewRequest),
    /// What was answered to a command that was done before, as this record.
    Repeat(CommandReply, u64, Box<Repeat>),
}

/// That a session has too much waiting.
pub(super) fn too_much() -> Refusal {
    let text = format!(
        "{WAITING_MAX} asks of this connection wait already; wait for answers before asking more"
    );
    Refusal::new(Code::TooMuchAtOnce, text)
}

impl LiveCity {
    /// Lets a question of a session wait, or refuses it.
    pub(super) fn ask(&mut self, session: u64, request: Option<u32>, question: Question) {
        match self.pending.questions.push(session, question) {
            Ok(()) => {}
            Err(Question::Repeat(reply, ..)) => reply.refuse(too_much()),
            Err(Question::View(_)) => {
                if let Some(viewer) = self.audience.viewer(session) {
                    viewer
                        .outbox
                        .refuse(request.map(Asked::Request), too_much());
                }
            }
        }
    }

    /// Answers as many of the questions as there is time for.
    pub(super) fn answer_questions(&mut self, tick: &Tick) {
        let began = Instant::now();
        while let Some((_, question)) = self.pending.questions.next() {
            match question {
                Question::View(view) => self.audience.take(view, &self.state, tick.now),
                Question::Repeat(reply, seq, repeat) => match self.case_of_repeat(seq, &repeat) {
                    Ok(case) => {
                        // From here on it is answered without the log.
                        self.pending
                            .given
                            .remember(reply.id(), repeat.given.made(case));
                        self.answer_command(reply, seq, case);
                    }
                    Err(why) => reply.refuse(why),
                },
            }
            if began.elapsed() > QUESTIONS_SHARE {
                break;
            }
        }
    }
}
