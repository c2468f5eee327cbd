//! One pass over all prompts: what the model says, what it says with every MLP replaced, which
//! features fire, and how far the transcoder is from the MLPs.

use super::asked::{Exam, Part, Prompt};
use super::{EvaluateError, Measure, Subject, batches, top};
use crate::engine::cpu::Cpu;
use crate::model::Values;
use crate::network::{Forward, Network, Past};
use crate::study::{reconstruct, replaced};

/// What a pass over the prompts shows.
pub(super) struct Sweep {
    /// The most likely token after each prompt.
    pub tops: Vec<u32>,
    /// The same of the model with every MLP replaced.
    pub replaced: Vec<u32>,
    /// The features that fire on each prompt's last token, as layer x features + index; only kept
    /// in a diagnosis.
    pub active: Vec<Vec<u32>>,
    /// Whether each feature fires anywhere but on the first token, [layers x features].
    fired: Vec<bool>,
    /// Held-out prompts, without their first token.
    all: Vec<Tally>,
    /// Their last tokens.
    last: Vec<Tally>,
}

/// Sums over tokens, of one layer.
#[derive(Clone, Default)]
struct Tally {
    tokens: usize,
    active: usize,
    /// Of |written by the MLP - written by the transcoder|^2.
    error: f64,
    /// Of |written by the MLP|^2, and of the vectors themselves, [width].
    squares: f64,
    sum: Vec<f64>,
}

impl Tally {
    /// Adds a token that so many prompts have.
    fn add(&mut self, prompts: usize, mlp: &[f32], transcoder: &[f32], active: usize) {
        self.tokens += prompts;
        self.active += prompts * active;
        self.sum.resize(mlp.len(), 0.0);
        let prompts = prompts as f64;
        for (i, (y, written)) in mlp.iter().zip(transcoder).enumerate() {
            let (y, error) = (f64::from(*y), f64::from(y - written));
            self.error += prompts * error * error;
            self.squares += prompts * y * y;
            self.sum[i] += prompts * y;
        }
    }

    fn join(&mut self, other: &Tally) {
        self.tokens += other.tokens;
        self.active += other.active;
        self.error += other.error;
        self.squares += other.squares;
        self.sum.resize(other.sum.len().max(self.sum.len()), 0.0);
        for (sum, other) in self.sum.iter_mut().zip(&other.sum) {
            *sum += other;
        }
    }

    /// Squared error over the variance of what the MLP writes.
    fn error(&self) -> f64 {
        let tokens = self.tokens as f64;
        let mean_square: f64 = self.sum.iter().map(|sum| sum * sum / tokens).sum();
        self.error / (self.squares - mean_square)
    }

    fn active(&self) -> f64 {
        self.active as f64 / self.tokens as f64
    }
}

/// Runs everything that the model is asked.
///
/// # Errors
/// Logits that are no finite numbers.
pub(super) fn sweep(subject: &Subject<'_>) -> Result<Sweep, EvaluateError> {
    let (network, exam) = (subject.network(), subject.exam);
    let texts: Vec<&[u32]> = exam.prompts.iter().map(|prompt| &prompt.ids[..]).collect();
    let batches = batches::batches(&texts);
    let told = |done| (subject.observe)("prompts", done, exam.prompts.len());
    let parts = batches::each(&batches, told, |batch| run(network, exam, batch))?;

    let mut sweep = Sweep::new(network, exam.prompts.len());
    for (batch, part) in batches.iter().zip(parts) {
        for (i, prompt) in batch.iter().enumerate() {
            sweep.tops[*prompt] = part.tops[i];
            sweep.replaced[*prompt] = part.replaced[i];
        }
        for (prompt, active) in batch.iter().zip(part.active) {
            sweep.active[*prompt] = active;
        }
        join(&mut sweep.fired, &part.fired);
        for (tallies, here) in [(&mut sweep.all, part.all), (&mut sweep.last, part.last)] {
            for (tally, here) in tallies.iter_mut().zip(&here) {
                tally.join(here);
            }
        }
    }
    let told = |done| (subject.observe)("features in explanations", done, exam.explanations.len());
    let texts: Vec<&[u32]> = exam.explanations.iter().map(|text| &text.ids[..]).collect();
    let batches = batches::batches(&texts);
    for fired in batches::each(&batches, told, |batch| {
        let texts: Vec<&[u32]> = batch.iter().map(|i| texts[*i]).collect();
        Ok(fired_in(network, &texts.concat(), batch.len()))
    })? {
        join(&mut sweep.fired, &fired);
    }
    Ok(sweep)
}

