//! Steering: what features are set to, what the graph predicts of it against what comes, and what is
//! reported.

mod foretold;
mod onward;
mod patterns;
mod reported;
mod settings;
mod steered;
