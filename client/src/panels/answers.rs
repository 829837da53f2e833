//! An answer is heard by the panel that asked, and by no other.

use super::alarms::{AlarmAct, AlarmState};
use super::console::{Acts, PanelActs, deliver};
use super::dispatch::{DispatchAct, DispatchState};
use super::model::sample::{COVER, EN_ROUTE};
use super::notice::{Notice, NoticeState};
use super::pictures::{Setting, console_of, run_app};
use crate::live::{ContextAt, Selection};
use crate::net::{CityChanged, CommandOutcome, ServerNotice, WorldWord};
use bevy::prelude::*;
use chengtu_engine::code::{Code, RefusalData};
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::ids::{AlarmId, CommandId};
use chengtu_engine::stream::{Asked, Refused};

const DISPATCH: CommandRequest = CommandRequest::DispatchUnit {
    unit: EN_ROUTE,
    target: Target::Case(COVER),
    expected_s: None,
};

fn app() -> App {
    let setting = Setting {
        selection: Selection::Case(COVER),
        ..Setting::default()
    };
    let mut app = console_of(&setting);
    app.add_message::<CommandOutcome>()
        .add_message::<ServerNotice>()
        .add_message::<WorldWord>()
        .add_message::<CityChanged>()
        .add_message::<ContextAt>();
    run_app(&setting, &mut app);
    let mut acts = app.world_mut().resource_mut::<Acts>();
    acts.push(DispatchAct::Give(DISPATCH));
    acts.push(AlarmAct::Acknowledge(AlarmId(1)));
    deliver(app.world_mut());
    app.world_mut().run_schedule(PanelActs);
    app
}

/// What the server says to a command.
fn refuse(app: &mut App, id: CommandId, request: CommandRequest) {
    let result = Err(Refused {
        asked: Asked::Command(id),
        code: Code::UnitNotAvailable,
        text: String::new(),
        data: RefusalData::None,
    });
    app.world_mut().write_message(CommandOutcome {
        id,
        request,
        result,
    });
    app.world_mut().run_schedule(PreUpdate);
}

fn sending(app: &App) -> Option<CommandId> {
    let state = app.world().resource::<DispatchState>();
    state.sending.first().map(|p| p.id)
}

#[test]
fn a_panel_hears_its_own_answer_and_no_other() {
    let mut app = app();
    let id = sending(&app).expect("the dispatch is under way");
    let alarms = app.world().resource::<AlarmState>();
    assert!(alarms.is_acknowledging(AlarmId(1)));
    // The same request, given by somebody else.
    refuse(&mut app, CommandId(1, 2), DISPATCH);
    assert_eq!(sending(&app), Some(id));
    let state = app.world().resource::<DispatchState>();
    assert!(state.refusals.is_empty());
    refuse(&mut app, id, DISPATCH);
    assert_eq!(sending(&app), None);
    let state = app.world().resource::<DispatchState>();
    assert_eq!(state.refused_units(), [EN_ROUTE]);
    // The alarm's own answer has not come yet, and what was refused on the panel is no notice.
    let alarms = app.world().resource::<AlarmState>();
    assert!(alarms.is_acknowledging(AlarmId(1)));
    assert!(app.world().resource::<Messages<Notice>>().is_empty());
    assert!(app.world().resource::<NoticeState>().notice.is_none());
}