impl Sweep {
    /// Nothing yet, of so many prompts.
    fn new(network: &Network<Cpu>, prompts: usize) -> Sweep {
        let layers = network.config().layers;
        Sweep {
            tops: vec![0; prompts],
            replaced: vec![0; prompts],
            active: vec![Vec::new(); prompts],
            fired: vec![false; layers * network.model.transcoder.features()],
            all: vec![Tally::default(); layers],
            last: vec![Tally::default(); layers],
        }
    }

    /// Error, active and dead features.
    pub fn measures(&self, exam: &Exam) -> Vec<Measure> {
        const ERROR: &str = "Error of the transcoder";
        const ACTIVE: &str = "Active features";
        let goals = exam.goals;
        let mut measures = Vec::new();
        let places = [
            (
                "all",
                "all tokens",
                &self.all,
                Some(goals.error),
                goals.active,
            ),
            (
                "last",
                "the answering token",
                &self.last,
                None,
                goals.active_last,
            ),
        ];
        for (id, place, tallies, goal, _) in places {
            for (layer, tally) in tallies.iter().enumerate() {
                let (id, name) = (
                    format!("error/{id}/{layer}"),
                    format!("share of the variance left unexplained, {place}, layer {layer}"),
                );
                let measure = Measure::new(ERROR, id, name, 100.0 * tally.error(), "%");
                measures.push(measure.over(tally.tokens).to_be(goal));
            }
        }
        for (id, place, tallies, _, goal) in places {
            let tokens: usize = tallies.iter().map(|tally| tally.tokens).sum();
            let active: usize = tallies.iter().map(|tally| tally.active).sum();
            let (key, name) = (
                format!("active/{id}"),
                format!("active a token and layer, {place}"),
            );
            let mean = active as f64 / tokens as f64;
            let measure = Measure::new(ACTIVE, key, name, mean, "features");
            measures.push(measure.over(tallies[0].tokens).to_be(goal));
            for (layer, tally) in tallies.iter().enumerate() {
                let (id, name) = (
                    format!("active/{id}/{layer}"),
                    format!("active a token, {place}, layer {layer}"),
                );
                let measure = Measure::new(ACTIVE, id, name, tally.active(), "features");
                measures.push(measure.over(tally.tokens));
            }
        }
        let dead = self.fired.iter().filter(|fired| !**fired).count();
        let name = "features that never fire on any of these texts";
        let measure = Measure::share(ACTIVE, "dead", name, dead, self.fired.len());
        measures.extend(measure.map(|measure| measure.to_be(goals.dead)));
        measures
    }
}

