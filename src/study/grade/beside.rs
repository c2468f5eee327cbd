//! What is asked of a graph beside its trials: the local replacement model, a second opinion, one feature's rungs.

use super::traced::{nudges, options, read_otherwise, trace};
use super::{Grading, Points, Readings, SHARES, Second, Trial};
use crate::engine::Engine;
use crate::network::{Network, Reading};
use crate::study::statistics::{Fit, fit};
use crate::study::{Free, Rung, StudyError};
use crate::trace::Tracer;

/// What a graph in which errors alone are held foretells: measured changes on predicted ones, with everything free and 5 % less of a
/// feature. None where one side does not vary.
#[derive(Clone, Copy, Debug)]
pub struct ErrorsHeld {
    /// Of the answer's logit less the runner-up's.
    pub difference: Option<Fit>,
    /// Of the answer's logit less the mean logit.
    pub answer: Option<Fit>,
    /// How far apart the predictions of the difference with errors held and with nothing held are, summed over the features, as a share of
    /// the latter's size.
    pub through_errors: f64,
}

impl<E: Engine> Grading<E> {
    /// How well the local replacement model foretells the original with everything free, where every
    /// feature tried writes 5 % less: measured changes of the answer's logit less the runner-up's, on
    /// those of the local replacement model in which these norms and patterns respond as well. With
    /// neither it is the graph's own prediction. None where one side does not vary.
    ///
    /// # Errors
    /// An engine that fails.
    ///
    /// # Panics
    /// If there are steps left.
    pub async fn live(
        &self,
        network: &Network<E>,
        norms: bool,
        patterns: bool,
    ) -> Result<Option<Fit>, StudyError> {
        assert_eq!(self.done(), self.total(), "steps are left");
        let [share, _] = SHARES;
        let free = Free {
            mlps: false,
            norms,
            patterns,
        };
        let nudges = nudges(&self.graph, &self.tried, share);
        let changes = self.ladder.changes(network, &nudges, free).await?;
        let mut foretold = Trial::new(self.graphs(), &self.tried, Rung::Everything, share);
        let vocabulary = network.config().vocabulary;
        for (feature, logits) in changes.chunks_exact(vocabulary).enumerate() {
            foretold.measure(&self.graph, feature, logits);
        }
        let mut trials = self.trials.iter();
        let original = trials.find(|one| one.id == foretold.id);
        let original = original.expect("every share is tried on every rung");
        let predicted = &foretold.difference.measured;
        Ok(fit(predicted, &original.difference.measured))
    }

    /// How well a graph in which errors alone are held foretells the original with everything free, and how much of what is foretold
    /// with nothing held is the errors' answer.
    ///
    /// # Errors
    /// An engine that fails.
    ///
    /// # Panics
    /// If there are steps left, or the tracer is another's.
    pub async fn errors_held(&self, tracer: &Tracer<E>) -> Result<ErrorsHeld, StudyError> {
        assert_eq!(self.done(), self.total(), "steps are left");
        let tokens = self.graph.targets.iter().map(|target| target.token);
        let options = options(tokens.collect());
        let reading = Reading::Errors;
        let held = read_otherwise(tracer, &self.run, &options, &self.graph, reading).await?;
        let [share, _] = SHARES;
        let graphs = Readings {
            held: &held,
            live: &self.live,
        };
        let foretold = Trial::new(graphs, &self.tried, Rung::Everything, share);
        let mut trials = self.trials.iter();
        let original = trials.find(|one| one.id == foretold.id);
        let original = original.expect("every share is tried on every rung");
        let Points {
            predicted, live, ..
        } = &foretold.difference;
        let apart = predicted.iter().zip(live).map(|(a, b)| (a - b).abs());
        Ok(ErrorsHeld {
            difference: fit(predicted, &original.difference.measured),
            answer: fit(&foretold.answer.predicted, &original.answer.measured),
            through_errors: apart.sum::<f64>() / live.iter().map(|x| x.abs()).sum::<f64>(),
        })
    }

    /// A second opinion: the same prompt through the other kind of transcoder; needs no step.
    ///
    /// # Errors
    /// An engine that fails.
    pub async fn second<F: Engine>(&self, tracer: &Tracer<F>) -> Result<Second, StudyError> {
        let tokens = self
            .graph
            .targets
            .iter()
            .map(|target| target.token)
            .collect();
        let run = tracer.run(self.run.ids()).await?;
        let other = trace(tracer, &run, &options(tokens), self.default_targets).await?;
        let kind = tracer.network.model.transcoder.kind;
        Ok(Second::new(&self.graph, &other, kind))
    }

    /// How one feature's change is answered on each rung, from the lowest: for each, what is
    /// predicted and measured of the answer's logit less the runner-up's, and of the answer's logit
    /// less the mean.
    ///
    /// # Errors
    /// A feature that is no node of the graph, or an engine that fails.
    pub async fn rungs(
        &self,
        network: &Network<E>,
        (layer, position, index): (usize, usize, usize),
        share: f32,
    ) -> Result<Vec<Trial>, StudyError> {
        let place = (layer, position, index);
        let mut features = self.graph.features.iter();
        let found = features.position(|f| (f.layer, f.position, f.index) == place);
        let Some(feature) = found else {
            let (feature, position) = (index, position);
            return Err(StudyError::NotInGraph {
                layer,
                position,
                feature,
            });
        };
        let nudges = nudges(&self.graph, &[feature], share);
        let mut trials = Vec::with_capacity(Rung::ALL.len());
        for rung in Rung::ALL {
            let mut trial = Trial::new(self.graphs(), &[feature], rung, share);
            let changes = self.ladder.changes(network, &nudges, rung).await?;
            trial.measure(&self.graph, 0, &changes);
            trials.push(trial);
        }
        Ok(trials)
    }
}
