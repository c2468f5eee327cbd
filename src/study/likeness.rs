//! Whether a prompt is like the texts that a model learned from, as the model itself tells: by how
//! much a token surprises it more than it expected to be surprised.
//!
//! A token's surprise is `-log p`; what the model expects of it is the entropy of the distribution
//! that it predicts. The difference is near zero for a number that nobody could foretell and large for
//! a token that does not belong there. Where one text asks for its answer and another goes on, the
//! model is sure and yet wrong, so there are tokens after which more has to be allowed. A model that never learned to foretell what it
//! reads is surprised at every token; there a text of another kind is told by the mean over its tokens.

use crate::engine::Engine;
use crate::network::Network;
use crate::trace::{Run, TraceError};
use serde::{Deserialize, Serialize};

/// Rows of logits that are read back together: a large vocabulary has hundreds of kilobytes a row.
const ROWS: usize = 64;

/// What a model folder's manifest says of this, as `attograph evaluate` measured it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Likeness {
    /// The largest excess, in nats, that a token of a text like the training texts has.
    pub surprise: f32,
    /// Tokens after which it may be larger.
    pub after: Vec<Allowance>,
    /// The largest mean of a text's excess over its tokens, in nats; none in manifests that do not know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<f32>,
}

/// After this token the next may be so much more surprising than expected, in nats.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Allowance {
    pub token: u32,
    pub surprise: f32,
}

/// The token of a prompt that belongs there least.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surprise {
    /// Its position in the prompt.
    pub position: usize,
    /// Its excess, in nats.
    pub excess: f32,
    /// What is allowed at this place, in nats; where the text is too surprising as a whole, on average.
    pub limit: f32,
}

impl Surprise {
    /// Whether a text with this token in it is unlike the training texts.
    pub fn is_unlike(&self) -> bool {
        self.excess > self.limit
    }
}

impl Likeness {
    /// What is allowed of a token that follows this one, in nats.
    pub fn limit(&self, before: u32) -> f32 {
        let mut after = self.after.iter();
        let known = after.find(|allowance| allowance.token == before);
        known.map_or(self.surprise, |known| known.surprise.max(self.surprise))
    }

    /// The token furthest above its limit, or nearest to it, given the prompt's ids and the excess of
    /// each but the first; where only their mean is too large, the one that surprises most. None in a prompt of one token.
    pub fn most(&self, ids: &[u32], excess: &[f32]) -> Option<Surprise> {
        let single = self.single(ids, excess)?;
        match self.mean.filter(|most| mean_excess(excess) > *most) {
            Some(limit) if !single.is_unlike() => {
                let (before, excess) = excess
                    .iter()
                    .enumerate()
                    .max_by(|a, b| a.1.total_cmp(b.1))?;
                Some(Surprise {
                    position: before + 1,
                    excess: *excess,
                    limit,
                })
            }
            _ => Some(single),
        }
    }

    fn single(&self, ids: &[u32], excess: &[f32]) -> Option<Surprise> {
        let all = ids.iter().zip(excess).enumerate();
        let all = all.map(|(before, (id, excess))| Surprise {
            position: before + 1,
            excess: *excess,
            limit: self.limit(*id),
        });
        all.reduce(|most, next| {
            let by = |it: &Surprise| it.excess - it.limit;
            if by(&next) > by(&most) { next } else { most }
        })
    }
}

/// The mean excess of a text's tokens; 0 of none.
pub fn mean_excess(excess: &[f32]) -> f32 {
    excess.iter().sum::<f32>() / excess.len().max(1) as f32
}

/// By how much a token surprises more than expected, in nats: -log p less the entropy of what the
/// `logits` [vocabulary] predict.
pub fn excess(logits: &[f32], token: u32) -> f32 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let (mut sum, mut weighted) = (0.0f64, 0.0f64);
    for logit in logits {
        let logit = logit - largest;
        let power = f64::from(logit.exp());
        sum += power;
        weighted += power * f64::from(logit);
    }
    // -log p is log(sum) - logit, the entropy log(sum) - weighted / sum.
    (weighted / sum - f64::from(logits[token as usize] - largest)) as f32
}

