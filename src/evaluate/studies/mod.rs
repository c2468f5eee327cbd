//! Studies: what articles about the addition model show, computed from its weights with the cross-layer transcoder. The circuit behind
//! all sums, the same features in other contexts, and what an explanation has to do with the answer that it explains.

mod circuit;
mod contexts;
mod explanations;
mod off;
mod texts;

pub use circuit::{At, Circuit, CircuitFeature, CircuitFlow, CircuitPart, Share};
pub use contexts::{ContextFeature, Contexts, Elsewhere};
pub use explanations::{Example, Explained, NamedHere, Number, Overlap, Token};
pub use off::{Off, SwitchedOff};

use super::asked::{Addition, Writer};
use super::names::by_plot;
use super::{EVALUATION, EvaluateError, Evaluation, Known, Loaded, Names, TRANSCODER};
use crate::engine::cpu::Cpu;
use crate::model::{Files, Folder};
use crate::study::{Called, OPERANDS, OperandPlots};
use crate::trace::{Options, Tracer};
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The context whose first wording, `calc: a+b=`, the studies start from.
const CONTEXT: &str = "calc";
/// The sum that examples are of.
const EXAMPLE: (u32, u32) = (36, 59);
/// A feature that is active on fewer prompts is left out.
const LEAST_PROMPTS: usize = 10;

/// A feature by its layer, the position in `calc: a+b=` and its index.
type Place = (usize, usize, usize);

/// An addition model, read, with the operand plots of `calc: a+b=`.
pub struct Studies {
    folder: PathBuf,
    loaded: Loaded,
    addition: Addition,
    /// What the plots call each feature that is active on some sum; none where no simple rule describes it.
    called: HashMap<Place, Option<Called>>,
    /// Positions of the first number, the second and the last token.
    positions: [usize; 3],
}

impl Studies {
    /// Reads a model folder, and computes the plots.
    ///
    /// # Errors
    /// A file that is missing or not as it should be, or a model that adds no numbers in `calc: a+b=`.
    pub fn new(folder: &Path) -> Result<Studies, EvaluateError> {
        let files = Folder::new(folder);
        let nothing = || EvaluateError::File {
            file: files.name(EVALUATION),
            reason: "the studies are of a model that adds, with the context \"calc\"".into(),
        };
        let Evaluation::Addition(addition) = Evaluation::load(&files)? else {
            return Err(nothing());
        };
        let loaded = Loaded::new(folder, &[folder.join(TRANSCODER)])?;
        let studies = Studies {
            folder: folder.to_path_buf(),
            loaded,
            addition,
            called: HashMap::new(),
            positions: [0; 3],
        };
        let template = studies.wordings(CONTEXT).and_then(<[String]>::first);
        let template = template.ok_or_else(nothing)?.clone();
        let (ids, _) = studies.asked(&template, EXAMPLE)?;
        let graph = pollster::block_on(studies.tracer().trace(&ids, &Options::default(), |_| {}))?;
        let mut names = studies.names()?;
        let plotted = names.plotted(&graph)?.ok_or_else(nothing)?;
        let template = plotted.plots.template();
        let positions = [template.a_position, template.b_position, ids.len() - 1];
        let called = called(plotted.plots);
        drop(names);
        Ok(Studies {
            called,
            positions,
            ..studies
        })
    }

    /// All pairs of numbers below 100, in order.
    pub fn all_sums() -> Vec<(u32, u32)> {
        let numbers = OPERANDS as u32;
        (0..numbers)
            .flat_map(|a| (0..numbers).map(move |b| (a, b)))
            .collect()
    }

    fn tracer(&self) -> &Tracer<Cpu> {
        &self.loaded.tracers[0]
    }

    fn names(&self) -> Result<Names<'_, Cpu>, EvaluateError> {
        let known = Known::load(&self.folder)?;
        Names::new(self.tracer(), &Folder::new(&self.folder), known)
    }

    fn writer(&self) -> Writer<'_> {
        Writer {
            model: &self.tracer().network.model,
            tokenizer: &self.loaded.tokenizer,
        }
    }

    /// The templates of a context.
    fn wordings(&self, context: &str) -> Option<&[String]> {
        let mut contexts = self.addition.contexts.iter();
        let found = contexts.find(|it| it.name == context)?;
        Some(&found.templates)
    }

    /// `calc: a+b=` for a sum: ids with the BOS first, and the right answer.
    fn sum(&self, sum: (u32, u32)) -> Result<(Vec<u32>, u32), EvaluateError> {
        let wordings = self.wordings(CONTEXT).expect("it was there when read");
        self.asked(&wordings[0], sum)
    }

    /// What a feature is called at a place of `calc: a+b=`: by its plot there, or else by the sample texts.
    fn called(
        &self,
        names: &mut Names<'_, Cpu>,
        (layer, position, index): Place,
    ) -> Result<Called, EvaluateError> {
        let by_plot = self.called.get(&(layer, position, index));
        if let Some(Some(called)) = by_plot {
            return Ok(called.clone());
        }
        let label = names.by_samples(layer, index)?;
        Ok(Called {
            words: label.words.clone(),
            fit: label.fit,
            part: None,
        })
    }
}

/// Labels of all plots.
fn called(plots: &OperandPlots) -> HashMap<Place, Option<Called>> {
    let places = plots.places();
    places
        .par_iter()
        .map(|place| (*place, by_plot(plots, *place)))
        .collect()
}

/// A part's text form; empty where there is none.
fn part_of(called: &Called) -> String {
    called.part.map(|part| part.to_string()).unwrap_or_default()
}

/// A number with four significant digits, as files have it.
fn rounded(value: f64) -> f32 {
    let text = format!("{value:.3e}");
    text.parse().expect("a number as it is written")
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn four_digits_are_left() {
        let written = |value| serde_json::to_string(&rounded(value)).unwrap();
        assert_eq!(written(0.012_345_678), "0.01235");
        assert_eq!(written(-98765.4), "-98770.0");
        assert_eq!(written(0.0), "0.0");
    }
}
