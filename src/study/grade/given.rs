//! Batches that one grading of a prompt gives away and another one tries.

use super::Grading;
use super::travels::{SUMS, Travels};
use crate::engine::Engine;

impl<E: Engine> Grading<E> {
    /// Gives a batch away, to be tried by another grading of the same prompt: its number, for
    /// [`Grading::receive`] there. None where all are begun.
    pub fn give(&mut self) -> Option<usize> {
        // The last in line, so that steps here go on where they are.
        let batch = (!self.left.is_empty()).then(|| self.left.remove(0))?;
        self.given.push(batch);
        Some(batch)
    }

    /// Takes back what was given away and is not there yet.
    pub fn take_back(&mut self) {
        self.left.append(&mut self.given);
    }

    /// Has nothing but a batch tried that another grading of the prompt gave away; once steps are
    /// taken [`Grading::results`] has what came of it.
    ///
    /// # Panics
    /// If there is no such batch.
    pub fn receive(&mut self, batch: usize) {
        assert!(batch < self.batches.len(), "there is no batch {batch}");
        self.left = vec![batch];
        self.begun = None;
        self.travels = Travels::new(self.graph.layers);
    }

    /// What came of a batch that was received, for [`Grading::add`] of the grading that gave it.
    ///
    /// # Panics
    /// If there is no such batch.
    pub fn results(&self, batch: usize) -> Vec<f64> {
        let mut results = vec![batch as f64];
        for i in &self.batches[batch] {
            for trial in &self.trials {
                results.extend([trial.difference.measured[*i], trial.answer.measured[*i]]);
            }
            results.push(self.moved[*i]);
        }
        results.extend(self.travels.sums());
        results
    }

    /// Adds what came of a batch that was given away. False, and nothing is added, if it is none of
    /// those, or not of this graph.
    pub fn add(&mut self, results: &[f64]) -> bool {
        let Some((batch, values)) = results.split_first() else {
            return false;
        };
        let Some(at) = self.given.iter().position(|given| *given as f64 == *batch) else {
            return false;
        };
        let batch = &self.batches[self.given[at]];
        let one = 2 * self.trials.len() + 1;
        if values.len() != batch.len() * one + SUMS {
            return false;
        }
        let (values, sums) = values.split_at(batch.len() * one);
        for (i, values) in batch.iter().zip(values.chunks_exact(one)) {
            for (trial, values) in self.trials.iter_mut().zip(values.chunks_exact(2)) {
                trial.difference.measured[*i] = values[0];
                trial.answer.measured[*i] = values[1];
            }
            self.moved[*i] = values[one - 1];
        }
        self.travels.add_sums(sums);
        self.given.swap_remove(at);
        true
    }
}
