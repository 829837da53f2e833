use bevy_egui::egui::{Event, InputState, Key};

/// Part of the screen that has the keyboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// The map: arrows move it.
    #[default]
    Map,
    /// The case queue.
    Queue,
    /// The ranked units and the dispatch button.
    Dispatch,
    /// The layer chips.
    Layers,
    /// The list of alarms.
    Alarms,
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The words of its binding explain each.
pub enum Act {
    Help,
    Search,
    Leave,
    NextCase,
    PreviousCase,
    OpenCase,
    FocusQueue,
    FocusDispatch,
    NextUnit,
    PreviousUnit,
    ChooseUnit(u8),
    Dispatch,
    Confirm,
    SecondUnit,
    Bundle,
    MarkCase,
    Void,
    Recall,
    AcknowledgeAlarm,
    AcknowledgeListed,
    ReportAlarm,
    NextAlarm,
    PreviousAlarm,
    OpenAlarm,
    ShowAllCases,
    DismissMissed,
    Overview,
    Follow,
    Layers,
    ToggleLayer(u8),
    Language,
    LargerText,
    SmallerText,
    UsualText,
    Tilt,
    North,
    ZoomIn,
    ZoomOut,
    MoveMap,
    TurnMap,
    Worlds,
    Fork,
    DrillRun,
    DrillFire,
    DrillPostpone,
    DrillRewind,
    DrillNotes,
    DrillScore,
    DrillGhost,
    TimeBar,
    TypeTime,
    Play,
    SecondBack,
    SecondOn,
    PreviousEvent,
    NextEvent,
    PreviousOfChosen,
    NextOfChosen,
    Slower,
    Faster,
    Bookmark,
    Basis,
    LookBack,
    BackToLive,
}

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chord {
    /// The key, wherever it is on the keyboard.
    pub key: Key,
    /// Ctrl, or ⌘ on a Mac.
    pub command: bool,
    /// Shift must be held.
    pub shift: bool,
}

const fn key(key: Key) -> Chord {
    Chord {
        key,
        command: false,
        shift: false,
    }
}

const fn ctrl(key: Key) -> Chord {
    Chord {
        key,
        command: true,
        shift: false,
    }
}

const fn ctrl_shift(key: Key) -> Chord {
    Chord {
        key,
        command: true,
        shift: true,
    }
}

const fn shift(key: Key) -> Chord {
    Chord {
        key,
        command: false,
        shift: true,
    }
}

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// What it does.
    pub act: Act,
    /// Any of these.
    pub keys: &'static [Chord],
    /// Where; `None` means everywhere.
    pub zone: Option<Zone>,
    /// Key of the words that explain it.
    pub words: &'static str,
    /// Moves the map while it is held: the camera listens to these itself, unless a list has the keyboard.
    pub held: bool,
    /// Listed in the help; a row of digits is listed once.
    pub told: bool,
}

const fn act(act: Act, zone: Option<Zone>, keys: &'static [Chord], words: &'static str) -> Binding {
    Binding {
        act,
        keys,
        zone,
        words,
        held: false,
        told: true,
    }
}

const fn held(
    what: Act,
    zone: Option<Zone>,
    keys: &'static [Chord],
    words: &'static str,
) -> Binding {
    Binding {
        held: true,
        ..act(what, zone, keys, words)
    }
}

const fn digit(
    what: Act,
    zone: Zone,
    keys: &'static [Chord],
    told: bool,
    words: &'static str,
) -> Binding {
    Binding {
        told,
        ..act(what, Some(zone), keys, words)
    }
}

const D: Zone = Zone::Dispatch;
const L: Zone = Zone::Layers;
const A: Zone = Zone::Alarms;
const UNIT: &str = "keys.choose_unit";
const LAYER: &str = "keys.toggle_layer";

