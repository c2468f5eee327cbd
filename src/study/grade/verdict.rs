//! What a grade's figures mean, in plain words: what can be trusted on this prompt, and what cannot.

use super::Grade;
use crate::study::Rung;
use crate::trace::Graph;
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
#[serde(rename_all = "lowercase")]
pub enum Trust {
    Yes,
    Partly,
    No,
}

/// One sentence or two, about one thing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    pub trust: Trust,
    /// The thing: `exact`, `mlps`, `everything`, `target`, `influence`, `errors`, `replaced`, `second`.
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

pub(super) fn of(grade: &Grade, graph: &Graph, name: impl Fn(u32) -> String) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut say = |trust, about, text: String| {
        findings.push(Finding { trust, about, text });
    };
    let versus = format!("{} − {}", grade.answer.trim(), grade.runner_up.trim());
    if let Some(deviation) = grade.figure("faithful/all-frozen/100/difference/deviation") {
        let (sure, words) = match deviation <= EXACT {
            true => (Trust::Yes, "the arithmetic of the graph is exact"),
            false => (Trust::No, "the graph is not what the frozen model does"),
        };
        let text = format!(
            "With everything frozen, every feature does what the graph predicts, to {deviation:.0e} of the largest effect: {words}."
        );
        say(sure, "exact", text);
    }
    let of = |rung: Rung, about: &str| grade.figure(&format!("faithful/{}/100/{about}", rung.id()));
    if let Some(r) = of(Rung::Mlps, "difference") {
        let words = match trust(r) {
            Trust::Yes => "the features are what the original’s MLPs respond to",
            Trust::Partly => "the original’s MLPs respond to about what the features say",
            Trust::No => "the original’s MLPs respond to other things than the features say",
        };
        let mut text =
            format!("With the MLPs free, {versus} follows the prediction at r = {r:.2}: {words}.");
        if let Some(slope) = of(Rung::Mlps, "difference/slope")
            && let Some(more) = size(slope)
        {
            text.push_str(&format!(" The graph {more}."));
        }
        say(trust(r), "mlps", text);
    }
    if let Some(r) = of(Rung::Everything, "difference") {
        let words = match trust(r) {
            Trust::Yes => "the model as it is does what the graph says",
            Trust::Partly => "the graph tells the model’s main effects, not each one",
            Trust::No => "an edge here is no forecast of the whole model",
        };
        let mut text = format!("With nothing frozen, r = {r:.2}: {words}.");
        if let Some(hidden) = hidden(grade) {
            text.push_str(&format!(" {hidden}"));
        }
        say(trust(r), "everything", text);
    }
    if let (Some(difference), Some(answer)) = (
        of(Rung::Everything, "difference"),
        of(Rung::Everything, "answer"),
    ) {
        if difference > answer + CLEARLY {
            let text = format!(
                "The logit of the answer alone is foretold worse (r = {answer:.2} against {difference:.2}): a norm’s denominator scales all logits together. The difference {versus} is the better target."
            );
            say(Trust::Partly, "target", text);
        } else {
            let text = format!(
                "The logit of the answer alone is foretold about as well as the difference {versus} (r = {answer:.2} and {difference:.2}): either target will do."
            );
            say(trust(answer), "target", text);
        }
    }
    if let Some(rank) = grade.figure("influence/all") {
        let kept = grade
            .figure("influence/kept")
            .map_or_else(String::new, |rank| {
                format!(", and by {rank:.2} among those that pruning keeps")
            });
        let text = format!(
            "Influence ranks features as switching them off does, by {rank:.2} of all tried{kept} (Spearman)."
        );
        say(trust(rank), "influence", text);
    }
    let share = grade.errors.all;
    let percent = 100.0 * share;
    let (layer, position, most) = grade.errors.largest();
    let token = graph
        .tokens
        .get(position)
        .map_or_else(String::new, |id| name(*id));
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
            "{percent:.1} % of the influence comes through errors, which the features do not explain; the most at layer {layer}, “{token}” ({most:.1} %)."
        ),
    );
    let replaced = &grade.replaced;
    let (sure, words) = match replaced.same {
        true => (Trust::Yes, "gives the same answer"),
        false => (Trust::No, "gives another answer"),
    };
    let (token, percent) = (replaced.token.trim(), 100.0 * replaced.probability);
    say(
        sure,
        "replaced",
        format!("The replaced model alone {words}, “{token}” ({percent:.1} %)."),
    );
    if let Some(second) = &grade.second
        && let Some(r) = second.agreement
    {
        let [here, there] = second.path_lengths;
        let other = match second.per_layer {
            true => "per-layer transcoders",
            false => "a cross-layer transcoder",
        };
        say(
            trust(r),
            "second",
            format!(
                "With {other} the tokens add about the same at r = {r:.2}; paths have {there:.1} edges there, {here:.1} here."
            ),
        );
    }
    findings
}

/// Whether effects are larger or smaller than predicted.
fn size(slope: f64) -> Option<String> {
    match slope {
        slope if SIZE.contains(&slope) => None,
        slope if slope > 0.0 && slope < *SIZE.start() => Some(format!(
            "overstates: effects have {slope:.2} times the predicted size"
        )),
        slope if slope > 0.0 => Some(format!(
            "understates: effects have {slope:.2} times the predicted size"
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
