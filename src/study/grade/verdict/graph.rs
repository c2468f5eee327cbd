//! What is said without an experiment: of errors, the replaced model and the other kind of transcoder.

use super::numbers::{one, two};
use super::{Finding, Trust, say, trust};
use crate::study::grade::Grade;

/// Shares of influence through errors that are small, and that are large.
const FEW_ERRORS: f64 = 0.05;
const MANY_ERRORS: f64 = 0.2;

/// How much comes through errors, and where most; `token` names the token at a position.
pub fn errors(grade: &Grade, token: impl Fn(usize) -> String) -> Finding {
    let share = grade.errors.all;
    let percent = 100.0 * share;
    let (layer, position, most) = grade.errors.largest();
    let token = token(position);
    let sure = match share {
        share if share <= FEW_ERRORS => Trust::Yes,
        share if share <= MANY_ERRORS => Trust::Partly,
        _ => Trust::No,
    };
    let most = 100.0 * most;
    say(
        sure,
        "errors",
        format!(
            "{} % of the influence comes through errors, which the features do not explain; the most at layer {layer}, “{token}” ({} %).",
            one(percent),
            one(most)
        ),
    )
}

/// Whether the replaced model gives the same answer.
pub fn replaced(grade: &Grade) -> Finding {
    let replaced = &grade.replaced;
    let (sure, words) = match replaced.same {
        true => (Trust::Yes, "gives the same answer"),
        false => (Trust::No, "gives another answer"),
    };
    let (token, percent) = (replaced.token.trim(), 100.0 * replaced.probability);
    say(
        sure,
        "replaced",
        format!(
            "The replaced model alone {words}, “{token}” ({} %).",
            two(f64::from(percent))
        ),
    )
}

/// Whether the other kind of transcoder is of the same opinion.
pub fn second(grade: &Grade) -> Option<Finding> {
    let second = grade.second.as_ref()?;
    let r = second.agreement?;
    let [here, there] = second.path_lengths;
    let other = match second.per_layer {
        true => "per-layer transcoders",
        false => "a cross-layer transcoder",
    };
    let words = match trust(r) {
        Trust::Yes => "about the same",
        Trust::Partly => "roughly the same",
        Trust::No => "something else",
    };
    let text = format!(
        "With {other} the tokens add {words}, at r = {}; paths have {} edges there, {} here, and both tell those of {} % of the influence alike.",
        two(r),
        one(there),
        one(here),
        one(100.0 * second.paths.agreement)
    );
    Some(say(trust(r), "second", text))
}

#[cfg(test)]
mod tests {
    use super::super::kit::{NONE, find, grade, says};
    use super::*;
    use crate::study::grade::{Second, TokenPaths};

    #[test]
    fn errors_are_few_or_many_and_have_a_place() {
        for (most, trust, words) in [
            (0.02, Trust::Yes, ["3.0 %", "layer 1, “two” (2.0 %)"]),
            (0.12, Trust::Partly, ["13.0 %", "layer 1, “two” (12.0 %)"]),
            (0.25, Trust::No, ["26.0 %", "layer 1, “two” (25.0 %)"]),
        ] {
            let errors = [[0.0, 0.005, 0.0], [0.005, 0.0, most]];
            says(&grade(&[], errors), "errors", trust, &words);
        }
    }

    #[test]
    fn the_replaced_model_gives_the_same_answer_or_another() {
        let mut grade = grade(&[], NONE);
        says(
            &grade,
            "replaced",
            Trust::Yes,
            &["the same answer, “yes” (75.00 %)"],
        );
        grade.replaced.same = false;
        grade.replaced.token = " no".into();
        says(
            &grade,
            "replaced",
            Trust::No,
            &["another answer, “no” (75.00 %)"],
        );
    }

    #[test]
    fn a_second_opinion_agrees_or_not() {
        let mut grade = grade(&[], NONE);
        assert_eq!(find(&grade, "second"), None);
        for (agreement, per_layer, trust, words) in [
            (
                0.93,
                true,
                Trust::Yes,
                ["per-layer transcoders", "about the same, at r = 0.93"],
            ),
            (
                0.8,
                false,
                Trust::Partly,
                ["a cross-layer transcoder", "roughly the same"],
            ),
            (-0.1, true, Trust::No, ["something else", "r = −0.10"]),
        ] {
            grade.second = Some(Second {
                per_layer,
                features: 5,
                replacement: 0.9,
                completeness: 0.9,
                path_lengths: [1.25, 2.5],
                agreement: Some(agreement),
                paths: TokenPaths {
                    agreement: 0.834,
                    ..TokenPaths::default()
                },
            });
            says(&grade, "second", trust, &words);
            let paths = "paths have 2.5 edges there, 1.3 here, and both tell those of 83.4 % of the influence alike";
            says(&grade, "second", trust, &[paths]);
        }
        // Where nothing varies there is nothing to say.
        grade.second.as_mut().unwrap().agreement = None;
        assert_eq!(find(&grade, "second"), None);
    }
}