/// Every key of the program.
pub const BINDINGS: &[Binding] = &[
    act(
        Act::Search,
        None,
        &[ctrl(Key::K), key(Key::Slash)],
        "keys.search",
    ),
    act(Act::NextCase, None, &[key(Key::J)], "keys.next_case"),
    act(
        Act::PreviousCase,
        None,
        &[key(Key::K)],
        "keys.previous_case",
    ),
    act(
        Act::NextCase,
        Some(Zone::Queue),
        &[key(Key::ArrowDown)],
        "keys.next_case",
    ),
    act(
        Act::PreviousCase,
        Some(Zone::Queue),
        &[key(Key::ArrowUp)],
        "keys.previous_case",
    ),
    act(
        Act::OpenCase,
        Some(Zone::Queue),
        &[key(Key::Enter)],
        "keys.open_case",
    ),
    act(Act::FocusQueue, None, &[key(Key::Q)], "keys.focus_queue"),
    act(
        Act::FocusDispatch,
        None,
        &[key(Key::D)],
        "keys.focus_dispatch",
    ),
    act(
        Act::NextUnit,
        Some(D),
        &[key(Key::ArrowDown)],
        "keys.next_unit",
    ),
    act(
        Act::PreviousUnit,
        Some(D),
        &[key(Key::ArrowUp)],
        "keys.previous_unit",
    ),
    digit(Act::ChooseUnit(1), D, &[key(Key::Num1)], true, UNIT),
    digit(Act::ChooseUnit(2), D, &[key(Key::Num2)], false, UNIT),
    digit(Act::ChooseUnit(3), D, &[key(Key::Num3)], false, UNIT),
    digit(Act::ChooseUnit(4), D, &[key(Key::Num4)], false, UNIT),
    digit(Act::ChooseUnit(5), D, &[key(Key::Num5)], false, UNIT),
    digit(Act::ChooseUnit(6), D, &[key(Key::Num6)], false, UNIT),
    digit(Act::ChooseUnit(7), D, &[key(Key::Num7)], false, UNIT),
    digit(Act::ChooseUnit(8), D, &[key(Key::Num8)], false, UNIT),
    digit(Act::ChooseUnit(9), D, &[key(Key::Num9)], false, UNIT),
    act(Act::Dispatch, Some(D), &[key(Key::Enter)], "keys.dispatch"),
    act(Act::Confirm, None, &[shift(Key::Enter)], "keys.confirm"),
    act(Act::SecondUnit, None, &[shift(Key::D)], "keys.second_unit"),
    act(Act::Bundle, None, &[key(Key::B)], "keys.bundle"),
    act(Act::MarkCase, None, &[key(Key::S)], "keys.mark_case"),
    act(Act::Void, None, &[key(Key::V)], "keys.void"),
    act(Act::Recall, None, &[key(Key::R)], "keys.recall"),
    act(
        Act::AcknowledgeAlarm,
        None,
        &[key(Key::A)],
        "keys.acknowledge",
    ),
    act(Act::ReportAlarm, None, &[key(Key::I)], "keys.report_alarm"),
    act(
        Act::NextAlarm,
        Some(A),
        &[key(Key::ArrowDown)],
        "keys.next_alarm",
    ),
    act(
        Act::PreviousAlarm,
        Some(A),
        &[key(Key::ArrowUp)],
        "keys.previous_alarm",
    ),
    act(
        Act::OpenAlarm,
        Some(A),
        &[key(Key::Enter)],
        "keys.open_alarm",
    ),
    act(
        Act::AcknowledgeListed,
        Some(A),
        &[shift(Key::A)],
        "keys.acknowledge_listed",
    ),
    act(
        Act::ShowAllCases,
        None,
        &[shift(Key::Q)],
        "keys.show_all_cases",
    ),
    act(
        Act::DismissMissed,
        None,
        &[key(Key::U)],
        "keys.dismiss_missed",
    ),
    act(Act::Overview, None, &[key(Key::O)], "keys.overview"),
    act(Act::Follow, None, &[key(Key::F)], "keys.follow"),
    act(Act::Layers, None, &[key(Key::L)], "keys.layers"),
    digit(Act::ToggleLayer(1), L, &[key(Key::Num1)], true, LAYER),
    digit(Act::ToggleLayer(2), L, &[key(Key::Num2)], false, LAYER),
    digit(Act::ToggleLayer(3), L, &[key(Key::Num3)], false, LAYER),
    digit(Act::ToggleLayer(4), L, &[key(Key::Num4)], false, LAYER),
    digit(Act::ToggleLayer(5), L, &[key(Key::Num5)], false, LAYER),
    digit(Act::ToggleLayer(6), L, &[key(Key::Num6)], false, LAYER),
    digit(Act::ToggleLayer(7), L, &[key(Key::Num7)], false, LAYER),
    digit(Act::ToggleLayer(8), L, &[key(Key::Num8)], false, LAYER),
    digit(Act::ToggleLayer(9), L, &[key(Key::Num9)], false, LAYER),
    held(Act::North, None, &[key(Key::N)], "keys.north"),
    act(Act::Tilt, None, &[key(Key::T)], "keys.tilt"),
    held(
        Act::ZoomIn,
        None,
        &[key(Key::Plus), key(Key::Equals)],
        "keys.zoom_in",
    ),
    held(Act::ZoomOut, None, &[key(Key::Minus)], "keys.zoom_out"),
    held(
        Act::MoveMap,
        Some(Zone::Map),
        &[
            key(Key::ArrowLeft),
            key(Key::ArrowRight),
            key(Key::ArrowUp),
            key(Key::ArrowDown),
        ],
        "keys.move_map",
    ),
    held(
        Act::TurnMap,
        Some(Zone::Map),
        &[
            shift(Key::ArrowLeft),
            shift(Key::ArrowRight),
            shift(Key::ArrowUp),
            shift(Key::ArrowDown),
        ],
        "keys.turn_map",
    ),
    act(Act::Worlds, None, &[key(Key::W)], "keys.worlds"),
    act(Act::Fork, None, &[key(Key::X)], "keys.fork"),
    act(Act::DrillRun, None, &[shift(Key::Space)], "keys.drill_run"),
    act(Act::DrillFire, None, &[shift(Key::I)], "keys.drill_fire"),
    act(
        Act::DrillPostpone,
        None,
        &[shift(Key::P)],
        "keys.drill_postpone",
    ),
    act(
        Act::DrillRewind,
        None,
        &[shift(Key::B)],
        "keys.drill_rewind",
    ),
    act(Act::DrillNotes, None, &[shift(Key::N)], "keys.drill_notes"),
    act(Act::DrillScore, None, &[shift(Key::S)], "keys.drill_score"),
    act(Act::DrillGhost, None, &[shift(Key::G)], "keys.drill_ghost"),
    act(Act::TimeBar, None, &[key(Key::H)], "keys.time_bar"),
    act(Act::LookBack, None, &[key(Key::Home)], "keys.look_back"),
    act(Act::BackToLive, None, &[key(Key::End)], "keys.back_to_live"),
    act(Act::TypeTime, None, &[key(Key::Y)], "keys.type_time"),
    act(Act::Play, None, &[key(Key::Space)], "keys.play"),
    act(
        Act::SecondBack,
        None,
        &[key(Key::Comma)],
        "keys.second_back",
    ),
    act(Act::SecondOn, None, &[key(Key::Period)], "keys.second_on"),
    act(
        Act::PreviousEvent,
        None,
        &[key(Key::OpenBracket)],
        "keys.previous_event",
    ),
    act(
        Act::NextEvent,
        None,
        &[key(Key::CloseBracket)],
        "keys.next_event",
    ),
    act(
        Act::PreviousOfChosen,
        None,
        &[shift(Key::OpenBracket), shift(Key::OpenCurlyBracket)],
        "keys.previous_of_chosen",
    ),
    act(
        Act::NextOfChosen,
        None,
        &[shift(Key::CloseBracket), shift(Key::CloseCurlyBracket)],
        "keys.next_of_chosen",
    ),
    act(Act::Slower, None, &[key(Key::Z)], "keys.slower"),
    act(Act::Faster, None, &[key(Key::C)], "keys.faster"),
    act(Act::Basis, None, &[key(Key::E)], "keys.basis"),
    act(Act::Bookmark, None, &[key(Key::M)], "keys.bookmark"),
    act(Act::Language, None, &[key(Key::G)], "keys.language"),
    act(
        Act::LargerText,
        None,
        &[ctrl(Key::Plus), ctrl(Key::Equals), ctrl_shift(Key::Plus)],
        "keys.larger_text",
    ),
    act(
        Act::SmallerText,
        None,
        &[ctrl(Key::Minus)],
        "keys.smaller_text",
    ),
    act(Act::UsualText, None, &[ctrl(Key::Num0)], "keys.usual_text"),
    act(
        Act::Help,
        None,
        &[key(Key::Questionmark), shift(Key::Slash), key(Key::F1)],
        "keys.help",
    ),
    act(Act::Leave, None, &[key(Key::Escape)], "keys.leave"),
];

