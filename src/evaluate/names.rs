//! What features of a shipped model are called, as the page calls them: by their operand plots where a prompt has two numbers, by the
//! condition that they follow, or by the sample texts.

use super::{EvaluateError, Known};
use crate::engine::Engine;
use crate::model::{Files, Folder, clause};
use crate::study::{
    Called, FITS, Label, OperandPlots, Samples, StudyError, Template, operand_label, part,
};
use crate::trace::{Graph, Tracer};
use crate::write;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// As the page's worker asks for plots: see `www/worker/session.js`.
const MOST_PLOTTED: usize = 2000;
const PLOTTED_DOMAIN: &str = "addition";
/// Of a longer prompt the plots have more activations than are kept, which takes the page a while to find out.
const MOST_PLOTTED_TOKENS: usize = 40;
/// The file of features that follow something, in a model folder; those of its cross-layer transcoder.
pub const FEATURES: &str = "features.json";
/// The file of sample texts in a model folder.
const SAMPLES: &str = "samples.json";

#[derive(Default, Deserialize)]
struct Texts {
    contexts: Vec<Context>,
}

#[derive(Deserialize)]
struct Context {
    prompts: Vec<Vec<u32>>,
}

/// A feature that is active on the answering token where something holds, and hardly elsewhere; or that says any answer of a kind there.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct NamedFeature {
    pub layer: usize,
    pub index: usize,
    /// What it follows: conditions, such as `preeclampsia or eclampsia`, answers, or a word of the text; or what it says.
    pub name: String,
    /// How well it does, by F1: on vignettes that this was not chosen on; of what it says, over all tokens.
    pub fit: f32,
}

/// Writes a model folder's named features, one a line.
///
/// # Errors
/// The file cannot be written.
pub fn write_named(folder: &Path, features: &[NamedFeature]) -> Result<(), EvaluateError> {
    let path = folder.join(FEATURES);
    let line = |feature| serde_json::to_string(feature).expect("these are plain values");
    let lines: Vec<String> = features.iter().map(line).collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    write::whole(&path, text.as_bytes()).map_err(|error| EvaluateError::File {
        file: path.display().to_string(),
        reason: clause(error),
    })
}

/// The plots of a prompt's template, and its operands.
pub struct Plotted<'a> {
    pub plots: &'a OperandPlots,
    pub a: usize,
    pub b: usize,
}

/// Names of a model's features, found when they are asked for.
pub struct Names<'a, E: Engine> {
    tracer: &'a Tracer<E>,
    known: Known,
    followed: BTreeMap<(usize, usize), NamedFeature>,
    samples: Option<Samples>,
    /// Of each template so far; none where there would be too many activations.
    plots: Vec<(Template, Option<OperandPlots>)>,
    /// By layer and index.
    of_samples: BTreeMap<(usize, usize), Label>,
}

impl<'a, E: Engine> Names<'a, E> {
    /// Reads what a model folder knows of its features, and runs its sample texts.
    ///
    /// # Errors
    /// A file that is not as it should be, or texts that cannot be run.
    pub fn new(
        tracer: &'a Tracer<E>,
        folder: &Folder,
        known: Known,
    ) -> Result<Self, EvaluateError> {
        let texts: Texts = read(folder, SAMPLES)?;
        let followed: Vec<NamedFeature> = read(folder, FEATURES)?;
        let followed = followed.into_iter();
        Ok(Names {
            samples: samples(tracer, texts)?,
            tracer,
            known,
            followed: followed.map(|it| ((it.layer, it.index), it)).collect(),
            plots: Vec::new(),
            of_samples: BTreeMap::new(),
        })
    }

