//! What a model is asked: its folder's `evaluation.json`, read and checked, and the prompts that
//! come of it.

mod cases;
mod exam;
mod file;
mod sums;
mod writer;

pub(super) use exam::{Exam, Explanation, Part, Prompt, place};
pub(super) use file::Context;
pub use file::{Addition, Diagnosis, EVALUATION, Evaluation};
pub(super) use writer::Writer;
