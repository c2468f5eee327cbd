//! Explanations that the model writes itself, token by token: are their numbers right?

use super::asked::Explanation;
use super::{EvaluateError, Measure, Subject, batches, top};
use crate::engine::cpu::Cpu;
use crate::network::Network;

/// The share of explanations in which every number is right, where the model takes its most likely
/// token each time, for as many tokens as the expected text has.
///
/// # Errors
/// Logits that are no finite numbers.
pub fn right(subject: &Subject<'_>) -> Result<Option<Measure>, EvaluateError> {
    let texts = &subject.exam.explanations;
    let name = "held-out pairs explained with every number right";
    let right = count(subject, texts)?;
    let measure = Measure::share("Explanations", "explanations", name, right, texts.len());
    Ok(measure.map(|measure| measure.to_be(subject.exam.goals.explanations)))
}

/// In how many of these texts every number is right.
///
/// # Errors
/// Logits that are no finite numbers.
pub fn count(subject: &Subject<'_>, texts: &[Explanation]) -> Result<usize, EvaluateError> {
    let network = subject.network();
    let ids: Vec<&[u32]> = texts.iter().map(|text| &text.ids[..]).collect();
    let batches = batches::batches(&ids);
    let told = |done| (subject.observe)("explanations", done, texts.len());
    let counts = batches::each(&batches, told, |batch| {
        let batch: Vec<&Explanation> = batch.iter().map(|i| &texts[*i]).collect();
        let mut right = 0;
        for (text, agreed) in batch.iter().zip(agreed(network, &batch)?) {
            right += usize::from(match agreed == text.ids.len() {
                true => true,
                false => {
                    let said = go_on(network, &text.ids[..agreed], text.ids.len())?;
                    let text_of = |ids: &[u32]| subject.tokenizer.decode(&ids[text.given..]);
                    numbers(&text_of(&said)) == numbers(&text_of(&text.ids))
                }
            });
        }
        Ok(right)
    })?;
    Ok(counts.iter().sum())
}

/// How many tokens of each text, all of one length, the model would have written itself: up to its
/// first most likely token that is another, which can be seen while it reads the expected text.
fn agreed(network: &Network<Cpu>, batch: &[&Explanation]) -> Result<Vec<usize>, EvaluateError> {
    let ids: Vec<u32> = batch.iter().flat_map(|text| text.ids.clone()).collect();
    let forward = network.forward(&ids, batch.len(), None);
    let logits = network.logits(&forward.final_normed, ids.len());
    let vocabulary = network.config().vocabulary;
    let tops = logits.chunks_exact(vocabulary).map(top);
    let tops = tops.collect::<Result<Vec<u32>, _>>()?;
    Ok(batch
        .iter()
        .zip(tops.chunks_exact(forward.tokens))
        .map(|(text, tops)| {
            (text.given..text.ids.len())
                .find(|i| tops[i - 1] != text.ids[*i])
                .unwrap_or(text.ids.len())
        })
        .collect())
}

/// Goes on with a text up to so many tokens.
fn go_on(network: &Network<Cpu>, begun: &[u32], tokens: usize) -> Result<Vec<u32>, EvaluateError> {
    let mut ids = begun.to_vec();
    while ids.len() < tokens {
        let forward = network.forward(&ids, 1, None);
        ids.push(top(&network.last_logits(&forward))?);
    }
    Ok(ids)
}

/// The numbers in a text, as they are written.
fn numbers(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_are_runs_of_digits() {
        let found = super::numbers("ones 6+9=15, carry 1.007");
        assert_eq!(found, ["6", "9", "15", "1", "007"]);
        assert!(super::numbers("none").is_empty());
    }
}
