//! Stories of held-out prompts: how few items tell how much of a graph, and how well their features are named.

use super::{
    EvaluateError, Goal, Known, Loaded, Measure, NamedFeature, Names, Observe, TRANSCODER, follows,
    sweep,
};
use crate::model::Folder;
use crate::study::{FITS, MOST_ITEMS, Part, Precision, Reads, story};
use crate::trace::{EDGE_THRESHOLD, NODE_THRESHOLD, Options};
use std::path::Path;

const GROUP: &str = "Stories: a graph told in few items";

/// The features of a model's cross-layer transcoder that follow something; see [`NamedFeature`]. None in other domains.
///
/// # Errors
/// A file that is missing or not as it should be, or logits that are no finite numbers.
pub fn named(folder: &Path, observe: Observe<'_>) -> Result<Vec<NamedFeature>, EvaluateError> {
    let loaded = Loaded::new(folder, &[folder.join(TRANSCODER)])?;
    if !loaded.exam.is_diagnosis() {
        return Ok(Vec::new());
    }
    let subject = loaded.subject(0, observe);
    let sweep = sweep::sweep(&subject)?;
    Ok(follows::named(
        &loaded.exam,
        &sweep,
        &subject.network().model,
    ))
}

/// What one story shows.
struct Found {
    items: usize,
    /// Its replacement score and its completeness, as shares of those of all that pruning leaves.
    replacement: f64,
    completeness: f64,
    /// Share of the influence of the features on show that those have whose label fits.
    fits: f64,
    /// Of its items.
    parts: Vec<Part>,
}

/// What the addition circuit of "On the Biology of a Large Language Model" (2025) is made of: inputs, lookups and sums, of either path.
fn circuit() -> impl Iterator<Item = Part> {
    [Reads::First, Reads::Second, Reads::Lookup, Reads::Sum]
        .into_iter()
        .flat_map(|reads| {
            [Precision::Ones, Precision::Magnitude].map(|precision| Part { reads, precision })
        })
}

/// Whether the inputs of both paths, both sums and a lookup of either path are there.
fn shows_circuit(parts: &[Part]) -> bool {
    let (lookups, others): (Vec<Part>, Vec<Part>) =
        circuit().partition(|part| part.reads == Reads::Lookup);
    others.iter().all(|part| parts.contains(part))
        && lookups.iter().any(|part| parts.contains(part))
}

/// Measures the stories of so many held-out prompts, with names from the model's folder. `command` is for the reader.
///
/// # Errors
/// A file that is missing or not as it should be, or logits that are no finite numbers.
pub fn stories(
    folder: &Path,
    prompts: usize,
    command: &str,
    observe: Observe<'_>,
) -> Result<Vec<Measure>, EvaluateError> {
    let loaded = Loaded::new(folder, &[folder.join(TRANSCODER)])?;
    let tracer = &loaded.tracers[0];
    let vocabulary = &tracer.network.model.vocabulary;
    let mut names = Names::new(tracer, &Folder::new(folder), Known::load(folder)?)?;
    let mut found = Vec::new();
    for (done, prompt) in loaded.exam.spread(prompts).into_iter().enumerate() {
        let graph = pollster::block_on(tracer.trace(&prompt.ids, &Options::default(), |_| {}))?;
        let pruned = graph.prune(NODE_THRESHOLD, EDGE_THRESHOLD);
        let called = names.called(&graph, |node| pruned.nodes[node])?;
        let texts: Vec<String> = graph
            .tokens
            .iter()
            .map(|id| vocabulary.token(*id))
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let story = story(&graph, &pruned, &texts, |node| called[node].clone());
        let (influence, _) = graph.influence();
        let sum = |counts: &dyn Fn(usize) -> bool| -> f64 {
            let shown = (0..graph.features.len()).filter(|node| pruned.nodes[*node]);
            let counted = shown.filter(|node| counts(*node));
            counted.map(|node| f64::from(influence[node])).sum()
        };
        let fits = |node: usize| called[node].as_ref().is_some_and(|it| it.fit >= FITS);
        found.push(Found {
            items: story
                .items
                .iter()
                .filter(|item| item.nodes.iter().any(|node| *node < graph.features.len()))
                .count(),
            replacement: f64::from(story.scores.replacement / story.pruned.replacement),
            completeness: f64::from(story.scores.completeness / story.pruned.completeness),
            fits: sum(&fits) / sum(&|_| true).max(f64::MIN_POSITIVE),
            parts: story.items.iter().filter_map(|item| item.part).collect(),
        });
        observe("stories", done + 1, prompts);
    }
    let mut measures = if loaded.exam.is_diagnosis() {
        measures(&found, 80.0)
    } else {
        let mut measures = measures(&found, 90.0);
        measures.extend(circuit_measures(&found));
        measures
    };
    for measure in &mut measures {
        measure.transcoder = Some(tracer.network.model.transcoder.kind.name());
        command.clone_into(&mut measure.how);
    }
    Ok(measures)
}

