use crate::rejection::Rejection;
use crate::sim::SimError;

/// Why a fork cannot be made as asked.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ForkError {
    /// What is to be done otherwise cannot be done.
    #[error("what is to be done otherwise (number {number}) cannot be: {why}")]
    Intervention {
        /// Which, from 1.
        number: usize,
        /// Why it cannot be done at this second.
        why: SimError,
    },
    /// Not a place on Earth.
    #[error("what is to be done otherwise (number {number}) has no place: {why}")]
    Place {
        /// Which, from 1.
        number: usize,
        /// What is wrong with its coordinates.
        why: crate::geo::LonLatError,
    },
    /// Outside the stretch that is compared.
    #[error(
        "what is to be done otherwise (number {number}) lies {before_s} s before the second that is forked; fork an earlier second"
    )]
    Before {
        /// Which, from 1.
        number: usize,
        /// Whole seconds before the second that is forked.
        before_s: i64,
    },
    /// After the end.
    #[error(
        "what is to be done otherwise (number {number}) lies {after_s} s after the end of the stretch; run further ahead"
    )]
    After {
        /// Which, from 1.
        number: usize,
        /// Whole seconds after the end of the stretch.
        after_s: i64,
    },
    /// Nothing known of the city.
    #[error("nothing is known of the city at this second; choose a later one")]
    NoCity,
}

impl ForkError {
    pub(super) fn of(number: usize, why: impl Into<SimError>) -> Self {
        Self::Intervention {
            number,
            why: why.into(),
        }
    }
}

impl From<(usize, Rejection)> for ForkError {
    fn from((number, why): (usize, Rejection)) -> Self {
        Self::of(number, why)
    }
}
