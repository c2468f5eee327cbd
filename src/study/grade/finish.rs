//! A grade put together from its trials.

use super::{ErrorShares, Grade, Grading, Replaced, Tried, figures, verdict};
use crate::engine::Engine;
use crate::network::Network;
use crate::study::statistics::ranks;
use crate::study::{StudyError, replaced};
use crate::trace::{EDGE_THRESHOLD, NODE_THRESHOLD, Tracer, answers};

impl<E: Engine> Grading<E> {
    /// Puts together what the trials show; `second` is the same language model with the other kind
    /// of transcoder.
    ///
    /// # Errors
    /// An engine that fails.
    ///
    /// # Panics
    /// If there are steps left.
    pub async fn finish<F: Engine>(
        &self,
        network: &Network<E>,
        second: Option<&Tracer<F>>,
    ) -> Result<Grade, StudyError> {
        assert_eq!(self.done(), self.total(), "steps are left");
        let graph = &self.graph;
        let vocabulary = &network.model.vocabulary;
        let (influence, _) = graph.influence();
        let kept = graph.prune(NODE_THRESHOLD, EDGE_THRESHOLD).nodes;
        let tried = self.tried.iter();
        let of_tried: Vec<f64> = tried.map(|i| f64::from(influence[*i])).collect();
        let (influence_rank, divergence_rank) = (ranks(&of_tried), ranks(&self.moved));
        let features: Vec<Tried> = self
            .tried
            .iter()
            .zip(&self.moved)
            .enumerate()
            .map(|(place, (i, moved))| {
                let feature = graph.features[*i];
                Tried {
                    layer: feature.layer,
                    position: feature.position,
                    index: feature.index,
                    activation: feature.activation,
                    influence: influence[*i],
                    kept: kept[*i],
                    divergence: *moved,
                    influence_rank: influence_rank[place],
                    divergence_rank: divergence_rank[place],
                }
            })
            .collect();
        let second = match second {
            None => None,
            Some(tracer) => Some(self.second(tracer).await?),
        };
        let [answer, runner_up] = [0, 1].map(|target: usize| graph.targets[target].name.clone());
        let mut grade = Grade {
            answer,
            runner_up,
            figures: Vec::new(),
            findings: Vec::new(),
            better_target: None,
            trials: self.trials.clone(),
            features,
            active_features: graph.active_features,
            travels: self.travels.of_all(),
            errors: ErrorShares::new(graph),
            replaced: replaced_answer(network, self.run.ids(), graph.targets[0].token, |token| {
                vocabulary.token(token)
            })
            .await?,
            second,
        };
        grade.figures = figures::all(&grade, graph);
        grade.better_target = verdict::better_target(&grade);
        grade.findings =
            verdict::findings(&grade, |position| vocabulary.token(graph.tokens[position]));
        Ok(grade)
    }
}

async fn replaced_answer<E: Engine>(
    network: &Network<E>,
    ids: &[u32],
    answer: u32,
    name: impl Fn(u32) -> String,
) -> Result<Replaced, StudyError> {
    let logits = replaced(network, &[], ids, 1);
    let vocabulary = network.config().vocabulary;
    let logits = &network.engine.read(&[(&logits, vocabulary)]).await?[0];
    let top = answers(logits, 1).swap_remove(0);
    Ok(Replaced {
        token: name(top.token),
        probability: top.probability,
        same: top.token == answer,
    })
}
