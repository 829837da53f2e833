use super::ConfirmState;
use crate::panels::console::{Acts, Queued, Scene};
use bevy::prelude::Message;
use chengtu_engine::record::World;
use chengtu_engine::stream::Mirror;
use std::sync::{Arc, Mutex, PoisonError};

/// Says whether what was on the screen when a question was asked still holds.
type Holds = Box<dyn Fn(&Mirror) -> bool + Send + Sync>;
/// Makes an act of a reason in words.
type Written = Box<dyn Fn(String) -> Box<dyn Queued> + Send + Sync>;

/// Puts a question on the screen.
#[derive(Message, Clone)]
pub struct Ask(pub(super) AskOnce);

/// A question on its way to the screen: whoever reads it first has it.
#[derive(Clone)]
pub struct AskOnce(Arc<Mutex<Option<Question>>>);

impl AskOnce {
    pub(super) fn take(&self) -> Option<Question> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Ask {
    /// Asks this.
    pub fn new(question: Question) -> Self {
        Self(AskOnce(Arc::new(Mutex::new(Some(question)))))
    }
}

/// One of the things that can be confirmed.
pub struct Choice {
    /// What it is, in the user's language: a reason, a unit.
    pub label: String,
    pub(super) act: Box<dyn Queued>,
}

impl Choice {
    /// A choice and the act that it stands for.
    pub fn new<M: Message>(label: String, act: M) -> Self {
        Self {
            label,
            act: Box::new(act),
        }
    }
}

/// What is asked before something is done that cannot be undone.
pub struct Question {
    /// What will be done, to what: "Void case 105".
    pub title: String,
    /// What that means.
    pub detail: String,
    /// Words of the button that does it.
    pub label: String,
    /// The world that it is done in: the one drawn around the screen when it was asked.
    pub world: World,
    /// What can be chosen from; with a single choice there is nothing to choose.
    pub choices: Vec<Choice>,
    /// Where a reason may be written: its hint, and the act that it makes.
    pub(super) written: Option<(String, Written)>,
    pub(super) holds: Holds,
}

impl Question {
    /// A question about the current world that can be answered while `holds` is true of it.
    pub fn new(
        title: String,
        world: World,
        holds: impl Fn(&Mirror) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self {
            title,
            detail: String::new(),
            label: String::new(),
            world,
            choices: Vec::new(),
            written: None,
            holds: Box::new(holds),
        }
    }

    /// With a reason that may be written instead of chosen.
    pub fn or_written<M: Message>(
        mut self,
        hint: String,
        act: impl Fn(String) -> M + Send + Sync + 'static,
    ) -> Self {
        self.written = Some((hint, Box::new(move |text| Box::new(act(text)))));
        self
    }

    /// Lines of the list; a single choice that says nothing of its own needs none.
    pub(super) fn rows(&self) -> usize {
        match self.choices.as_slice() {
            [only] if only.label.is_empty() => 0,
            all => all.len(),
        }
    }

    /// True where it may still be answered: the same world, and what it is about is as it was.
    pub(super) fn still_holds(&self, s: &Scene<'_>) -> bool {
        self.world == s.world && (self.holds)(s.mirror)
    }
}

impl ConfirmState {
    /// True where something was chosen, or a reason was written.
    pub(super) fn is_answered(&self) -> bool {
        self.chosen.is_some() || !self.written.trim().is_empty()
    }

    /// Does what was chosen, where that still holds; false where nothing is done.
    pub(super) fn confirm(&mut self, s: &Scene<'_>, out: &mut Acts) -> bool {
        let may = s.is_live() && self.is_answered();
        let Some(mut question) = self.open.take_if(|q| may && q.still_holds(s)) else {
            return false;
        };
        let written = self.written.trim().to_owned();
        match (question.written, self.chosen) {
            (Some((_, act)), None) if !written.is_empty() => out.push_queued(act(written)),
            (_, Some(i)) if i < question.choices.len() => {
                out.push_queued(question.choices.swap_remove(i).act);
            }
            _ => return false,
        }
        true
    }
}
