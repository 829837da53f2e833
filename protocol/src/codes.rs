//! Stable numbers. A number is given once and never changes its meaning.

use chengtu_engine::code::Code;

/// Close: everything has been said (RFC 6455, 7.4.1).
pub const CLOSE_NORMAL: u16 = 1000;
/// Close: the server is going away (RFC 6455, 7.4.1).
pub const CLOSE_GOING_AWAY: u16 = 1001;
/// Close: not the WebSocket protocol (RFC 6455, 7.4.1).
pub const CLOSE_PROTOCOL: u16 = 1002;
/// Close: a text that is not UTF-8 (RFC 6455, 7.4.1).
pub const CLOSE_NOT_TEXT: u16 = 1007;
/// Close: a message far over the limit (RFC 6455, 7.4.1).
pub const CLOSE_TOO_LARGE: u16 = 1009;
/// Close: too many unreadable messages.
pub const CLOSE_OFFENCES: u16 = 4000;
/// Close: fell behind twice.
pub const CLOSE_SLOW: u16 = 4001;
/// Close: answers are not read.
pub const CLOSE_ANSWERS: u16 = 4002;
/// Close: silent for too long.
pub const CLOSE_SILENT: u16 = 4003;
/// Close: the token opens nothing.
pub const CLOSE_ACCESS: u16 = 4004;
/// Close: no more connections.
pub const CLOSE_FULL: u16 = 4005;
/// Close: the session that was logged in to has ended, or its account was disabled or changed.
pub const CLOSE_ENDED: u16 = 4006;

macro_rules! numbers {
    ($($number:literal $code:ident)*) => {
        /// The number of a reason.
        pub fn number(code: Code) -> u16 {
            match code {
                $(Code::$code => $number,)*
                Code::Other(number) => number,
            }
        }

        /// The reason with a number; [`Code::Other`] for one that a newer protocol has given.
        pub fn code(number: u16) -> Code {
            match number {
                $($number => Code::$code,)*
                other => Code::Other(other),
            }
        }

        #[cfg(test)]
        const ALL: &[u16] = &[$($number),*];
    };
}

numbers! {
    101 NoSuchCase
    102 NoSuchUnit
    103 NoSuchAlarm
    104 NoSuchClass
    105 NoSuchSensor
    106 NoSuchFeed
    201 UnitNotAvailable
    202 WrongStage
    203 UnitHasNoTask
    204 WrongStatus
    205 OutsideCity
    206 NoReason
    207 AlreadyAcknowledged
    208 NotOnCase
    209 CannotBundle
    210 CallSignTaken
    211 AlreadyOnCase
    212 Changed
    213 TooLate
    214 Expired
    215 IdTaken
    216 KnownOtherwise
    217 KeyEnded
    301 InFuture
    302 BadRules
    303 NotAPlace
    304 TextTooLong
    401 NotPermitted
    402 UnknownCommand
    403 OtherWorld
    404 Past
    405 NotKnown
    501 RowSyntax
    502 RowNoKey
    503 Stopped
    504 RowTime
    505 RowFuture
    506 RowDuplicate
    507 RowNotYours
    508 RowTooMany
    509 RowValue
    510 RowUnknownSensor
    511 RowPlace
    601 BadMessage
    602 TooLarge
    603 HelloFirst
    604 NoAccess
    605 NoTerminalUnit
    606 ServerFull
    607 NotForRole
    608 NoAnswer
    609 NoSuchWorld
    610 WorldEnded
    611 TooManyWorlds
    612 NotYourClock
    613 ClockAtEdge
    614 NoPast
    615 NoEvent
    616 Gap
    617 TooMuchAtOnce
    618 ServerClock
    619 WritesAgain
    620 AreaEmpty
    621 NoScenario
    630 NoFork
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_one_meaning() {
        for window in ALL.windows(2) {
            assert!(window[0] < window[1], "{window:?}");
        }
        for n in ALL {
            assert_eq!(number(code(*n)), *n);
            assert_ne!(code(*n), Code::Other(*n));
        }
        assert_eq!(number(code(999)), 999);
    }
}
