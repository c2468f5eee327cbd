//! The project's table of targets.

use super::Goal;
use super::Goal::{AtLeast, AtMost, Between};

/// What the shipped model of a domain is held to. Shares are in percent.
#[derive(Clone, Copy, Debug)]
pub struct Goals {
    /// Right answers to pairs that were trained on.
    pub trained: Option<Goal>,
    /// Agreement with the best answer where it leads clearly.
    pub agreement: Goal,
    /// The original's answer with every MLP replaced.
    pub replaced: Goal,
    /// Right answers with attention patterns at their mean.
    pub still: Goal,
    /// Own answers with a twin's attention patterns.
    pub twins: Goal,
    /// Explanations with every number right.
    pub explanations: Goal,
    /// Squared error over variance, a layer.
    pub error: Goal,
    /// Active features a token and layer: over all tokens, and on the answering token.
    pub active: Goal,
    pub active_last: Goal,
    /// Features that never fire.
    pub dead: Goal,
    pub replacement: Goal,
    pub completeness: Goal,
    /// Correlation of prediction and experiment, for 5 % less of a feature and for none of it.
    pub mlps_free: [Goal; 2],
    pub everything_free: [Goal; 2],
    /// Correlation of what the local replacement model does, patterns held and norms alive, and the
    /// original with everything free; and what it gains with patterns alive.
    pub live: Goal,
    pub live_gain: Goal,
    /// Correlation of the live reading's prediction and experiment with everything free, for 5 % less of
    /// a feature, and for none of it; and the slope of the first.
    pub live_reading: [Goal; 2],
    pub live_slope: Goal,
    /// Rank correlation of influence and effect: of all active features, and of those kept.
    pub influence: Goal,
    pub influence_kept: Goal,
    /// Conditions that have a feature of their own.
    pub conditions: Goal,
    /// Megabytes, gzipped.
    pub size: Goal,
}

/// Addition.
pub const ADDITION: Goals = Goals {
    trained: Some(AtLeast(100.0)),
    agreement: AtLeast(100.0),
    replaced: AtLeast(99.9),
    still: AtLeast(99.0),
    twins: AtLeast(95.0),
    explanations: AtLeast(99.9),
    error: AtMost(1.0),
    active: AtMost(6.0),
    active_last: AtMost(30.0),
    dead: AtMost(10.0),
    replacement: AtLeast(0.95),
    completeness: AtLeast(0.98),
    mlps_free: [AtLeast(0.97), AtLeast(0.95)],
    everything_free: [AtLeast(0.90), AtLeast(0.90)],
    live: AtLeast(0.98),
    live_gain: AtMost(0.01),
    live_reading: [AtLeast(0.95), AtLeast(0.85)],
    live_slope: Between(0.9, 1.1),
    influence: AtLeast(0.90),
    influence_kept: AtLeast(0.75),
    conditions: AtLeast(80.0),
    size: AtMost(10.0),
};

/// Diagnosis.
pub const DIAGNOSIS: Goals = Goals {
    trained: None,
    agreement: AtLeast(97.0),
    replaced: AtLeast(98.0),
    error: AtMost(3.0),
    active: AtMost(10.0),
    replacement: AtLeast(0.90),
    completeness: AtLeast(0.95),
    mlps_free: [AtLeast(0.95), AtLeast(0.90)],
    everything_free: [AtLeast(0.85), AtLeast(0.85)],
    live: AtLeast(0.92),
    live_gain: AtMost(0.05),
    influence: AtLeast(0.85),
    influence_kept: AtLeast(0.70),
    size: AtMost(15.0),
    ..ADDITION
};

/// Right answers to held-out pairs, in percent: what they are held to in a context of addition.
pub fn in_context(name: &str) -> Goal {
    AtLeast(if name == "calc" { 99.9 } else { 99.5 })
}

/// How often an experiment should come out, in percent; of a control how rarely. By the end of the
/// measure's id, after `experiment/`.
pub fn of_experiment(id: &str) -> Option<Goal> {
    match id {
        "ones-digit" => Some(AtLeast(95.0)),
        "magnitude" => Some(AtLeast(90.0)),
        "lookup-ones" => Some(AtLeast(80.0)),
        "swap" => Some(AtLeast(70.0)),
        "lookup-ones/control" | "swap/control" => Some(AtMost(5.0)),
        "runner-up" => Some(AtLeast(50.0)),
        _ => None,
    }
}