    /// The plots of a graph's prompt; none where it has no two numbers, or too much is active.
    ///
    /// # Errors
    /// An engine that fails.
    pub fn plotted(&mut self, graph: &Graph) -> Result<Option<Plotted<'_>>, EvaluateError> {
        let vocabulary = &self.tracer.network.model.vocabulary;
        let plotted = self.known.domain == PLOTTED_DOMAIN
            && graph.active_features <= MOST_PLOTTED
            && graph.tokens.len() <= MOST_PLOTTED_TOKENS;
        let found = plotted
            .then(|| Template::find(&graph.tokens, vocabulary, &self.known.templates))
            .flatten();
        let Some((template, a, b)) = found else {
            return Ok(None);
        };
        let known = self.plots.iter().position(|(each, _)| *each == template);
        let at = known.unwrap_or(self.plots.len());
        if known.is_none() {
            let made = plots_of(self.tracer, template.clone())?;
            self.plots.push((template, made));
        }
        let plots = self.plots[at].1.as_ref();
        Ok(plots.map(|plots| Plotted { plots, a, b }))
    }

    /// What the sample texts call a feature; nothing where there are none.
    ///
    /// # Errors
    /// There is no such feature.
    pub fn by_samples(&mut self, layer: usize, index: usize) -> Result<&Label, EvaluateError> {
        if !self.of_samples.contains_key(&(layer, index)) {
            let model = &self.tracer.network.model;
            let label = match &self.samples {
                Some(samples) => samples.feature(model, layer, index)?.label,
                None => Label::default(),
            };
            self.of_samples.insert((layer, index), label);
        }
        Ok(&self.of_samples[&(layer, index)])
    }

    /// What a feature is known to follow on the answering token, in words.
    pub fn at_answer(&self, layer: usize, index: usize) -> Option<&str> {
        let named = self.followed.get(&(layer, index))?;
        Some(named.name.as_str())
    }

    /// What each of a graph's features is called where `wanted` says that it is to be known: [features].
    ///
    /// # Errors
    /// An engine that fails.
    pub fn called(
        &mut self,
        graph: &Graph,
        wanted: impl Fn(usize) -> bool,
    ) -> Result<Vec<Option<Called>>, EvaluateError> {
        let mut all = vec![None; graph.features.len()];
        if let Some(plotted) = self.plotted(graph)? {
            for (node, feature) in graph.features.iter().enumerate() {
                if wanted(node) {
                    all[node] = by_plot(plotted.plots, feature.place());
                }
            }
        }
        for (node, feature) in graph.features.iter().enumerate() {
            if wanted(node) && all[node].is_none() {
                let late = feature.position + 1 == graph.tokens.len();
                let followed = self.followed.get(&(feature.layer, feature.index));
                // Where it is known what features follow at the answer, the others have no name there that is not a good one.
                let label = match followed {
                    Some(named) if late => Label {
                        words: named.name.clone(),
                        fit: named.fit,
                    },
                    None => {
                        let known = late && !self.followed.is_empty();
                        let label = self.by_samples(feature.layer, feature.index)?;
                        match known && label.fit < FITS {
                            true => Label::default(),
                            false => label.clone(),
                        }
                    }
                    Some(_) => self.by_samples(feature.layer, feature.index)?.clone(),
                };
                let Label { words, fit } = label;
                all[node] = Some(Called {
                    words,
                    fit,
                    part: None,
                });
            }
        }
        Ok(all)
    }
}

/// A JSON file of the model folder; what stands for nothing where there is none.
fn read<T: Default + DeserializeOwned>(folder: &Folder, name: &str) -> Result<T, EvaluateError> {
    match folder.read(name) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| EvaluateError::File {
            file: folder.name(name),
            reason: clause(error),
        }),
        Err(_) => Ok(T::default()),
    }
}

/// What its operand plot calls a feature, by layer, position and index; none where no simple rule describes it.
pub(super) fn by_plot(plots: &OperandPlots, place: (usize, usize, usize)) -> Option<Called> {
    let (layer, position, index) = place;
    let plot = plots.plot(layer, position, index);
    let Label { words, fit } = operand_label(&plot)?;
    Some(Called {
        words,
        fit,
        part: part(&plot),
    })
}

/// All plots of a template; none where there would be too many activations, as on the page.
fn plots_of<E: Engine>(
    tracer: &Tracer<E>,
    template: Template,
) -> Result<Option<OperandPlots>, StudyError> {
    let mut plots = OperandPlots::new(template);
    loop {
        match pollster::block_on(plots.step(&tracer.network)) {
            Ok(true) => return Ok(Some(plots)),
            Ok(false) => {}
            Err(StudyError::TooManyActivations { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
}

/// The sample texts, run; none where there are none.
fn samples<E: Engine>(tracer: &Tracer<E>, texts: Texts) -> Result<Option<Samples>, EvaluateError> {
    let model = &tracer.network.model;
    let mut prompts = Vec::new();
    for (context, texts) in texts.contexts.into_iter().enumerate() {
        for ids in texts.prompts {
            let ids = model.with_bos(ids);
            tracer.check(&ids)?;
            prompts.push((context as u32, ids));
        }
    }
    if prompts.is_empty() {
        return Ok(None);
    }
    let mut samples = Samples::new(model, prompts);
    while !pollster::block_on(samples.step(&tracer.network))? {}
    Ok(Some(samples))
}
