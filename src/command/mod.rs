//! The commands, each with its arguments.

pub mod evaluate;
pub mod trace;
