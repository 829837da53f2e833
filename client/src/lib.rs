//! The map client of Chengtu: draws a city's map and what lives on it, with a window or into a picture.

pub mod app;
pub mod basemap;
pub mod begin;
pub mod camera;
pub mod cli;
pub mod facts;
pub mod fork;
pub mod frames;
pub mod headless;
pub mod i18n;
pub mod input;
pub mod labels;
pub mod link;
pub mod live;
pub mod look;
pub mod map;
pub mod net;
pub mod output;
pub mod pace;
pub mod pack;
pub mod panels;
pub mod pick;
pub mod readiness;
pub mod render;
pub mod settings;
pub mod wall;