impl Chord {
    /// As on a key cap.
    pub fn label(self) -> String {
        let name = match self.key {
            Key::Questionmark => "?".into(),
            Key::Slash => "/".into(),
            Key::Num0 => "0".into(),
            Key::Plus => "+".into(),
            Key::Equals => "=".into(),
            Key::Minus => "–".into(),
            Key::Escape => "Esc".into(),
            Key::Comma => ",".into(),
            Key::Period => ".".into(),
            Key::OpenBracket => "[".into(),
            Key::CloseBracket => "]".into(),
            Key::OpenCurlyBracket => "{".into(),
            Key::CloseCurlyBracket => "}".into(),
            Key::ArrowUp => "↑".into(),
            Key::ArrowDown => "↓".into(),
            Key::ArrowLeft => "←".into(),
            Key::ArrowRight => "→".into(),
            other => other.name().to_string(),
        };
        let ctrl = if self.command { "Ctrl " } else { "" };
        let shift = if self.shift { "⇧ " } else { "" };
        format!("{ctrl}{shift}{name}")
    }
}

/// A key that was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Press {
    /// The key with its modifiers.
    pub chord: Chord,
    /// It is held, and this is a repetition.
    pub repeat: bool,
}

/// The keys pressed in this frame, oldest first. What an input method composes never arrives here as keys.
pub fn presses(input: &InputState) -> Vec<Press> {
    let press = |event: &Event| match *event {
        Event::Key {
            key,
            pressed: true,
            modifiers,
            repeat,
            ..
        } if !modifiers.alt => Some(Press {
            chord: Chord {
                key,
                command: modifiers.command,
                shift: modifiers.shift,
            },
            repeat,
        }),
        _ => None,
    };
    input.events.iter().filter_map(press).collect()
}