/// The excess of each token of a prompt but the first, in nats.
///
/// # Errors
/// Logits that are no finite numbers, or an engine that fails.
///
/// # Panics
/// If it was run by another network.
pub async fn surprises<E: Engine>(
    network: &Network<E>,
    run: &Run<E>,
) -> Result<Vec<f32>, TraceError> {
    let (width, vocabulary) = (network.config().width, network.config().vocabulary);
    let (ids, forward) = (run.ids(), &run.forward);
    let rows: Vec<u32> = (0..ids.len() as u32 - 1).collect();
    let mut all = Vec::with_capacity(rows.len());
    for rows in rows.chunks(ROWS) {
        let normed = network.take(&forward.final_normed, rows, width);
        let logits = network.logits(&normed, rows.len());
        let logits = &network
            .engine
            .read(&[(&logits, rows.len() * vocabulary)])
            .await?[0];
        for logits in logits.chunks_exact(vocabulary) {
            let excess = excess(logits, ids[all.len() + 1]);
            if !excess.is_finite() {
                return Err(TraceError::NotFinite);
            }
            all.push(excess);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_could_foretell_is_no_surprise() {
        // Ten equally probable tokens and one that hardly comes.
        let mut logits = [0.0; 11];
        logits[10] = -20.0;
        assert!(excess(&logits, 3).abs() < 1e-4);
        assert!((excess(&logits, 10) - 20.0).abs() < 1e-4);
        // 3/4 and 1/4, by hand: ln 4 - (3/4 ln 4/3 + 1/4 ln 4).
        let by_hand = 0.75 * 3.0f32.ln();
        assert!((excess(&[3.0f32.ln(), 0.0], 1) - by_hand).abs() < 1e-6);
        assert!(excess(&[f32::NAN, 0.0], 1).is_nan());
    }

    #[test]
    fn the_token_furthest_above_its_own_limit_is_told() {
        let after = vec![Allowance {
            token: 7,
            surprise: 20.0,
        }];
        let likeness = Likeness {
            surprise: 4.0,
            after,
            mean: None,
        };
        let most = |ids: &[u32], excess: &[f32]| likeness.most(ids, excess).unwrap();
        // 19 nats are usual after token 7, and 5 are not after another.
        let told = most(&[1, 7, 8, 9], &[0.5, 19.0, 5.0]);
        assert_eq!((told.position, told.limit), (3, 4.0));
        assert!(told.is_unlike());
        let told = most(&[1, 7, 8, 9], &[0.5, 19.0, 3.9]);
        assert!(!told.is_unlike());
        assert!(most(&[1, 7, 8], &[0.0, 20.5]).is_unlike());
        assert_eq!(likeness.most(&[1], &[]), None);
        assert_eq!(likeness.most(&[], &[]), None);
    }

    #[test]
    fn a_text_that_surprises_at_every_token_is_told_by_the_one_that_does_most() {
        let likeness = Likeness {
            surprise: 19.0,
            after: Vec::new(),
            mean: Some(10.0),
        };
        let ids = [1, 7, 8, 9];
        let told = likeness.most(&ids, &[12.0, 14.0, 11.0]).unwrap();
        assert_eq!((told.position, told.excess, told.limit), (2, 14.0, 10.0));
        assert!(told.is_unlike());
        let usual = likeness.most(&ids, &[12.0, 14.0, 3.0]).unwrap();
        assert!(!usual.is_unlike(), "a mean of less than 10");
        let one = likeness.most(&ids, &[12.0, 14.0, 20.0]).unwrap();
        assert_eq!(
            (one.position, one.limit),
            (3, 19.0),
            "it does not belong by itself"
        );
    }
}