/// Runs prompts of one length. What they begin with is run once.
fn run(network: &Network<Cpu>, exam: &Exam, batch: &[usize]) -> Result<Sweep, EvaluateError> {
    let prompts: Vec<&Prompt> = batch.iter().map(|i| &exam.prompts[*i]).collect();
    let texts: Vec<&[u32]> = prompts.iter().map(|prompt| &prompt.ids[..]).collect();
    let shared = batches::shared(&texts);
    let rest: Vec<u32> = texts
        .iter()
        .flat_map(|text| text[shared..].to_vec())
        .collect();
    let (shared, sequences) = (&texts[0][..shared], batch.len());

    let past = (!shared.is_empty()).then(|| network.forward(shared, 1, None));
    let before = past.as_ref().map(|forward| Past { forward });
    let forward = network.forward(&rest, sequences, before);
    let tops = |logits: &[f32]| -> Result<Vec<u32>, EvaluateError> {
        let each = logits.chunks_exact(network.config().vocabulary);
        Ok(each.map(top).collect::<Result<_, _>>()?)
    };
    let mut part = Sweep::new(network, sequences);
    part.tops = tops(&network.last_logits(&forward))?;
    part.replaced = tops(&replaced(network, shared, &rest, sequences))?;
    let held_out = |prompt: &&Prompt| usize::from(prompt.part != Part::Trained);
    let held_out: Vec<usize> = prompts.iter().map(held_out).collect();
    if let Some(past) = &past {
        let place = Place {
            first: 0,
            last: usize::MAX,
        };
        part.look(network, exam, past, place, &[held_out.iter().sum()]);
    }
    let place = Place {
        first: shared.len(),
        last: texts[0].len() - 1,
    };
    part.look(network, exam, &forward, place, &held_out);
    Ok(part)
}

/// Where a forward pass stands in its prompts: the position of its first token, and that of the
/// prompts' last.
struct Place {
    first: usize,
    last: usize,
}

impl Sweep {
    /// Looks at the features and outputs of a forward pass; each of its sequences stands for so
    /// many `held_out` prompts.
    fn look(
        &mut self,
        network: &Network<Cpu>,
        exam: &Exam,
        forward: &Forward<Values>,
        place: Place,
        held_out: &[usize],
    ) {
        let (width, features) = (network.config().width, network.model.transcoder.features());
        let rows = forward.sequences * forward.tokens;
        let activations = network.encode(forward);
        let written = reconstruct(network, forward, &activations);
        for (layer, (state, active)) in forward.layers.iter().zip(&activations).enumerate() {
            let written = written[layer * rows * width..].chunks_exact(width);
            let outputs = state.mlp_out.chunks_exact(width).zip(written);
            for (row, (active, (mlp, written))) in
                active.chunks_exact(features).zip(outputs).enumerate()
            {
                let (sequence, position) =
                    (row / forward.tokens, place.first + row % forward.tokens);
                // The first token is a BOS, which is the same in all prompts.
                if position == 0 {
                    continue;
                }
                let firing: Vec<usize> = (0..features).filter(|i| active[*i] != 0.0).collect();
                for index in &firing {
                    self.fired[layer * features + index] = true;
                }
                let last = position == place.last;
                if held_out[sequence] > 0 {
                    self.all[layer].add(held_out[sequence], mlp, written, firing.len());
                    if last {
                        self.last[layer].add(held_out[sequence], mlp, written, firing.len());
                    }
                }
                if last && exam.is_diagnosis() {
                    let firing = firing.iter().map(|index| (layer * features + index) as u32);
                    self.active[sequence].extend(firing);
                }
            }
        }
    }
}

/// Which features fire in texts of one length, without their first tokens.
fn fired_in(network: &Network<Cpu>, ids: &[u32], sequences: usize) -> Vec<bool> {
    let features = network.model.transcoder.features();
    let tokens = ids.len() / sequences;
    let mut fired = Vec::with_capacity(network.config().layers * features);
    for active in network.encode(&network.forward(ids, sequences, None)) {
        let mut here = vec![false; features];
        for (row, active) in active.chunks_exact(features).enumerate() {
            if row % tokens > 0 {
                for (fired, active) in here.iter_mut().zip(active) {
                    *fired |= *active != 0.0;
                }
            }
        }
        fired.extend(here);
    }
    fired
}

fn join(fired: &mut [bool], more: &[bool]) {
    for (fired, more) in fired.iter_mut().zip(more) {
        *fired |= more;
    }
}
