//! A grade for tests, and what is said of it.

use super::{Trust, findings};
use crate::study::grade::{ErrorShares, Figure, Grade, Replaced};

/// A grade with these figures, a replaced model that agrees, and these error shares at the three
/// tokens of two layers.
pub fn grade(figures: &[(&str, f64)], errors: [[f64; 3]; 2]) -> Grade {
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

/// No errors.
pub const NONE: [[f64; 3]; 2] = [[0.0; 3]; 2];

/// What is said about this, if anything, and how far it is to be trusted.
pub fn find(grade: &Grade, about: &str) -> Option<(Trust, String)> {
    let found = findings(grade, |position| ["<bos>", "one", "two"][position].into());
    let mut same = found.into_iter().filter(|finding| finding.about == about);
    let first = same.next().map(|finding| (finding.trust, finding.text));
    assert_eq!(same.next(), None, "{about} is said twice");
    first
}

/// What is said, which must be of this trust and have these words.
pub fn says(grade: &Grade, about: &str, trust: Trust, words: &[&str]) {
    let (found, text) = find(grade, about).unwrap_or_else(|| panic!("nothing about {about}"));
    assert_eq!(found, trust, "{text}");
    for part in words {
        assert!(text.contains(part), "no {part:?} in {text:?}");
    }
    assert!(text.ends_with('.'), "{text}");
}

/// Ids of figures.
pub const MLPS: &str = "faithful/mlps-free/100/difference";
pub const NORMS: &str = "faithful/norms-free/100/difference";
pub const ALL: &str = "faithful/everything-free/100/difference";
pub const ALONE: &str = "faithful/everything-free/100/answer";
