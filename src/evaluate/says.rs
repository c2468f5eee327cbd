//! What a feature of the last layer says on the answering token, or holds back: any answer of a kind, by its direct effects on all logits.
//! Nothing else reads what the last layer writes there, so these effects are all that it does.

use super::NamedFeature;
use super::asked::Exam;
use super::conditions::answering;
use super::sweep::Sweep;
use crate::model::Model;
use crate::order;
use crate::study::{FITS, logit_effects};
use std::collections::HashMap;

/// A feature that is active on fewer answering tokens is not named.
const LEAST_OFTEN: usize = 4;

/// Kinds of answers: the questions that are answered so, and how features are named that say any of them, or hold all of them back.
const KINDS: [(&[&str], &str, &str); 2] = [
    (
        &["ask"],
        "says a finding to ask about",
        "holds back findings to ask about",
    ),
    (
        &["diagnosis", "alternative"],
        "says a condition",
        "holds back conditions",
    ),
];

/// The answers to some questions.
struct Answers {
    says: &'static str,
    holds_back: &'static str,
    /// Whether each token begins one of them, [vocabulary].
    begins: Vec<bool>,
    /// On how many answering tokens of these questions each feature fires, by layer x features + index.
    fires: HashMap<u32, usize>,
}

/// The features of the last layer that say, or hold back, any answer to the questions at which they are active; fit is the F1 of
/// [`share_of_first`].
pub(super) fn saying(exam: &Exam, sweep: &Sweep, model: &Model) -> Vec<NamedFeature> {
    let kinds = KINDS.map(|kind| answers(kind, exam, sweep, model));
    let features = model.transcoder.features();
    let layer = model.transcoder.layers.len() - 1;
    let name = |index: usize| {
        let feature = (layer * features + index) as u32;
        let fires = |kind: &Answers| kind.fires.get(&feature).copied().unwrap_or(0);
        let all: usize = kinds.iter().map(fires).sum();
        let kind = kinds.iter().find(|kind| 2 * fires(kind) > all)?;
        if fires(kind) < LEAST_OFTEN {
            return None;
        }
        let (name, fit) = said(&logit_effects(model, layer, index), kind)?;
        Some(NamedFeature {
            layer,
            index,
            name: name.to_owned(),
            fit,
        })
    };
    (0..features).filter_map(name).collect()
}

fn answers(
    (questions, says, holds_back): (&[&str], &'static str, &'static str),
    exam: &Exam,
    sweep: &Sweep,
    model: &Model,
) -> Answers {
    let groups = questions.iter().filter_map(|name| exam.group(name));
    let active = groups.flat_map(|group| answering(exam, sweep, group));
    let mut fires = HashMap::new();
    for feature in active.flatten() {
        *fires.entry(*feature).or_default() += 1;
    }
    Answers {
        says,
        holds_back,
        begins: begins(questions, exam, model),
        fires,
    }
}

/// Whether each token begins an answer that some vignette has to one of these questions, [vocabulary].
fn begins(questions: &[&str], exam: &Exam, model: &Model) -> Vec<bool> {
    let mut begins = vec![false; model.language.config.vocabulary];
    let asked = |each: &(&String, &Vec<(String, f64)>)| questions.contains(&each.0.as_str());
    let each = exam.chances.iter().flatten().filter(asked);
    for (answer, _) in each.flat_map(|(_, answers)| answers) {
        if let Some(token) = model.vocabulary.id(answer) {
            begins[token as usize] = true;
        }
    }
    begins
}

/// The name of a feature with these effects on the logits, [vocabulary], and its fit; none where neither fits.
fn said(effects: &[f32], answers: &Answers) -> Option<(&'static str, f32)> {
    let less: Vec<f32> = effects.iter().map(|effect| -effect).collect();
    let raised = (answers.says, share_of_first(effects, &answers.begins));
    let lowered = (answers.holds_back, share_of_first(&less, &answers.begins));
    let (name, fit) = if raised.1 >= lowered.1 {
        raised
    } else {
        lowered
    };
    (fit >= FITS).then_some((name, (100.0 * fit).round() / 100.0))
}

