//! The commands, each with its arguments.

pub mod arithmetic;
pub mod attention;
pub mod console;
pub mod evaluate;
pub mod experiments;
pub mod grade;
mod open;
pub mod record;
pub mod steer;
pub mod stories;
pub mod story;
pub mod studies;
pub mod trace;
