//! The way through a grade's trials, one step after the other.

use super::traced::{most_influential, nudges, options, read_otherwise, targets, trace};
use super::travels::Travels;
use super::{Grading, Readings, trials};
use crate::engine::Engine;
use crate::network::{Network, Reading};
use crate::study::statistics::divergence;
use crate::study::{Ladder, Rung, StudyError};
use crate::trace::{MAX_LOGITS, Run, Tracer, answers};
use std::rc::Rc;

impl<E: Engine> Grading<E> {
    /// Traces a prompt, with its answer and the runner-up as first targets. Where the runner-up is
    /// not among the default targets it is added with a probability of zero, so that influence,
    /// pruning and scores are those without it.
    ///
    /// # Errors
    /// As [`Tracer::graph`].
    pub async fn new(tracer: &Tracer<E>, run: Rc<Run<E>>) -> Result<Self, StudyError> {
        let likely = answers(run.logits(), MAX_LOGITS.max(2));
        let (default_targets, tokens) = targets(&likely);
        let options = options(tokens);
        let graph = trace(tracer, &run, &options, default_targets).await?;
        let live = read_otherwise(tracer, &run, &options, &graph, Reading::Nothing).await?;
        let ladder = Ladder::new(run.clone(), &graph.features);
        let tried = most_influential(&graph);
        let batches = ladder.batches(&nudges(&graph, &tried, 1.0));
        let graphs = Readings {
            held: &graph,
            live: &live,
        };
        let trials = trials::begin(graphs, &tried);
        Ok(Grading {
            moved: vec![0.0; tried.len()],
            travels: Travels::new(graph.layers),
            graph,
            live,
            default_targets,
            run,
            ladder,
            tried,
            left: (0..batches.len()).rev().collect(),
            begun: None,
            given: Vec::new(),
            batches,
            trials,
        })
    }

    /// Steps taken, here or elsewhere.
    pub fn done(&self) -> usize {
        let (at_hand, taken) = self.begun.map_or((0, 0), |(_, taken)| (1, taken));
        let whole = self.batches.len() - self.left.len() - self.given.len() - at_hand;
        whole * self.trials.len() + taken
    }

    /// Steps in all, each one batch of features, a share and a rung.
    pub fn total(&self) -> usize {
        self.batches.len() * self.trials.len()
    }

    /// Tries a few features on one rung; true once nothing is left to begin: then what was given
    /// away may still be on its way.
    ///
    /// # Errors
    /// An engine that fails.
    pub async fn step(&mut self, network: &Network<E>) -> Result<bool, StudyError> {
        let next = self.begun.or_else(|| Some((self.left.pop()?, 0)));
        let Some((batch, trial)) = next else {
            return Ok(true);
        };
        self.begun = Some((batch, trial));
        let indices = &self.batches[batch];
        let (rung, share) = (self.trials[trial].rung, self.trials[trial].share);
        let features: Vec<usize> = indices.iter().map(|i| self.tried[*i]).collect();
        let nudges = nudges(&self.graph, &features, share);
        let off = share == 1.0;
        let changes = self.ladder.batch(network, &nudges, rung, off).await?;
        let vocabulary = network.config().vocabulary;
        for (i, logits) in indices.iter().zip(changes.logits.chunks_exact(vocabulary)) {
            self.trials[trial].measure(&self.graph, *i, logits);
            if off && rung == Rung::Everything {
                self.moved[*i] = divergence(self.run.logits(), logits);
            }
        }
        if off {
            let layers: Vec<usize> = nudges.iter().map(|nudge| nudge.layer).collect();
            self.travels.add(rung, &layers, changes.streams);
        }
        self.begun = Some((batch, trial + 1)).filter(|(_, taken)| *taken < self.trials.len());
        Ok(self.begun.is_none() && self.left.is_empty())
    }
}
