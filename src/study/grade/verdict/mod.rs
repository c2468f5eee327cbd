//! What a grade's figures mean, in plain words: what can be trusted on this prompt, and what cannot.

mod experiments;
mod graph;
#[cfg(test)]
mod kit;
mod numbers;
mod target;

pub use target::BetterTarget;
pub(super) use target::better_target;

use super::Grade;
use crate::study::Rung;
use serde::Serialize;

/// Correlations from which a prediction counts as good, and as fair.
const GOOD: f64 = 0.9;
const FAIR: f64 = 0.7;
/// How much better a logit difference must be foretold to be offered.
const CLEARLY: f64 = 0.03;

/// How far one can rely on something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    Yes,
    Partly,
    No,
}

/// One sentence or two, about one thing.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Finding {
    pub trust: Trust,
    /// The thing: `exact`, `mlps`, `everything`, `reading`, `target`, `influence`, `errors`, `replaced`, `second`.
    pub about: &'static str,
    pub text: String,
}

fn trust(correlation: f64) -> Trust {
    match correlation {
        r if r >= GOOD => Trust::Yes,
        r if r >= FAIR => Trust::Partly,
        _ => Trust::No,
    }
}

/// `token` names the token at a position.
pub(super) fn findings(grade: &Grade, token: impl Fn(usize) -> String) -> Vec<Finding> {
    let versus = format!("{} − {}", grade.answer.trim(), grade.runner_up.trim());
    [
        experiments::exact(grade),
        experiments::mlps(grade, &versus),
        experiments::everything(grade),
        experiments::reading(grade, &versus),
        target::alone(grade, &versus),
        experiments::influence(grade),
        Some(graph::errors(grade, token)),
        Some(graph::replaced(grade)),
        graph::second(grade),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn say(trust: Trust, about: &'static str, text: String) -> Finding {
    Finding { trust, about, text }
}

/// A figure of a rung, with features switched off.
fn off(grade: &Grade, rung: Rung, about: &str) -> Option<f64> {
    grade.figure(&format!("faithful/{}/100/{about}", rung.id()))
}

#[cfg(test)]
mod tests {
    use super::findings;
    use super::kit::{NONE, grade};

    #[test]
    fn what_was_not_measured_is_not_told() {
        let found = findings(&grade(&[], NONE), |_| String::new());
        let about: Vec<&str> = found.iter().map(|finding| finding.about).collect();
        assert_eq!(about, ["errors", "replaced"]);
    }
}
