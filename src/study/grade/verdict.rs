//! What a grade's figures mean, in plain words: what can be trusted on this prompt, and what cannot.

use super::Grade;
use crate::study::Rung;
use serde::Serialize;

/// Correlations from which a prediction counts as good, and as fair.
const GOOD: f64 = 0.9;
const FAIR: f64 = 0.7;
/// A slope in this range says that effects have about the predicted size.
const SIZE: std::ops::RangeInclusive<f64> = 0.8..=1.25;
/// The largest deviation on the lowest rung that rounding explains.
const EXACT: f64 = 1e-3;
/// How much better a logit difference must be foretold to be offered.
const CLEARLY: f64 = 0.03;
/// Shares of influence through errors that are small, and that are large.
const FEW_ERRORS: f64 = 0.05;
const MANY_ERRORS: f64 = 0.2;

/// How far one can rely on something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    Yes,
    Partly,
    No,
}

/// What had better be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum BetterTarget {
    /// The answer's logit less the runner-up's.
    Difference,
    /// The answer's logit.
    Answer,
}

/// The target that is clearly foretold better with nothing frozen, if one is.
pub(super) fn better_target(grade: &Grade) -> Option<BetterTarget> {
    let of = |about: &str| {
        let id = Rung::Everything.id();
        grade.figure(&format!("faithful/{id}/100/{about}"))
    };
    let (difference, answer) = (of("difference")?, of("answer")?);
    if difference > answer + CLEARLY {
        Some(BetterTarget::Difference)
    } else if answer > difference + CLEARLY {
        Some(BetterTarget::Answer)
    } else {
        None
    }
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
pub(super) fn of(grade: &Grade, token: impl Fn(usize) -> String) -> Vec<Finding> {
    let versus = format!("{} − {}", grade.answer.trim(), grade.runner_up.trim());
    [
        exact(grade),
        mlps(grade, &versus),
        everything(grade),
        reading(grade, &versus),
        target(grade, &versus),
        influence(grade),
        Some(errors(grade, token)),
        Some(replaced(grade)),
        second(grade),
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

fn exact(grade: &Grade) -> Option<Finding> {
    let deviation = grade.figure("faithful/all-frozen/100/difference/deviation")?;
    let (sure, words) = match deviation <= EXACT {
        true => (Trust::Yes, "the arithmetic of the graph is exact"),
        false => (Trust::No, "the graph is not what the frozen model does"),
    };
    let text = format!(
        "With everything frozen, every feature does what the graph predicts, to {} of the largest effect: {words}.",
        tiny(deviation)
    );
    Some(say(sure, "exact", text))
}

fn mlps(grade: &Grade, versus: &str) -> Option<Finding> {
    let r = off(grade, Rung::Mlps, "difference")?;
    let words = match trust(r) {
        Trust::Yes => "the features are what the original’s MLPs respond to",
        Trust::Partly => "the original’s MLPs respond to about what the features say",
        Trust::No => "the original’s MLPs respond to other things than the features say",
    };
    let mut text = format!(
        "With the MLPs free, {versus} follows the prediction at r = {}: {words}.",
        two(r)
    );
    if let Some(slope) = off(grade, Rung::Mlps, "difference/slope")
        && let Some(more) = size(slope)
    {
        text.push_str(&format!(" The graph {more}."));
    }
    Some(say(trust(r), "mlps", text))
}

fn everything(grade: &Grade) -> Option<Finding> {
    let r = off(grade, Rung::Everything, "difference")?;
    let words = match trust(r) {
        Trust::Yes => "the model as it is does what the graph says",
        Trust::Partly => "the graph tells the model’s main effects, not each one",
        Trust::No => "an edge here is no forecast of the whole model",
    };
    let mut text = format!("With nothing frozen, r = {}: {words}.", two(r));
    if let Some(hidden) = hidden(grade) {
        text.push_str(&format!(" {hidden}"));
    }
    Some(say(trust(r), "everything", text))
}

fn reading(grade: &Grade, versus: &str) -> Option<Finding> {
    let small = |about: &str| {
        let id = Rung::Everything.id();
        grade.figure(&format!("faithful/{id}/5/{about}"))
    };
    let (held, live) = (small("difference")?, small("difference/live")?);
    let text = match live > held + CLEARLY {
        true => format!(
            "For what would change, take the live reading: with nothing held it foretells small changes of {versus} at r = {}, with patterns and norms held at {}. For what the answer is made of, take the held one, whose rows add up.",
            two(live),
            two(held)
        ),
        false => format!(
            "Both readings foretell small changes of {versus} about equally: r = {} with patterns and norms held, {} with nothing held. The held one, whose rows add up, will do.",
            two(held),
            two(live)
        ),
    };
    Some(say(trust(live.max(held)), "reading", text))
}

/// The answer alone beside the difference.
fn target(grade: &Grade, versus: &str) -> Option<Finding> {
    let difference = off(grade, Rung::Everything, "difference")?;
    let answer = off(grade, Rung::Everything, "answer")?;
    let (sure, text) = match better_target(grade) {
        Some(BetterTarget::Difference) => {
            let text = format!(
                "The logit of the answer alone is foretold worse (r = {} against {}): a norm’s denominator scales all logits together. The difference {versus} is the better target.",
                two(answer),
                two(difference)
            );
            (Trust::Partly, text)
        }
        Some(BetterTarget::Answer) => {
            let text = format!(
                "The logit of the answer alone is foretold better than the difference {versus} (r = {} against {}): here it is the better target.",
                two(answer),
                two(difference)
            );
            (trust(answer), text)
        }
        None => {
            let text = format!(
                "The logit of the answer alone is foretold about as well as the difference {versus} (r = {} and {}): either target will do.",
                two(answer),
                two(difference)
            );
            (trust(answer), text)
        }
    };
    Some(say(sure, "target", text))
}

fn influence(grade: &Grade) -> Option<Finding> {
    let rank = grade.figure("influence/all")?;
    let kept = grade
        .figure("influence/kept")
        .map_or_else(String::new, |rank| {
            format!(", and by {} among those that pruning keeps", two(rank))
        });
    let text = format!(
        "Influence ranks features as switching them off does, by {} of all tried{kept} (Spearman).",
        two(rank)
    );
    Some(say(trust(rank), "influence", text))
}

fn errors(grade: &Grade, token: impl Fn(usize) -> String) -> Finding {
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

fn replaced(grade: &Grade) -> Finding {
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
            one(f64::from(percent))
        ),
    )
}

fn second(grade: &Grade) -> Option<Finding> {
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

/// Whether effects are larger or smaller than predicted.
fn size(slope: f64) -> Option<String> {
    match slope {
        slope if SIZE.contains(&slope) => None,
        slope if slope > 0.0 && slope < *SIZE.start() => Some(format!(
            "overstates: effects have {} times the predicted size",
            two(slope)
        )),
        slope if slope > 0.0 => Some(format!(
            "understates: effects have {} times the predicted size",
            two(slope)
        )),
        _ => None,
    }
}

/// Which assumption hides the most, if one does.
fn hidden(grade: &Grade) -> Option<String> {
    let at = |rung: Rung| grade.figure(&format!("faithful/{}/100/difference", rung.id()));
    let (mlps, norms, all) = (at(Rung::Mlps)?, at(Rung::Norms)?, at(Rung::Everything)?);
    let lost = [1.0 - mlps, mlps - norms, norms - all];
    let what = [
        "that features stand for the MLPs",
        "that norms stay as they are",
        "that attention patterns stay as they are",
    ];
    let most = (0..3).max_by(|a, b| lost[*a].total_cmp(&lost[*b]))?;
    (lost[most] > CLEARLY).then(|| format!("Most is hidden by the assumption {}.", what[most]))
}

// Written by hand: the standard library's printing of decimals is several KB of the page's download.

fn one(value: f64) -> String {
    let tenths = (value.abs() * 10.0).round() as u64;
    format!("{}{}.{}", minus(value, tenths), tenths / 10, tenths % 10)
}

fn two(value: f64) -> String {
    let hundredths = (value.abs() * 100.0).round() as u64;
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    format!("{}{whole}.{rest:02}", minus(value, hundredths))
}

/// A number from 0 to 1 as `3e-6`.
fn tiny(value: f64) -> String {
    let mut power = 0;
    let mut digit = value;
    while digit > 0.0 && digit < 0.95 && power < 99 {
        digit *= 10.0;
        power += 1;
    }
    let digit = digit.round() as u64;
    match power {
        0 => digit.to_string(),
        power => format!("{digit}e-{power}"),
    }
}

fn minus(value: f64, digits: u64) -> &'static str {
    if value < 0.0 && digits > 0 { "−" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::super::{ErrorShares, Figure, Replaced, Second, TokenPaths};
    use super::*;

    /// A grade with these figures, a replaced model that agrees, and these error shares at the three
    /// tokens of two layers.
    fn grade(figures: &[(&str, f64)], errors: [[f64; 3]; 2]) -> Grade {
        let figures = figures.iter().map(|(id, value)| Figure {
            group: "",
            id: (*id).into(),
            name: String::new(),
            value: *value,
            unit: "",
        });
        Grade {
            answer: " yes".into(),
            runner_up: " no".into(),
            figures: figures.collect(),
            findings: Vec::new(),
            better_target: None,
            trials: Vec::new(),
            features: Vec::new(),
            active_features: 0,
            travels: Vec::new(),
            errors: ErrorShares {
                shares: errors.map(|row| row.to_vec()).to_vec(),
                all: errors.iter().flatten().sum(),
            },
            replaced: Replaced {
                token: " yes".into(),
                probability: 0.75,
                same: true,
            },
            second: None,
        }
    }

    const NONE: [[f64; 3]; 2] = [[0.0; 3]; 2];

    fn find(grade: &Grade, about: &str) -> Option<(Trust, String)> {
        let found = of(grade, |position| ["<bos>", "one", "two"][position].into());
        let mut same = found.into_iter().filter(|finding| finding.about == about);
        let first = same.next().map(|finding| (finding.trust, finding.text));
        assert_eq!(same.next(), None, "{about} is said twice");
        first
    }

    /// What is said, which must be of this trust and have these words.
    fn says(grade: &Grade, about: &str, trust: Trust, words: &[&str]) {
        let (found, text) = find(grade, about).unwrap_or_else(|| panic!("nothing about {about}"));
        assert_eq!(found, trust, "{text}");
        for part in words {
            assert!(text.contains(part), "no {part:?} in {text:?}");
        }
        assert!(text.ends_with('.'), "{text}");
    }

    const MLPS: &str = "faithful/mlps-free/100/difference";
    const NORMS: &str = "faithful/norms-free/100/difference";
    const ALL: &str = "faithful/everything-free/100/difference";
    const ALONE: &str = "faithful/everything-free/100/answer";

    #[test]
    fn the_reading_to_trust_is_that_which_foretells_better() {
        let of = |held: f64, live: f64| {
            let figures = [
                ("faithful/everything-free/5/difference", held),
                ("faithful/everything-free/5/difference/live", live),
            ];
            find(&grade(&figures, NONE), "reading")
        };
        let (trust, text) = of(0.5, 0.96).expect("both are known");
        assert_eq!(trust, Trust::Yes);
        assert!(
            text.starts_with("For what would change, take the live reading"),
            "{text}"
        );
        assert!(
            text.contains("r = 0.96") && text.contains("at 0.50"),
            "{text}"
        );
        let (trust, text) = of(0.8, 0.8).expect("both are known");
        assert_eq!(trust, Trust::Partly);
        assert!(text.starts_with("Both readings"), "{text}");
        assert_eq!(find(&grade(&[], NONE), "reading"), None);
    }

    #[test]
    fn exact_arithmetic_is_told_from_a_graph_that_is_wrong() {
        let id = "faithful/all-frozen/100/difference/deviation";
        for (deviation, trust, words) in [
            (3e-6, Trust::Yes, ["3e-6", "is exact"]),
            (1e-3, Trust::Yes, ["1e-3", "is exact"]),
            (2e-3, Trust::No, ["2e-3", "not what the frozen model does"]),
        ] {
            says(&grade(&[(id, deviation)], NONE), "exact", trust, &words);
        }
    }

    #[test]
    fn correlations_from_0_9_are_good_and_from_0_7_fair() {
        for (r, trust, of_mlps, of_all) in [
            (1.0, Trust::Yes, "are what", "does what the graph says"),
            (0.9, Trust::Yes, "are what", "does what the graph says"),
            (0.89, Trust::Partly, "about what", "main effects"),
            (0.7, Trust::Partly, "about what", "main effects"),
            (0.69, Trust::No, "other things", "no forecast"),
            (-1.0, Trust::No, "other things", "no forecast"),
        ] {
            let number = format!("r = {}", two(r));
            let grade = grade(&[(MLPS, r), (ALL, r), ("influence/all", r)], NONE);
            says(&grade, "mlps", trust, &[&number, of_mlps, "yes − no"]);
            says(&grade, "everything", trust, &[&number, of_all]);
            says(
                &grade,
                "influence",
                trust,
                &[&format!("by {} of all", two(r))],
            );
        }
    }

    #[test]
    fn a_slope_far_from_one_is_told_as_over_or_understatement() {
        let slope = "faithful/mlps-free/100/difference/slope";
        let text = |value| {
            let grade = grade(&[(MLPS, 0.95), (slope, value)], NONE);
            find(&grade, "mlps").unwrap().1
        };
        assert!(text(0.5).contains("The graph overstates: effects have 0.50 times"));
        assert!(text(1.6).contains("The graph understates: effects have 1.60 times"));
        for value in [0.8, 1.0, 1.25, -0.5] {
            assert!(!text(value).contains("states"), "{}", text(value));
        }
    }

    #[test]
    fn the_assumption_that_hides_the_most_is_named() {
        let text = |mlps, norms, all| {
            let grade = grade(&[(MLPS, mlps), (NORMS, norms), (ALL, all)], NONE);
            find(&grade, "everything").unwrap().1
        };
        for (rungs, hidden) in [
            ((0.8, 0.79, 0.7), Some("that features stand for the MLPs")),
            ((0.98, 0.7, 0.6), Some("that norms stay as they are")),
            (
                (0.98, 0.95, 0.6),
                Some("that attention patterns stay as they are"),
            ),
            // Nothing is lost that is worth a word.
            ((0.99, 0.98, 0.97), None),
            ((0.98, 0.99, 1.0), None),
        ] {
            let text = text(rungs.0, rungs.1, rungs.2);
            assert_eq!(text.contains("Most is hidden"), hidden.is_some(), "{text}");
            assert!(text.contains(hidden.unwrap_or("")), "{text}");
        }
    }

    #[test]
    fn the_better_target_is_the_one_that_is_foretold_better() {
        for (answer, difference, trust, words) in [
            (0.6, 0.95, Trust::Partly, "yes − no is the better target"),
            (0.91, 0.95, Trust::Partly, "worse (r = 0.91 against 0.95)"),
            (0.93, 0.95, Trust::Yes, "either target will do"),
            (0.95, 0.93, Trust::Yes, "either target will do"),
            (0.5, 0.5, Trust::No, "either target will do"),
            (
                0.88,
                0.63,
                Trust::Partly,
                "better than the difference yes − no",
            ),
            (0.95, 0.63, Trust::Yes, "here it is the better target"),
        ] {
            let grade = grade(&[(ALONE, answer), (ALL, difference)], NONE);
            says(&grade, "target", trust, &[words]);
            let better = match answer - difference {
                gap if gap > CLEARLY => Some(BetterTarget::Answer),
                gap if gap < -CLEARLY => Some(BetterTarget::Difference),
                _ => None,
            };
            assert_eq!(
                better_target(&grade),
                better,
                "{answer} against {difference}"
            );
        }
        assert_eq!(find(&grade(&[(ALL, 0.9)], NONE), "target"), None);
    }

    #[test]
    fn influence_among_the_kept_is_told_where_it_is_known() {
        let mut figures = vec![("influence/all", 0.95)];
        let (_, text) = find(&grade(&figures, NONE), "influence").unwrap();
        assert!(!text.contains("pruning"), "{text}");
        figures.push(("influence/kept", 0.16));
        let words = ["0.95 of all tried", "0.16 among those that pruning keeps"];
        says(&grade(&figures, NONE), "influence", Trust::Yes, &words);
    }

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
            &["the same answer, “yes” (75.0 %)"],
        );
        grade.replaced.same = false;
        grade.replaced.token = " no".into();
        says(
            &grade,
            "replaced",
            Trust::No,
            &["another answer, “no” (75.0 %)"],
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

    #[test]
    fn what_was_not_measured_is_not_told() {
        let found = of(&grade(&[], NONE), |_| String::new());
        let about: Vec<&str> = found.iter().map(|finding| finding.about).collect();
        assert_eq!(about, ["errors", "replaced"]);
    }

    #[test]
    fn numbers_are_written_as_people_read_them() {
        assert_eq!(
            [0.0, 12.345, -0.04, -3.06].map(one),
            ["0.0", "12.3", "0.0", "−3.1"]
        );
        assert_eq!(
            [0.987, 1.005, -0.5, -0.001].map(two),
            ["0.99", "1.00", "−0.50", "0.00"]
        );
        assert_eq!(
            [3.2e-6, 9.6e-5, 0.0, 1.0].map(tiny),
            ["3e-6", "1e-4", "0", "1"]
        );
    }
}
