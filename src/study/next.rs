//! What comes next, without a graph; and tokens by the text that people write.

use crate::engine::Engine;
use crate::model::Model;
use crate::trace::{ANSWERS, Answer, TraceError, Tracer, answers};

/// The most probable tokens after a prompt, as many as a graph lists. `ids` has the BOS first.
///
/// # Errors
/// A prompt that cannot be run, logits that are no finite numbers, or an engine that fails.
pub async fn next<E: Engine>(tracer: &Tracer<E>, ids: &[u32]) -> Result<Vec<Answer>, TraceError> {
    tracer.check(ids)?;
    let network = &tracer.network;
    let logits = network.last_logits(&network.forward(ids, 1, None));
    let vocabulary = network.config().vocabulary;
    let logits = &network.engine.read(&[(&logits, vocabulary)]).await?[0];
    match logits.iter().all(|logit| logit.is_finite()) {
        true => Ok(answers(logits, ANSWERS)),
        false => Err(TraceError::NotFinite),
    }
}

/// The token that a text names, as [`crate::model::Vocabulary::named`] tells.
pub fn token(model: &Model, name: &str) -> Option<u32> {
    model
        .vocabulary
        .named(name, model.language.config.vocabulary)
}