/// Of as many tokens as are meant, those with the largest effects: which share of them is meant and has an effect above the mean, which
/// is 0. As many are told as are meant, so it is precision and recall at once, and their F1.
fn share_of_first(effects: &[f32], meant: &[bool]) -> f32 {
    let count = meant.iter().filter(|meant| **meant).count();
    let largest = order::largest_first(effects);
    let first = largest.iter().take(count);
    let right = first.filter(|token| meant[**token] && effects[**token] > 0.0);
    right.count() as f32 / count.max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::super::{Evaluation, TRANSCODER};
    use super::*;
    use crate::model::{Files, Folder, TOKENIZER, Tokenizer};
    use std::path::Path;

    const TOKENS: usize = 4000;
    /// Features of the shipped model that are looked at.
    const FEATURES: usize = 400;

    /// Numbers from -1 to 1 without order, the same every time.
    fn noise(token: usize) -> f32 {
        let mut bits = token as u32 ^ 0x9e37_79b9;
        for _ in 0..3 {
            bits = (bits ^ (bits >> 15)).wrapping_mul(0x85eb_ca6b) ^ (bits >> 13);
        }
        (bits % 1000) as f32 / 500.0 - 1.0
    }

    /// Every thirtieth token begins an answer.
    fn answers() -> Answers {
        Answers {
            says: "says",
            holds_back: "holds back",
            begins: (0..TOKENS).map(|token| token % 30 == 0).collect(),
            fires: HashMap::new(),
        }
    }

    /// The name of a feature that adds this to an answer's logit, and so much noise to every one.
    fn named(answer: impl Fn(usize) -> f32, strength: f32) -> Option<(&'static str, f32)> {
        let answers = answers();
        let effect = |token: usize| {
            let added = if answers.begins[token] {
                answer(token)
            } else {
                0.0
            };
            added + strength * noise(token)
        };
        said(&(0..TOKENS).map(effect).collect::<Vec<_>>(), &answers)
    }

    #[test]
    fn answers_of_a_kind_are_found_in_noise_and_the_fit_falls_with_it() {
        assert_eq!(named(|_| 1.0, 0.0), Some(("says", 1.0)));
        assert_eq!(named(|_| -1.0, 0.3), Some(("holds back", 1.0)));
        let (name, fit) = named(|_| 1.0, 0.55).unwrap();
        assert_eq!(name, "says");
        assert!(fit < 1.0, "{fit}");
        assert_eq!(named(|_| 1.0, 2.0), None);
    }

    #[test]
    fn what_says_no_kind_of_answers_has_no_such_name() {
        assert_eq!(named(|_| 0.0, 1.0), None, "noise alone");
        assert_eq!(named(|_| 0.0, 0.0), None, "nothing");
        // One answer alone is not any of its kind.
        assert_eq!(
            named(|token| if token == 30 { 9.0 } else { 0.0 }, 1.0),
            None
        );
        // Nor are half of them, with the others held back.
        assert_eq!(
            named(|token| if token % 60 == 0 { 9.0 } else { -9.0 }, 1.0),
            None
        );
    }

    #[test]
    fn hardly_any_random_direction_in_place_of_a_feature_has_a_name() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models/diagnosis");
        let files = Folder::new(&folder);
        let mut model = Model::load(&files, &Folder::new(folder.join(TRANSCODER))).unwrap();
        let tokenizer = Tokenizer::from_bytes(&files.read(TOKENIZER).unwrap()).unwrap();
        let exam = Exam::new(&Evaluation::load(&files).unwrap(), &model, &tokenizer).unwrap();
        let kinds = KINDS.map(|(questions, says, holds_back)| Answers {
            says,
            holds_back,
            begins: begins(questions, &exam, &model),
            fires: HashMap::new(),
        });
        let layer = model.transcoder.layers.len() - 1;
        let named = |model: &Model| {
            let effects = (0..FEATURES).map(|index| logit_effects(model, layer, index));
            let is_named =
                |effects: &Vec<f32>| kinds.iter().any(|kind| said(effects, kind).is_some());
            effects.filter(is_named).count()
        };
        assert!(
            50 * named(&model) > FEATURES,
            "{} say answers",
            named(&model)
        );
        let decoder = &mut model.transcoder.layers[layer].decoder.values;
        for (place, value) in decoder.iter_mut().enumerate() {
            *value = noise(place);
        }
        assert!(
            100 * named(&model) < FEATURES,
            "{} at random",
            named(&model)
        );
    }
}
