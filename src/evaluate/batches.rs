//! Prompts put together into batches of one length, and run on all cores.

use super::EvaluateError;
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Tokens of a batch. A matrix product of so many rows is not worth sharing out over the cores,
/// which are busy with other batches.
const TOKENS: usize = 384;

/// Puts texts into batches of one length, those that begin alike together: indices, each once.
pub fn batches(texts: &[&[u32]]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..texts.len()).collect();
    order.sort_by_key(|i| (texts[*i].len(), texts[*i]));
    order
        .chunk_by(|a, b| texts[*a].len() == texts[*b].len())
        .flat_map(|same| same.chunks(most(texts[same[0]].len())))
        .map(<[usize]>::to_vec)
        .collect()
}

/// How many texts of this length come into a batch.
pub fn most(length: usize) -> usize {
    (TOKENS / length.max(1)).max(1)
}

/// How many tokens these texts of one length begin with alike, not counting their last.
pub fn shared(texts: &[&[u32]]) -> usize {
    let alike = |text: &&[u32]| {
        let pairs = texts[0].iter().zip(*text);
        pairs.take_while(|(a, b)| a == b).count()
    };
    let shortest = texts.iter().map(alike).min().unwrap_or(0);
    shortest.min(texts[0].len() - 1)
}

/// Works on batches on all cores; results in the batches' order. `done` is told how many texts are
/// done.
///
/// # Errors
/// One of the batches' errors.
pub fn each<T: Send>(
    batches: &[Vec<usize>],
    done: impl Fn(usize) + Sync,
    work: impl Fn(&[usize]) -> Result<T, EvaluateError> + Sync,
) -> Result<Vec<T>, EvaluateError> {
    let count = AtomicUsize::new(0);
    batches
        .par_iter()
        .map(|batch| {
            let result = work(batch)?;
            done(count.fetch_add(batch.len(), Ordering::Relaxed) + batch.len());
            Ok(result)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_one_length_that_begin_alike_come_together() {
        let texts: [&[u32]; 5] = [&[1, 5, 2], &[1, 2], &[1, 4, 9], &[1, 5, 3], &[1, 2]];
        assert_eq!(batches(&texts), [vec![1, 4], vec![2, 0, 3]]);
        assert_eq!(batches(&[&[7; 3 * TOKENS]]), [[0]]);
        assert_eq!(shared(&[texts[0], texts[3]]), 2);
        assert_eq!(shared(&[texts[0], texts[2], texts[3]]), 1);
        assert_eq!(shared(&[texts[1], texts[4]]), 1);
    }
}
