//! Prompts put together into batches of one length, and run on all cores.

use super::EvaluateError;
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Tokens of a batch. A matrix product of so many rows is not worth sharing out over the cores,
/// which are busy with other batches.
const TOKENS: usize = 384;

/// Puts texts, given by their lengths, into batches of one length: indices, each once.
pub fn batches(lengths: &[usize]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|i| lengths[*i]);
    order
        .chunk_by(|a, b| lengths[*a] == lengths[*b])
        .flat_map(|same| {
            let length = lengths[same[0]].max(1);
            same.chunks((TOKENS / length).max(1)).map(<[usize]>::to_vec)
        })
        .collect()
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