impl Press {
    /// What it does in a zone. `typing`: a text field has the keyboard, then only Ctrl keys and Escape act.
    pub fn act(self, zone: Zone, typing: bool) -> Option<&'static Binding> {
        let pressed = self.chord;
        let confirms = pressed.key == Key::Enter && pressed.shift;
        if typing && !pressed.command && pressed.key != Key::Escape && !confirms {
            return None;
        }
        let fits = |c: &Chord| {
            c.key == pressed.key
                && c.command == pressed.command
                && (c.shift == pressed.shift || pressed.key == Key::Questionmark)
        };
        BINDINGS
            .iter()
            .filter(|b| !b.held || matches!(zone, Zone::Queue | Zone::Dispatch | Zone::Alarms))
            .filter(|b| b.zone.is_none_or(|z| z == zone) && b.keys.iter().any(fits))
            .max_by_key(|b| b.zone.is_some())
            .filter(|b| !self.repeat || b.act.may_repeat())
    }

    /// True for a key without modifiers.
    pub fn is(self, key: Key) -> bool {
        let chord = self.chord;
        chord.key == key && !chord.command && !chord.shift
    }
}

impl Act {
    /// Walking through a list or through time repeats while the key is held; nothing that changes the city does.
    pub fn may_repeat(self) -> bool {
        matches!(
            self,
            Self::NextCase
                | Self::PreviousCase
                | Self::NextUnit
                | Self::PreviousUnit
                | Self::NextAlarm
                | Self::PreviousAlarm
                | Self::SecondBack
                | Self::SecondOn
                | Self::PreviousEvent
                | Self::NextEvent
                | Self::PreviousOfChosen
                | Self::NextOfChosen
        )
    }