fn measures(found: &[Found], well_named: f64) -> Vec<Measure> {
    let count = found.len();
    let mean = |value: &dyn Fn(&Found) -> f64| found.iter().map(value).sum::<f64>() / count as f64;
    let measure = |id: &str, name: &str, value: f64, unit| {
        Measure::new(GROUP, format!("story/{id}"), name, value, unit).over(count)
    };
    let most = found.iter().map(|found| found.items).max().unwrap_or(0);
    let at_least = |share: f64| {
        let kept = found
            .iter()
            .filter(|found| found.replacement >= share)
            .count();
        100.0 * kept as f64 / count as f64
    };
    vec![
        measure(
            "items",
            "items with features, mean",
            mean(&|it| it.items as f64),
            "items",
        ),
        measure("most", "items with features, most", most as f64, "items")
            .to_be(Goal::AtMost(MOST_ITEMS as f64)),
        measure(
            "replacement",
            "replacement score kept of what pruning leaves",
            100.0 * mean(&|it| it.replacement),
            "%",
        )
        .to_be(Goal::AtLeast(90.0)),
        measure("kept", "stories that keep 90 % of it", at_least(0.9), "%"),
        measure(
            "completeness",
            "completeness kept of what pruning leaves",
            100.0 * mean(&|it| it.completeness),
            "%",
        ),
        measure(
            "named",
            &format!("influence of features on show whose label fits ({FITS} or better)"),
            100.0 * mean(&|it| it.fits),
            "%",
        )
        .to_be(Goal::AtLeast(well_named)),
    ]
}

/// How often the parts of the addition circuit have an item of their own.
fn circuit_measures(found: &[Found]) -> Vec<Measure> {
    let share = |counts: &dyn Fn(&Found) -> bool| {
        100.0 * found.iter().filter(|found| counts(found)).count() as f64 / found.len() as f64
    };
    let measure = |id: String, name: String, value: f64| {
        Measure::new(GROUP, format!("story/{id}"), &name, value, "%").over(found.len())
    };
    let mut measures = vec![measure(
        "circuit".into(),
        "stories with ones digits and magnitude of both numbers, a lookup, and both sums".into(),
        share(&|it| shows_circuit(&it.parts)),
    )];
    measures.extend(circuit().map(|part| {
        measure(
            format!("shows/{part}").replace(' ', "-"),
            format!("stories with an item of {part}"),
            share(&|it| it.parts.contains(&part)),
        )
    }));
    measures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_the_largest() {
        let story = |items, replacement| Found {
            items,
            replacement,
            completeness: 1.0,
            fits: 0.5,
            parts: Vec::new(),
        };
        let found = measures(&[story(MOST_ITEMS, 1.0), story(4, 0.8)], 90.0);
        let values: Vec<f64> = found.iter().map(|measure| measure.value).collect();
        assert_eq!(values, [8.0, 12.0, 90.0, 50.0, 100.0, 50.0]);
    }
    #[test]
    fn a_circuit_needs_every_input_and_sum_and_one_lookup() {
        let all: Vec<Part> = circuit().collect();
        assert_eq!(all.len(), 8);
        let without = |out: usize| -> Vec<Part> {
            let kept = (0..all.len()).filter(|i| *i != out);
            kept.map(|i| all[i]).collect()
        };
        let shown = (0..all.len()).filter(|out| shows_circuit(&without(*out)));
        assert!(shown.eq((0..all.len()).filter(|out| all[*out].reads == Reads::Lookup)));
        let few: Vec<Part> = all
            .iter()
            .copied()
            .filter(|it| it.reads != Reads::Lookup)
            .collect();
        assert!(!shows_circuit(&few));
    }
}
