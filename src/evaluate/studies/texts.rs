//! Sums as the model is asked them, and which features fire where it answers.

use super::Studies;
use crate::engine::cpu::Cpu;
use crate::evaluate::{EVALUATION, EvaluateError, batches};
use crate::network::{Network, Past};
use crate::study::sum_text;

impl Studies {
    /// A template about two numbers: ids with the BOS first, and the token of the right answer.
    pub(super) fn asked(
        &self,
        template: &str,
        (a, b): (u32, u32),
    ) -> Result<(Vec<u32>, u32), EvaluateError> {
        let writer = self.writer();
        let asked = sum_text::fill(template, a, b).and_then(|(prompt, answer)| {
            let ids = writer.ids(&prompt)?;
            let answer = writer.next(&prompt, &ids, &answer)?;
            Ok((ids, answer))
        });
        asked.map_err(|reason| self.wrong(reason))
    }

    /// What is wrong with the model's texts.
    pub(super) fn wrong(&self, reason: String) -> EvaluateError {
        EvaluateError::File {
            file: self.folder.join(EVALUATION).display().to_string(),
            reason,
        }
    }

    /// The features that are active on each text's last token, as layer x features + index, in order.
    pub(super) fn active_last(
        &self,
        texts: &[Vec<u32>],
        done: impl Fn(usize) + Sync,
    ) -> Result<Vec<Vec<u32>>, EvaluateError> {
        let network = &self.tracer().network;
        let texts: Vec<&[u32]> = texts.iter().map(Vec::as_slice).collect();
        let batches = batches::batches(&texts);
        let found = batches::each(&batches, done, |batch| {
            let texts: Vec<&[u32]> = batch.iter().map(|i| texts[*i]).collect();
            Ok(active_last(network, &texts))
        })?;
        let mut all = vec![Vec::new(); texts.len()];
        for (i, active) in batches.iter().flatten().zip(found.into_iter().flatten()) {
            all[*i] = active;
        }
        Ok(all)
    }
}

/// The same of texts of one length; what they begin with is run once.
fn active_last(network: &Network<Cpu>, texts: &[&[u32]]) -> Vec<Vec<u32>> {
    let features = network.model.transcoder.features();
    let shared = batches::shared(texts);
    let before = (shared > 0).then(|| network.forward(&texts[0][..shared], 1, None));
    let rest: Vec<u32> = texts
        .iter()
        .flat_map(|text| &text[shared..])
        .copied()
        .collect();
    let past = before.as_ref().map(|forward| Past { forward });
    let forward = network.forward(&rest, texts.len(), past);
    let mut found = vec![Vec::new(); texts.len()];
    for (layer, active) in network.encode(&forward).iter().enumerate() {
        let texts = active.chunks_exact(forward.tokens * features);
        for (found, text) in found.iter_mut().zip(texts) {
            let last = &text[text.len() - features..];
            let firing = (0..features).filter(|index| last[*index] != 0.0);
            found.extend(firing.map(|index| (layer * features + index) as u32));
        }
    }
    found
}
