//! The map client of Chengtu: draws a city's map and what lives on it, with a window or into a picture.

pub mod app;
pub mod basemap;
pub mod camera;
pub mod cli;
pub mod headless;
pub mod labels;
pub mod live;
pub mod look;
pub mod net;
pub mod render;
