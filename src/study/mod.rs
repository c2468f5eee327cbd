//! What one asks of features: interventions, operand plots.

mod intervene;
mod operands;

pub use intervene::{Intervention, Mode, Outcome, StudyError, intervene};
pub use operands::{OPERANDS, OperandPlots, Plot, Template};
