//! What is done on sums, and what must come of it.

use super::numbers::Criterion;
use super::run::{Design, OFF};
use crate::study::{Precision, Reads, Role};

const OTHERS: &str = "as many of the other active features, at random";

/// Features to steer, and what must hold then.
pub struct Plan {
    pub design: Design,
    pub what: What,
    pub criteria: &'static [Criterion],
}

/// What is done to which features.
pub enum What {
    /// Features of a role are set to a multiple of their activation.
    Away(fn(&Role) -> bool),
    /// Lookups of ones digits are set to what they are for another first operand.
    Swap,
}

/// Whether a feature is like `_6 + _9`.
pub fn is_lookup_of_ones(role: &Role) -> bool {
    role.precision == Precision::Ones && role.reads == Reads::Lookup
}

fn is_input(role: &Role) -> bool {
    matches!(role.reads, Reads::First | Reads::Second)
}

/// All experiments on sums.
pub fn plans() -> Vec<Plan> {
    use Criterion::{Around, Lost, MagnitudeGoes, MagnitudeStays, OnesGo, OnesStay, Smears, Wins};
    const ONES: &[Criterion] = &[OnesGo, MagnitudeStays];
    const MAGNITUDE: &[Criterion] = &[OnesStay, MagnitudeGoes];
    const SMEAR: &[Criterion] = &[Lost, Smears, Around];
    let mut swap = plan(
        "swap",
        "lookups of ones digits swapped for another first operand's: the other sum wins",
        "lookups of the ones digits that are active here or for the first operand 3 higher (3 lower \
         where that would carry), set to their activations there",
        What::Swap,
        &[Wins],
    );
    swap.design.control = "as many other features that differ between the two prompts, at random, \
                           set in the same way";
    vec![
        plan(
            "ones-digit",
            "ones-digit features off: the ones digit goes, the magnitude stays",
            "every active feature whose operand plot is half or more a function of the ones digits",
            What::Away(|role| role.precision == Precision::Ones),
            ONES,
        ),
        plan(
            "ones-digit-inputs",
            "ones-digit features of one operand off: the ones digit goes, the magnitude stays",
            "every active feature whose operand plot is half or more a function of the ones digits, \
             and a function of one operand",
            What::Away(|role| role.precision == Precision::Ones && is_input(role)),
            ONES,
        ),
        plan(
            "magnitude",
            "magnitude features off: the magnitude goes, the ones digit stays",
            "every active feature whose operand plot is half or more its moving average over 10 x 10 \
             pairs",
            What::Away(|role| role.precision == Precision::Magnitude),
            MAGNITUDE,
        ),
        plan(
            "magnitude-inputs",
            "magnitude features of one operand off: the magnitude goes, the ones digit stays",
            "every active feature whose operand plot is half or more its moving average over 10 x 10 \
             pairs, and a function of one operand",
            What::Away(|role| role.precision == Precision::Magnitude && is_input(role)),
            MAGNITUDE,
        ),
        plan(
            "lookup",
            "lookup features off: the answer smears over a range",
            "every active feature whose operand plot is a function of neither operand nor of the sum",
            What::Away(|role| role.reads == Reads::Lookup),
            SMEAR,
        ),
        plan(
            "lookup-ones",
            "lookup features of ones digits off: the ones digit goes, the magnitude stays",
            "every active feature whose operand plot is half or more a function of the ones digits, \
             and a function of neither operand nor of the sum",
            What::Away(is_lookup_of_ones),
            ONES,
        ),
        swap,
    ]
}

/// A plan that switches features off: what is silent for the other operand is set to just that, and where all features of a
/// role are taken, the opposite of them all is far from anything the model ever sees.
fn plan(
    id: &'static str,
    name: &'static str,
    features: &'static str,
    what: What,
    criteria: &'static [Criterion],
) -> Plan {
    Plan {
        design: Design {
            id,
            name,
            features,
            control: OTHERS,
            criteria: criteria.iter().map(|one| one.words()).collect(),
            factor: OFF,
        },
        what,
        criteria,
    }
}
