//! What a shipped model is measured by: its answers, and how well the transcoder stands in for its
//! MLPs, its graphs foretell what it does and its features do what they say. On the CPU, natively.

mod answers;
mod asked;
mod batches;
mod conditions;
mod experiments;
mod explanations;
mod follows;
mod goals;
mod graphs;
mod likeness;
mod manifest;
mod names;
mod patterns;
mod quality;
mod says;
mod size;
mod stories;
pub mod studies;
mod sweep;

pub use asked::{Addition, Diagnosis, EVALUATION, Evaluation};
pub use experiments::{Arm, Experiment, Set, Setting, Spread, TRIED, Trial, experiments};
pub use likeness::likeness;
pub use manifest::{Known, MANIFEST, Manifest};
pub use names::{FEATURES, NamedFeature, Names, Plotted, write_named};
pub use quality::{Goal, Measure, table};
pub use stories::{named, stories};

use crate::engine::cpu::Cpu;
use crate::model::{Files, Folder, LoadError, Model, TOKENIZER, Tokenizer};
use crate::network::Network;
use crate::study::{Steering, StudyError};
use crate::trace::{TraceError, Tracer};
use asked::Exam;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use sweep::Sweep;

/// Prompts whose graphs are scored.
pub const GRAPHS: usize = 200;

/// The folder of the cross-layer transcoder in a model folder.
const TRANSCODER: &str = "transcoder";
/// The folder of the per-layer transcoders, the second opinion.
pub const SECOND: &str = "per-layer";

/// What keeps a model from being measured.
#[derive(Clone, Debug, thiserror::Error, PartialEq)]
pub enum EvaluateError {
    /// A file that is not as it should be. `reason` is a clause.
    #[error("{file} cannot be used: {reason}.")]
    File { file: String, reason: String },
    #[error(
        "There is nothing to experiment on in {folder}: it takes held-out sums \"calc: a+b=\", or conditions that have features of their own."
    )]
    NothingToTry { folder: String },
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Trace(#[from] TraceError),
    #[error(transparent)]
    Study(#[from] StudyError),
}

/// What is measured.
#[derive(Clone, Debug)]
pub struct Options {
    /// Prompts whose graphs are scored; half as many have their features switched off.
    pub graphs: usize,
    /// Only this transcoder folder; none: both of the model folder.
    pub transcoder: Option<PathBuf>,
    /// The command, for the reader of the results.
    pub command: String,
}

/// Is told what is being measured, and how much of how much is done. Called from several threads.
pub type Observe<'a> = &'a (dyn Fn(&str, usize, usize) + Sync);

/// Measures a model folder with its `evaluation.json`.
///
/// # Errors
/// A file that is missing or not as it should be, or a model whose logits are no finite numbers.
pub fn evaluate(
    folder: &Path,
    options: &Options,
    observe: Observe<'_>,
) -> Result<Vec<Measure>, EvaluateError> {
    let (second, named) = (folder.join(SECOND), options.transcoder.as_ref());
    let mut transcoders = vec![named.cloned().unwrap_or_else(|| folder.join(TRANSCODER))];
    if named.is_none() && second.is_dir() {
        transcoders.push(second);
    }
    let loaded = Loaded::new(folder, &transcoders)?;
    let exam = &loaded.exam;
    let mut measures = Vec::new();
    for (i, transcoder) in transcoders.iter().enumerate() {
        let subject = loaded.subject(i, observe);
        let sweep = sweep::sweep(&subject)?;
        if i == 0 {
            measures.extend(answers::right(exam, &sweep));
            measures.extend(explanations::right(&subject)?);
            measures.extend(patterns::measures(&subject)?);
        }
        let mut here = of_transcoder(&subject, &sweep, options.graphs)?;
        here.extend(size::measures(folder, transcoder, exam.goals)?);
        for measure in &mut here {
            measure.transcoder = Some(subject.kind());
            // The second is an opinion, not what is held to the project's targets.
            if i > 0 {
                measure.target = None;
            }
        }
        measures.extend(here);
    }
    for measure in &mut measures {
        measure.how.clone_from(&options.command);
    }
    Ok(measures)
}

/// What is measured of a transcoder, with graphs of so many prompts.
fn of_transcoder(
    subject: &Subject<'_>,
    sweep: &Sweep,
    graphs: usize,
) -> Result<Vec<Measure>, EvaluateError> {
    let mut measures = answers::replaced(subject.exam, sweep);
    measures.extend(sweep.measures(subject.exam));
    measures.extend(conditions::measures(subject.exam, sweep));
    measures.extend(graphs::measures(subject, graphs)?);
    measures.extend(experiments::measures(subject, sweep)?);
    Ok(measures)
}

/// A model folder, read and checked.
struct Loaded {
    exam: Exam,
    tokenizer: Tokenizer,
    /// The model with each of the transcoders.
    tracers: Vec<Tracer<Cpu>>,
}

impl Loaded {
    /// Reads everything first: what is wrong with a second transcoder should not be found out after
    /// minutes.
    fn new(folder: &Path, transcoders: &[PathBuf]) -> Result<Loaded, EvaluateError> {
        let files = Folder::new(folder);
        let evaluation = Evaluation::load(&files)?;
        let tokenizer = Tokenizer::from_bytes(&files.read(TOKENIZER)?)?;
        let models = transcoders
            .iter()
            .map(|transcoder| Model::load(&files, &Folder::new(transcoder)).map(Arc::new))
            .collect::<Result<Vec<_>, _>>()?;
        let exam = Exam::new(&evaluation, &models[0], &tokenizer).map_err(|reason| {
            let file = files.name(EVALUATION);
            EvaluateError::File { file, reason }
        })?;
        let tracers = models
            .into_iter()
            .map(|model| Tracer::new(Network::new(Cpu, model)));
        Ok(Loaded {
            exam,
            tokenizer,
            tracers: tracers.collect(),
        })
    }

    /// With one of the transcoders.
    fn subject<'a>(&'a self, transcoder: usize, observe: Observe<'a>) -> Subject<'a> {
        Subject {
            tracer: &self.tracers[transcoder],
            other: self.tracers.get(1 - transcoder),
            exam: &self.exam,
            tokenizer: &self.tokenizer,
            observe,
        }
    }
}

/// A model with one transcoder, and what it is asked.
struct Subject<'a> {
    tracer: &'a Tracer<Cpu>,
    /// The same language model with the other kind of transcoder.
    other: Option<&'a Tracer<Cpu>>,
    exam: &'a Exam,
    tokenizer: &'a Tokenizer,
    observe: Observe<'a>,
}

impl Subject<'_> {
    fn network(&self) -> &Network<Cpu> {
        &self.tracer.network
    }

    /// A prompt, ready to be steered.
    fn steering(&self, ids: &[u32]) -> Result<Steering<Cpu>, EvaluateError> {
        let run = pollster::block_on(self.tracer.run(ids))?;
        Ok(pollster::block_on(Steering::new(self.network(), run))?)
    }

    /// The kind of transcoder, as results name it.
    fn kind(&self) -> &'static str {
        self.network().model.transcoder.kind.name()
    }
}

/// The most likely token, the first among equals.
///
/// # Errors
/// [`TraceError::NotFinite`].
fn top(logits: &[f32]) -> Result<u32, TraceError> {
    let mut best = 0;
    for (token, logit) in logits.iter().enumerate() {
        if !logit.is_finite() {
            return Err(TraceError::NotFinite);
        }
        if *logit > logits[best] {
            best = token;
        }
    }
    Ok(best as u32)
}
