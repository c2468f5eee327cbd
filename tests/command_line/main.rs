//! `attograph trace`, `steer` and `grade`, as one would call them: what they print and write, and what
//! they say of bad input.

#[path = "../common/mod.rs"]
mod common;
mod graded;
mod record;
mod refused;
mod steered;
mod traced;
