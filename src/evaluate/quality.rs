//! A measured figure, as a manifest holds it and as a terminal shows it.

use serde::{Serialize, Serializer};
use std::fmt::Write;

/// A figure of a model's quality.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measure {
    /// The kind of measure, for headings.
    pub group: &'static str,
    /// Stays the same from run to run; with the transcoder, no two measures have the same.
    pub measure: String,
    /// What is measured, in words.
    pub name: String,
    /// In `unit`; written with four decimals at most.
    #[serde(serialize_with = "rounded")]
    pub value: f64,
    /// How many of what is counted or averaged over: prompts, pairs, conditions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<usize>,
    /// `"%"`, `"features"`, `"MB"`, or empty for correlations and scores.
    pub unit: &'static str,
    /// What the project holds it to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Goal>,
    /// `"cross-layer"` or `"per-layer"`; none where only the model counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transcoder: Option<&'static str>,
    /// The command that measured it.
    pub how: String,
}

/// A target, in the measure's unit: `{"at_least": 99.9}`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
    Between(f64, f64),
}

impl Goal {
    /// Whether a value meets it.
    pub fn met(self, value: f64) -> bool {
        match self {
            Goal::AtLeast(least) => value >= least,
            Goal::AtMost(most) => value <= most,
            Goal::Between(least, most) => (least..=most).contains(&value),
        }
    }
}

impl Measure {
    /// A figure without a target.
    pub fn new(
        group: &'static str,
        measure: impl Into<String>,
        name: impl Into<String>,
        value: f64,
        unit: &'static str,
    ) -> Measure {
        Measure {
            group,
            measure: measure.into(),
            name: name.into(),
            value,
            of: None,
            unit,
            target: None,
            transcoder: None,
            how: String::new(),
        }
    }

    /// A share in percent: `part` of `of`. None of nothing.
    pub fn share(
        group: &'static str,
        measure: impl Into<String>,
        name: impl Into<String>,
        part: usize,
        of: usize,
    ) -> Option<Measure> {
        let percent = 100.0 * part as f64 / of as f64;
        (of > 0).then(|| Measure::new(group, measure, name, percent, "%").over(of))
    }

    /// Says over how many cases it is.
    pub fn over(mut self, cases: usize) -> Measure {
        self.of = Some(cases);
        self
    }

    /// Holds it to a target.
    pub fn to_be(mut self, goal: impl Into<Option<Goal>>) -> Measure {
        self.target = goal.into();
        self
    }
}

fn rounded<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((value * 1e4).round() / 1e4)
}

/// Measures as a table for a terminal, with a line for each and a heading for each group and
/// transcoder.
pub fn table(measures: &[Measure]) -> String {
    let widest = measures.iter().map(|m| m.name.chars().count()).max();
    let width = widest.unwrap_or(0);
    let mut text = String::new();
    let mut heading = None;
    for measure in measures {
        let now = Some((measure.group, measure.transcoder));
        if heading != now {
            let of = measure.transcoder.map(|kind| format!(" ({kind})"));
            let _ = writeln!(text, "\n{}{}", measure.group, of.unwrap_or_default());
            heading = now;
        }
        let target = match measure.target {
            None => String::new(),
            Some(goal) => {
                let range = match goal {
                    Goal::AtLeast(value) => format!("≥ {value}"),
                    Goal::AtMost(value) => format!("≤ {value}"),
                    Goal::Between(least, most) => format!("{least} to {most}"),
                };
                let mark = if goal.met(measure.value) {
                    ""
                } else {
                    "  MISSED"
                };
                format!("{range}{mark}")
            }
        };
        let digits = if measure.unit.is_empty() { 4 } else { 2 };
        let value = format!("{:.digits$} {}", measure.value, measure.unit);
        let of = measure.of.map(|of| format!("of {of}")).unwrap_or_default();
        let line = format!("  {:width$}  {value:>16}  {of:<10}  {target}", measure.name);
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}
