//! Do attention patterns compute? A graph takes them as given, so what they work out it does not show.
//! Here a prompt runs on with patterns that know nothing of its operands, or of its findings.

use super::asked::Prompt;
use super::{EvaluateError, Measure, Subject, batches, top};
use crate::engine::cpu::Cpu;
use crate::model::Values;
use crate::network::{Forward, Network};
use crate::study::with_patterns;
use std::collections::BTreeMap;

/// Sums of each wording whose patterns are averaged, and that are asked with the mean.
const SUMS: usize = 300;
/// Vignettes with a twin that each question is asked of.
const TWINS: usize = 400;

/// What is answered with patterns that are not the prompt's own.
///
/// # Errors
/// Logits that are no finite numbers.
pub(super) fn measures(subject: &Subject<'_>) -> Result<Vec<Measure>, EvaluateError> {
    match subject.exam.is_diagnosis() {
        true => twins(subject),
        false => still(subject),
    }
}

/// Of each context, how many sums are right where every pattern, of all layers, heads and positions,
/// is its mean over the sums in the same words and of as many tokens.
fn still(subject: &Subject<'_>) -> Result<Vec<Measure>, EvaluateError> {
    let (network, exam) = (subject.network(), subject.exam);
    let mut forms: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    for group in 0..exam.groups.len() {
        for prompt in exam.spread_each(group, SUMS).concat() {
            forms
                .entry(exam.prompts[prompt].form)
                .or_default()
                .push(prompt);
        }
    }
    let in_batches = |prompts: &Vec<usize>| -> Vec<Vec<usize>> {
        let most = batches::most(exam.prompts[prompts[0]].ids.len());
        prompts.chunks(most).map(<[usize]>::to_vec).collect()
    };
    let all: Vec<Vec<usize>> = forms.values().flat_map(in_batches).collect();
    let total: usize = all.iter().map(Vec::len).sum();
    let of_batch = |batch: &[usize]| batch.iter().map(|i| &exam.prompts[*i]).collect();

    let told = |done| (subject.observe)("patterns of sums", done, total);
    let sums = batches::each(&all, told, |batch| {
        let prompts: Vec<&Prompt> = of_batch(batch);
        let forward = network.forward(&ids(&prompts), prompts.len(), None);
        Ok((exam.prompts[batch[0]].form, sum(&forward)))
    })?;
    let mut means: BTreeMap<Option<usize>, Vec<Vec<f64>>> = BTreeMap::new();
    for (form, layers) in sums {
        let count = forms[&form].len() as f64;
        let means = means.entry(form).or_default();
        means.resize(layers.len(), Vec::new());
        for (mean, sum) in means.iter_mut().zip(layers) {
            mean.resize(sum.len(), 0.0);
            for (mean, sum) in mean.iter_mut().zip(sum) {
                *mean += sum / count;
            }
        }
    }

    let told = |done| (subject.observe)("sums with mean patterns", done, total);
    let found = batches::each(&all, told, |batch| {
        let prompts: Vec<&Prompt> = of_batch(batch);
        let means = means[&prompts[0].form].iter();
        let means: Vec<Values> = means
            .map(|mean| {
                let mean: Vec<f32> = mean.iter().map(|x| *x as f32).collect();
                mean.repeat(prompts.len()).into()
            })
            .collect();
        let tops = answers(network, &prompts, &means.iter().collect::<Vec<_>>())?;
        let pairs = prompts.iter().zip(tops);
        let right = pairs.filter(|(prompt, top)| prompt.answer == Some(*top));
        Ok((prompts[0].group, right.count(), prompts.len()))
    })?;
    let mut counts = vec![(0, 0); exam.groups.len()];
    for (group, right, total) in found {
        counts[group].0 += right;
        counts[group].1 += total;
    }
    let measures = exam.groups.iter().zip(counts);
    let measures = measures.filter_map(|(group, (right, total))| {
        let id = format!("still/{}", group.name);
        let name = format!(
            "{}: right, up to {SUMS} held-out sums of a wording",
            group.title
        );
        let measure = Measure::share(
            "Attention patterns replaced by their mean over sums",
            id,
            name,
            right,
            total,
        );
        Some(measure?.to_be(exam.goals.still))
    });
    Ok(measures.collect())
}