    /// True for what may be done together with other keys of one frame. Everything else opens, chooses or commands
    /// something: it is done for what is on the screen, so it is the only key of its frame, and those after it wait
    /// until its effect has been drawn.
    pub fn may_share_a_frame(self) -> bool {
        self.may_repeat()
            || matches!(
                self,
                Self::ZoomIn | Self::ZoomOut | Self::Slower | Self::Faster
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy_egui::egui::{Context, Modifiers, RawInput};

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for (i, a) in BINDINGS.iter().enumerate() {
            for b in &BINDINGS[i + 1..] {
                let together = a.zone == b.zone;
                let shared = a.keys.iter().any(|k| b.keys.contains(k));
                assert!(!(together && shared), "{a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn every_key_is_told_in_words() {
        for lang in [crate::i18n::Lang::Zh, crate::i18n::Lang::En] {
            let words = crate::i18n::Words::shipped(lang).unwrap();
            for b in BINDINGS {
                assert!(words.keys().any(|k| k == b.words), "{}", b.words);
            }
        }
    }

    fn acts(zone: Zone, typing: bool, keys: &[(Key, Modifiers, bool)]) -> Vec<Act> {
        let ctx = Context::default();
        let event = |(key, modifiers, repeat): &(Key, Modifiers, bool)| Event::Key {
            key: *key,
            physical_key: None,
            pressed: true,
            repeat: *repeat,
            modifiers: *modifiers,
        };
        let events = keys.iter().map(event).collect();
        let mut acts: Vec<Press> = Vec::new();
        let mut output = ctx.run_ui(
            RawInput {
                events,
                ..RawInput::default()
            },
            |ui| {
                acts = ui.input(presses);
            },
        );
        output.textures_delta.clear();
        let acts = acts.into_iter().filter_map(|p| p.act(zone, typing));
        acts.map(|b| b.act).collect()
    }

    const NONE: Modifiers = Modifiers::NONE;

    #[test]
    fn enter_dispatches_only_where_the_panel_has_the_keyboard() {
        let enter = [(Key::Enter, NONE, false)];
        assert_eq!(acts(Zone::Map, false, &enter), []);
        assert_eq!(acts(Zone::Queue, false, &enter), [Act::OpenCase]);
        assert_eq!(acts(Zone::Dispatch, false, &enter), [Act::Dispatch]);
        let held = [enter[0], (Key::Enter, NONE, true)];
        assert_eq!(
            acts(Zone::Dispatch, false, &held),
            [Act::Dispatch],
            "a held key sends nobody twice"
        );
    }

    #[test]
    fn what_is_typed_is_no_shortcut() {
        let typed = [
            (Key::J, NONE, false),
            (Key::R, NONE, false),
            (Key::Enter, NONE, false),
        ];
        assert_eq!(acts(Zone::Dispatch, true, &typed), []);
        let leave = [
            (Key::Escape, NONE, false),
            (Key::K, Modifiers::COMMAND, false),
        ];
        assert_eq!(
            acts(Zone::Dispatch, true, &leave),
            [Act::Leave, Act::Search]
        );
    }

    #[test]
    fn time_is_driven_from_everywhere_and_seconds_repeat_while_held() {
        let second = [(Key::Period, NONE, false), (Key::Period, NONE, true)];
        let play = [(Key::Space, NONE, false), (Key::Space, NONE, true)];
        for zone in [Zone::Map, Zone::Queue, Zone::Dispatch, Zone::Layers] {
            assert_eq!(acts(zone, false, &second), [Act::SecondOn; 2]);
            assert_eq!(acts(zone, false, &play), [Act::Play]);
            assert_eq!(
                acts(zone, true, &play),
                [],
                "a space in a note plays nothing"
            );
        }
        for key in [Key::OpenBracket, Key::OpenCurlyBracket] {
            let of_chosen = [(key, Modifiers::SHIFT, false)];
            assert_eq!(acts(Zone::Map, false, &of_chosen), [Act::PreviousOfChosen]);
        }
    }

    #[test]
    fn digits_choose_units_or_layers() {
        let two = [(Key::Num2, NONE, false)];
        assert_eq!(acts(Zone::Dispatch, false, &two), [Act::ChooseUnit(2)]);
        assert_eq!(acts(Zone::Layers, false, &two), [Act::ToggleLayer(2)]);
        assert_eq!(acts(Zone::Map, false, &two), []);
        let north = [(Key::N, NONE, false)];
        assert_eq!(
            (
                acts(Zone::Map, false, &north),
                acts(Zone::Queue, false, &north)
            ),
            (vec![], vec![Act::North])
        );
        assert_eq!(
            acts(
                Zone::Map,
                false,
                &[(Key::J, NONE, false), (Key::J, NONE, true)]
            ),
            [Act::NextCase; 2]
        );
    }
}
