//! What is said of the trials: with all frozen, with the MLPs free, with nothing frozen, and of influence.

use super::numbers::{tiny, two};
use super::{CLEARLY, Finding, Trust, off, say, trust};
use crate::study::Rung;
use crate::study::grade::Grade;

/// A slope in this range says that effects have about the predicted size.
const SIZE: std::ops::RangeInclusive<f64> = 0.8..=1.25;
/// The largest deviation on the lowest rung that rounding explains.
const EXACT: f64 = 1e-3;

/// Whether the lowest rung is what the graph predicts.
pub fn exact(grade: &Grade) -> Option<Finding> {
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

/// What hides this share of what the most does is named beside it.
const NEARLY: f64 = 0.8;

/// Whether the features are what the MLPs respond to.
pub fn mlps(grade: &Grade, versus: &str) -> Option<Finding> {
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

/// Whether the graph foretells the model as it is.
pub fn everything(grade: &Grade) -> Option<Finding> {
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

/// Which reading foretells better.
pub fn reading(grade: &Grade, versus: &str) -> Option<Finding> {
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

/// Whether influence ranks features as experiments do.
pub fn influence(grade: &Grade) -> Option<Finding> {
    let rank = grade.figure("influence/all")?;
    let tells = format!(
        "Influence ranks features as switching them off does, by {} of all tried",
        two(rank)
    );
    let (sure, rest) = match grade.figure("influence/kept") {
        None => (trust(rank), String::new()),
        // Those on show are among the kept: that they stand in this order is what a reader sees.
        Some(kept) if trust(rank) == Trust::Yes && trust(kept) != Trust::Yes => {
            let rest = format!(
                ", but by only {} among those that pruning keeps: it tells what matters from what does not, and less well which of them matters more",
                two(kept)
            );
            (Trust::Partly, rest)
        }
        Some(kept) => {
            let rest = format!(", and by {} among those that pruning keeps", two(kept));
            (trust(rank), rest)
        }
    };
    Some(say(sure, "influence", format!("{tells}{rest} (Spearman).")))
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

/// Which assumptions hide the most, if any does: the largest, and what is nearly as large.
fn hidden(grade: &Grade) -> Option<String> {
    let at = |rung: Rung| grade.figure(&format!("faithful/{}/100/difference", rung.id()));
    let (mlps, norms, all) = (at(Rung::Mlps)?, at(Rung::Norms)?, at(Rung::Everything)?);
    let lost = [1.0 - mlps, mlps - norms, norms - all];
    let what = [
        "that features stand for the MLPs",
        "that norms stay as they are",
        "that attention patterns stay as they are",
    ];
    let most = lost.into_iter().fold(CLEARLY, f64::max);
    let named: Vec<&str> = (0..3)
        .filter(|each| lost[*each] > CLEARLY && lost[*each] >= NEARLY * most)
        .map(|each| what[each])
        .collect();
    (!named.is_empty()).then(|| format!("Most is hidden by assuming {}.", named.join(" and ")))
}

#[cfg(test)]
mod tests {
    use super::super::kit::{ALL, MLPS, NONE, NORMS, find, grade, says};
    use super::*;

    #[test]
    fn the_reading_to_trust_is_that_which_foretells_better() {
        let reading = |held: f64, live: f64| {
            let figures = [
                ("faithful/everything-free/5/difference", held),
                ("faithful/everything-free/5/difference/live", live),
            ];
            find(&grade(&figures, NONE), "reading")
        };
        let (trust, text) = reading(0.5, 0.96).expect("both are known");
        assert_eq!(trust, Trust::Yes);
        assert!(
            text.starts_with("For what would change, take the live reading"),
            "{text}"
        );
        assert!(
            text.contains("r = 0.96") && text.contains("at 0.50"),
            "{text}"
        );
        let (trust, text) = reading(0.8, 0.8).expect("both are known");
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
            // Two that hide about as much.
            (
                (0.9, 0.81, 0.79),
                Some("that features stand for the MLPs and that norms stay as they are"),
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
    fn influence_among_the_kept_is_told_where_it_is_known() {
        let mut figures = vec![("influence/all", 0.95)];
        let (_, text) = find(&grade(&figures, NONE), "influence").unwrap();
        assert!(!text.contains("pruning"), "{text}");
        figures.push(("influence/kept", 0.16));
        let words = [
            "0.95 of all tried",
            "only 0.16 among those that pruning keeps",
        ];
        says(&grade(&figures, NONE), "influence", Trust::Partly, &words);
        for (kept, all, trust) in [(0.95, 0.95, Trust::Yes), (0.16, 0.2, Trust::No)] {
            let figures = [("influence/all", all), ("influence/kept", kept)];
            let words = ["and by", "among those that pruning keeps"];
            says(&grade(&figures, NONE), "influence", trust, &words);
        }
    }
}
