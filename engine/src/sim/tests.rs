mod city;
mod crews;

pub(super) use city::grid_city;
