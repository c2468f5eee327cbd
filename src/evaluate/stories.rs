//! Stories of held-out prompts: how few items tell how much of a graph, and how well their features are named.

use super::{
    EvaluateError, Goal, Known, Loaded, Measure, NamedFeature, Names, Observe, TRANSCODER, follows,
    sweep,
};
use crate::model::Folder;
use crate::study::{FITS, MOST_ITEMS, story};
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
        });
        observe("stories", done + 1, prompts);
    }
    let goal = if loaded.exam.is_diagnosis() {
        80.0
    } else {
        90.0
    };
    let mut measures = measures(&found, goal);
    for measure in &mut measures {
        measure.transcoder = Some(tracer.network.model.transcoder.kind.name());
        command.clone_into(&mut measure.how);
    }
    Ok(measures)
}

fn measures(found: &[Found], well_named: f64) -> Vec<Measure> {
    let count = found.len();
    let mean = |of: &dyn Fn(&Found) -> f64| found.iter().map(of).sum::<f64>() / count as f64;
    let measure = |id: &str, name: &str, value: f64, unit| {
        Measure::new(GROUP, format!("story/{id}"), name, value, unit).of(count)
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
        };
        let found = measures(&[story(MOST_ITEMS, 1.0), story(4, 0.8)], 90.0);
        let values: Vec<f64> = found.iter().map(|measure| measure.value).collect();
        assert_eq!(values, [8.0, 12.0, 90.0, 50.0, 100.0, 50.0]);
    }
}
