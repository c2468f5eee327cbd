//! What only this project's files say: `attograph` in their metadata. Other viewers pass over it.

use super::lenient::Loose;
use super::rewrite::{fields, items};
use crate::trace::{ANSWERS, Answer, Graph, Scores, Whole};
use serde::Serialize;
use serde_json::value::RawValue;

/// Whose a graph is, and what it was before it was pruned.
#[derive(Debug, Default, Serialize)]
pub struct Own {
    /// The model's name.
    pub model: String,
    /// `cross-layer` or `per-layer`.
    pub transcoder: String,
    /// The largest share of tokens on which a feature in it is active; 1: any.
    pub density: f32,
    /// What its edges take as given: a [`Reading`].
    hold: String,
    replacement: f32,
    completeness: f32,
    active_features: usize,
    answers: Vec<AnswerRecord>,
    /// What the page keeps besides, in its own form: the target, plots, automatic labels.
    pub page: Option<Box<RawValue>>,
}

#[derive(Debug, Default, Serialize)]
struct AnswerRecord {
    id: u32,
    token: String,
    probability: f32,
    logit: Option<f32>,
}

/// Whose a graph is, as [`super::json`] is told.
#[derive(Clone, Debug)]
pub struct Origin<'a> {
    /// The model's name.
    pub model: &'a str,
    /// `cross-layer` or `per-layer`.
    pub transcoder: &'a str,
    /// The largest share of tokens on which a feature in the file is active; 1: any.
    pub density: f32,
    /// Texts of the graph's answers.
    pub answers: &'a [String],
    /// JSON of the page's, as [`Own::page`].
    pub page: Option<&'a RawValue>,
}

impl Origin<'_> {
    /// A name of letters, digits, dots and hyphens for the schema's `scan`, which a viewer may look
    /// up at a hub: a slash would make it a repository's.
    pub(super) fn scan(&self) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let name = format!("attograph-{}-{}", self.model, self.transcoder);
        name.replace(|c| !plain(c), "-")
    }

    /// What is written of a graph.
    pub(super) fn own(&self, graph: &Graph) -> Own {
        let scores = graph.scores();
        let answers = graph.answers.iter().zip(self.answers);
        let answers = answers.map(|(answer, text)| AnswerRecord {
            id: answer.token,
            token: text.clone(),
            probability: answer.probability,
            logit: Some(answer.logit).filter(|logit| logit.is_finite()),
        });
        Own {
            model: self.model.into(),
            transcoder: self.transcoder.into(),
            density: self.density,
            hold: graph.reading.to_string(),
            replacement: scores.replacement,
            completeness: scores.completeness,
            active_features: graph.active_features,
            answers: answers.collect(),
            page: self.page.map(RawValue::to_owned),
        }
    }
}

impl Own {
    /// What a file says, if it says whose it is.
    pub(super) fn read(raw: &RawValue) -> Option<Own> {
        let mut own = Own::default();
        let text = |value| Loose::new(value).text().unwrap_or_default().to_owned();
        let share = |value| Loose::new(value).number().unwrap_or(1.0).clamp(0.0, 1.0);
        let whole = |value| Loose::new(value).whole().unwrap_or(0);
        let _ = fields(raw.get(), &mut |key, value| match key {
            "model" => own.model = text(value),
            "transcoder" => own.transcoder = text(value),
            "density" => own.density = share(value),
            "hold" => own.hold = text(value),
            "replacement" => own.replacement = share(value),
            "completeness" => own.completeness = share(value),
            "active_features" => own.active_features = whole(value) as usize,
            "page" => own.page = Some(value.to_owned()),
            "answers" => items(value, &mut |number, value| {
                let mut answer = AnswerRecord::default();
                let _ = fields(value.get(), &mut |key, value| match key {
                    "id" => answer.id = whole(value) as u32,
                    "token" => answer.token = text(value),
                    "probability" => answer.probability = share(value),
                    "logit" => answer.logit = Loose::new(value).number(),
                    _ => {}
                });
                if number < ANSWERS {
                    own.answers.push(answer);
                }
            }),
            _ => {}
        });
        (!own.model.is_empty() && !own.transcoder.is_empty()).then_some(own)
    }

    /// What it tells of the graph before it was pruned.
    pub(super) fn whole(&self) -> Whole {
        let answers = self.answers.iter().map(|answer| Answer {
            token: answer.id,
            probability: answer.probability,
            logit: answer.logit.unwrap_or(f32::NAN),
        });
        Whole {
            scores: Scores {
                replacement: self.replacement,
                completeness: self.completeness,
            },
            active_features: self.active_features,
            answers: answers.collect(),
            // Files of before there were two say nothing.
            reading: self.hold.parse().unwrap_or_default(),
        }
    }

    /// Text of a token that is an answer.
    pub fn name(&self, token: u32) -> Option<&str> {
        let mut answers = self.answers.iter();
        let answer = answers.find(|answer| answer.id == token)?;
        Some(&answer.token)
    }
}
