use crate::panels::console::Pending;
use bevy::prelude::Resource;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::AlarmId;

/// Acknowledgements that were given here and are not answered yet.
#[derive(Resource, Debug, Default)]
pub struct AlarmState {
    pub(super) sending: Vec<Pending>,
}

impl AlarmState {
    /// True while an acknowledgement of this alarm is under way.
    pub fn is_acknowledging(&self, alarm: AlarmId) -> bool {
        let asked = CommandRequest::AcknowledgeAlarm { alarm };
        self.sending.iter().any(|p| p.request == asked)
    }
}
