//! The score of an attempt: a judge for each criterion, each of which returns what it has judged. What cannot be judged
//! yet is not included.

mod answered;
mod classification;
mod conduct;
mod deadline;
mod department;
mod goals;
mod item;
mod ordinary;
mod score;
mod timing;

pub use goals::goals;
pub use score::score;
