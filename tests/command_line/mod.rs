//! `attograph trace`, `steer` and `grade`, as one would call them: what they print and write, and what
//! they say of bad input.

mod graded;
mod record;
mod refused;
mod steered;
mod traced;