/// Of each question, how many vignettes are answered as before with the patterns of a twin; and where
/// the twin's own answer is another one, how many twins are answered as before with the vignette's.
fn twins(subject: &Subject<'_>) -> Result<Vec<Measure>, EvaluateError> {
    const GROUP: &str = "Attention patterns of a twin, which differs in one finding";
    let (network, exam) = (subject.network(), subject.exam);
    let mut measures = Vec::new();
    for (g, group) in exam.groups.iter().enumerate() {
        let order = exam.spread_in(g).into_iter();
        let pairs = order.filter_map(|i| {
            let prompt = &exam.prompts[i];
            let twin = Prompt {
                ids: prompt.twin.clone()?,
                ..prompt.clone()
            };
            Some((prompt, twin))
        });
        let pairs: Vec<(&Prompt, Prompt)> = pairs.take(TWINS).collect();
        let texts: Vec<&[u32]> = pairs.iter().map(|(prompt, _)| &prompt.ids[..]).collect();
        let what = format!("twins, {}", group.name);
        let told = |done| (subject.observe)(&what, done, pairs.len());
        let found = batches::each(&batches::batches(&texts), told, |batch| {
            let here: Vec<&Prompt> = batch.iter().map(|i| pairs[*i].0).collect();
            let twins: Vec<&Prompt> = batch.iter().map(|i| &pairs[*i].1).collect();
            let [of_here, of_twins] =
                [&here, &twins].map(|prompts| network.forward(&ids(prompts), prompts.len(), None));
            let (own, own_twins) = (tops(network, &of_here)?, tops(network, &of_twins)?);
            let stay = answers(network, &here, &patterns(&of_twins))?;
            let change = answers(network, &twins, &patterns(&of_here))?;
            let same = |a: &[u32], b: &[u32], i: usize| usize::from(a[i] == b[i]);
            let mut counts = [0; 3];
            for i in 0..batch.len() {
                counts[0] += same(&stay, &own, i);
                if own[i] != own_twins[i] {
                    counts[1] += same(&change, &own_twins, i);
                    counts[2] += 1;
                }
            }
            Ok(counts)
        })?;
        let total = |place: usize| found.iter().map(|counts| counts[place]).sum::<usize>();
        for (id, what, part, of) in [
            (
                "stays",
                "its own answer with the twin's patterns",
                total(0),
                pairs.len(),
            ),
            (
                "changes",
                "where the twin's answer is another one, the twin's with the patterns of this",
                total(1),
                total(2),
            ),
        ] {
            let id = format!("twins/{}/{id}", group.name);
            let name = format!("{}: {what}", group.title);
            let measure = Measure::share(GROUP, id, name, part, of);
            measures.extend(measure.map(|measure| measure.to_be(exam.goals.twins)));
        }
    }
    Ok(measures)
}

/// The prompts' tokens, one after the other.
fn ids(prompts: &[&Prompt]) -> Vec<u32> {
    let each = prompts.iter().flat_map(|prompt| &prompt.ids);
    each.copied().collect()
}

fn patterns(forward: &Forward<Values>) -> Vec<&Values> {
    forward.layers.iter().map(|layer| &layer.pattern).collect()
}

/// Each layer's patterns, summed over the sequences: [heads, tokens, tokens].
fn sum(forward: &Forward<Values>) -> Vec<Vec<f64>> {
    let layers = patterns(forward).into_iter();
    layers
        .map(|pattern| {
            let one = pattern.len() / forward.sequences;
            let mut sum = vec![0.0; one];
            for pattern in pattern.chunks_exact(one) {
                for (sum, weight) in sum.iter_mut().zip(pattern) {
                    *sum += f64::from(*weight);
                }
            }
            sum
        })
        .collect()
}

/// The most likely token after each prompt, with patterns [layers][prompts, heads, tokens, tokens].
fn answers(
    network: &Network<Cpu>,
    prompts: &[&Prompt],
    patterns: &[&Values],
) -> Result<Vec<u32>, EvaluateError> {
    let logits = with_patterns(network, &ids(prompts), prompts.len(), patterns);
    each_top(network, &logits)
}

/// The most likely token after each sequence.
fn tops(network: &Network<Cpu>, forward: &Forward<Values>) -> Result<Vec<u32>, EvaluateError> {
    each_top(network, &network.last_logits(forward))
}

fn each_top(network: &Network<Cpu>, logits: &[f32]) -> Result<Vec<u32>, EvaluateError> {
    let each = logits.chunks_exact(network.config().vocabulary);
    Ok(each.map(top).collect::<Result<_, _>>()?)
}
