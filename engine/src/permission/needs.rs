use super::Permission;
use crate::command::Command;

impl Command {
    /// The permission that giving this command takes.
    pub const fn needs(&self) -> Permission {
        match self {
            Self::Tick
            | Self::Configure(_)
            | Self::RegisterFeed { .. }
            | Self::RegisterUnit(_)
            | Self::RetireMovers { .. }
            | Self::RetireSensors { .. }
            | Self::RetireFeed { .. } => Permission::ConfigureCity,
            Self::RegisterSensor(_) | Self::RegisterMovers { .. } => Permission::RegisterThings,
            Self::ReportCase(_) => Permission::ReportCases,
            Self::FileCase { .. }
            | Self::VoidCase { .. }
            | Self::BundleCase { .. }
            | Self::RestoreCase { .. }
            | Self::NameReporter { .. } => Permission::DecideCases,
            Self::CheckCase { .. } => Permission::CheckCases,
            Self::DispatchUnit { .. } | Self::RecallUnit { .. } | Self::ReassignCase { .. } => {
                Permission::SendUnits
            }
            Self::AcknowledgeAssignment { .. }
            | Self::ArriveOnScene { .. }
            | Self::ReportHandled { .. }
            | Self::SetInService { .. } => Permission::ReportProgress,
            Self::AcknowledgeAlarm { .. } => Permission::AcknowledgeAlarms,
            Self::Unmask { .. } => Permission::Unmask,
        }
    }
}
