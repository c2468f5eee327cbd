//! Automatic names of features: by an operand plot, or without one by what sample texts and weights say.

mod by_plot;
mod by_samples;
mod condition;
mod groups;
mod words;

pub use by_plot::operand_label;
pub(super) use by_plot::{LEAST_EXPLAINED, LEAST_OF_BEST};
pub(super) use by_samples::by_token;
pub use by_samples::{Trigger, sample_label};
pub(super) use groups::Seen;

/// Most digits, numbers, bands or tokens that are listed.
const MOST_LISTED: usize = 3;

/// From this fit on a label says what a feature does.
pub const FITS: f32 = 0.8;

/// Begins the name of a feature that follows a thing only in part.
pub const HEDGE: &str = "mostly ";

/// A name that was found by a rule, and how well the rule fits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Label {
    pub words: String,
    /// 0 to 1: of an operand plot the share of its variance that the rule explains, adjusted for the rule's size; by sample texts the
    /// F1 of the named tokens.
    pub fit: f32,
}
