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

/// The token with exactly this text, or else the one that only has a space more in front: the
/// first where several have it. A token without a text goes by its number, `#12`.
pub fn token(model: &Model, text: &str) -> Option<u32> {
    let spaced = format!(" {text}");
    let mut second = None;
    for id in 0..model.language.config.vocabulary as u32 {
        let found = model.vocabulary.token(id);
        if found == text {
            return Some(id);
        }
        if second.is_none() && found == spaced {
            second = Some(id);
        }
    }
    second
}
