mod acts;
mod city;
mod crews;
mod life;
mod recorded;
pub mod town;

pub(super) use city::grid_city;
