//! How surprised a model is by texts like those that it learned from: measured on texts that were held
//! out, so that the page can tell a prompt that is unlike them.

use super::asked::{Addition, Diagnosis, EVALUATION, Evaluation, place};
use super::{EvaluateError, Known, Measure, Observe, TRANSCODER, batches};
use crate::engine::cpu::Cpu;
use crate::model::{Files, Folder, Model, TOKENIZER, Tokenizer, clause};
use crate::network::Network;
use crate::study::{Allowance, Likeness, excess, mean_excess, sum_text};
use crate::trace::TraceError;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The file of sample texts in a model folder.
const SAMPLES: &str = "samples.json";
/// Held-out pairs of which each wording is read.
const PAIRS: usize = 200;
/// Share of the texts like the training texts that may be told unlike them by one token, and by all of theirs.
const WRONG: f64 = 0.005;
/// Tokens after which more is allowed, at most.
const ALLOWANCES: usize = 8;
/// A token that is e^4 = 55 times less probable than what was expected at its place belongs there less than most; with
/// less than this nothing is told.
const LEAST: f32 = 4.0;

/// A text with the excess of each of its tokens but the first.
struct Read {
    ids: Vec<u32>,
    excess: Vec<f32>,
}

/// Texts of one kind that are unlike the training texts.
struct Unlike {
    id: &'static str,
    name: &'static str,
    texts: Vec<Vec<u32>>,
}

/// Measures what a model folder's manifest is to hold, on every second one of the texts like the
/// training texts; and on the others, and on texts unlike them, how well it tells.
///
/// # Errors
/// A file that is missing or not as it should be, or a model whose logits are no finite numbers.
pub fn likeness(
    folder: &Path,
    command: &str,
    observe: Observe<'_>,
) -> Result<(Likeness, Vec<Measure>), EvaluateError> {
    let files = Folder::new(folder);
    let evaluation = Evaluation::load(&files)?;
    let tokenizer = Tokenizer::from_bytes(&files.read(TOKENIZER)?)?;
    let model = Model::load(&files, &Folder::new(folder.join(TRANSCODER)))?;
    let network = Network::new(Cpu, Arc::new(model));
    let reader = Reader {
        network: &network,
        tokenizer: &tokenizer,
        observe,
    };
    let wrong = |file: &str| {
        let file = files.name(file);
        move |reason| EvaluateError::File { file, reason }
    };
    let (mut like, mut unlike) = match &evaluation {
        Evaluation::Addition(addition) => reader.sums(addition),
        Evaluation::Diagnosis(diagnosis) => reader.cases(diagnosis).map(|like| (like, Vec::new())),
    }
    .map_err(wrong(EVALUATION))?;
    like.extend(reader.samples(&files).map_err(wrong(SAMPLES))?);
    unlike.insert(0, replaced(&network.model, &like));
    unlike.insert(1, half(&network.model, &like));

    let like = reader.read(like)?;
    let (known, judged): (Vec<_>, Vec<_>) = like.iter().enumerate().partition(|(i, _)| i % 2 == 0);
    let known: Vec<&Read> = known.into_iter().map(|(_, read)| read).collect();
    let likeness = calibrate(&known);
    let unseen = Known::load(folder)?.unseen;
    let is_unlike = |read: &&Read| {
        let most = likeness.most(&read.ids, &read.excess);
        read.ids.iter().any(|id| unseen.has(*id)) || most.is_some_and(|most| most.is_unlike())
    };
    let told = |reads: &mut dyn Iterator<Item = &Read>| reads.filter(is_unlike).count();
    const GROUP: &str = "Prompts unlike the training texts";
    let mut measures = Vec::new();
    let name = "texts like the training texts told unlike them";
    let wrongly = told(&mut judged.iter().map(|(_, read)| *read));
    measures.extend(Measure::share(
        GROUP,
        "likeness/like",
        name,
        wrongly,
        judged.len(),
    ));
    for Unlike { id, name, texts } in unlike {
        let reads = reader.read(texts)?;
        let found = told(&mut reads.iter());
        measures.extend(Measure::share(GROUP, id, name, found, reads.len()));
    }
    for measure in &mut measures {
        measure.how = command.to_string();
    }
    Ok((likeness, measures))
}

/// What is allowed, so that of these texts a share of [`WRONG`] is told unlike them.
fn calibrate(texts: &[&Read]) -> Likeness {
    let mut after: BTreeMap<u32, f32> = BTreeMap::new();
    let limit = loop {
        // Of each text the largest excess where nothing is allowed yet, and the token before.
        let mut peaks: Vec<(f32, u32)> = texts
            .iter()
            .map(|read| {
                let all = read.excess.iter().copied().zip(read.ids.iter().copied());
                let open = all.filter(|(_, before)| !after.contains_key(before));
                open.max_by(|a, b| a.0.total_cmp(&b.0))
                    .unwrap_or((f32::NEG_INFINITY, 0))
            })
            .collect();
        peaks.sort_by(|a, b| b.0.total_cmp(&a.0));
        let last = (WRONG * peaks.len() as f64) as usize;
        let limit = peaks.get(last).map_or(LEAST, |(excess, _)| *excess);
        if limit <= LEAST || after.len() == ALLOWANCES {
            break limit.max(LEAST);
        }
        let mut often: BTreeMap<u32, usize> = BTreeMap::new();
        for (_, before) in &peaks[..=last] {
            *often.entry(*before).or_default() += 1;
        }
        let most = often.into_iter().max_by_key(|(_, times)| *times);
        let (before, _) = most.expect("there is at least one peak");
        let pairs = texts
            .iter()
            .flat_map(|read| read.ids.iter().zip(&read.excess));
        let here = pairs.filter(|(id, _)| **id == before);
        let largest = here.fold(f32::NEG_INFINITY, |most, (_, excess)| most.max(*excess));
        after.insert(before, largest);
    };
    let mut means: Vec<f32> = texts.iter().map(|read| mean_excess(&read.excess)).collect();
    means.sort_by(|a, b| b.total_cmp(a));
    let mean = means.get((WRONG * means.len() as f64) as usize);
    let rounded = |nats: f32| (nats * 100.0).ceil() / 100.0;
    let limit = rounded(limit);
    Likeness {
        surprise: limit,
        mean: mean.map(|nats| rounded(nats.max(LEAST))),
        after: after
            .into_iter()
            .map(|(token, surprise)| Allowance {
                token,
                surprise: rounded(surprise),
            })
            .filter(|allowance| allowance.surprise > limit)
            .collect(),
    }
}

/// Of each text one token replaced by any other of the vocabulary, spread evenly over both.
fn replaced(model: &Model, like: &[Vec<u32>]) -> Unlike {
    let texts = like.iter().enumerate().filter(|(_, ids)| ids.len() > 2);
    let texts = texts.filter_map(|(i, ids)| {
        let mut ids = ids.clone();
        let at = 1 + place(i, ids.len() - 1);
        let token = place(i / 7, model.language.config.vocabulary) as u32;
        let other = ids[at] != token && !model.vocabulary.is_special(token);
        ids[at] = token;
        other.then_some(ids)
    });
    Unlike {
        id: "likeness/replaced",
        name: "texts with one token replaced by any other, told so",
        texts: texts.collect(),
    }
}

/// Of each text every second token replaced by any other of the vocabulary.
fn half(model: &Model, like: &[Vec<u32>]) -> Unlike {
    let vocabulary = model.language.config.vocabulary;
    let texts = like.iter().enumerate().map(|(i, ids)| {
        let mut ids = ids.clone();
        let places = ids.iter_mut().enumerate().skip(1).step_by(2);
        for (at, id) in places {
            *id = place(131 * i + at, vocabulary) as u32;
        }
        ids
    });
    Unlike {
        id: "likeness/half",
        name: "texts with every second token replaced by any other, told so",
        texts: texts.filter(|ids| ids.len() > 2).collect(),
    }
}

/// A template in lower case, in capitals and with a capital first letter, as far as it differs then: of
/// its prompt what stands outside of braces.
fn in_other_cases(template: &str) -> Vec<String> {
    let (prompt, answer) = template.split_once('|').unwrap_or((template, ""));
    let changed = |change: fn(&char) -> char| {
        let mut inside = false;
        let letters = prompt.chars().map(|c| {
            inside = (inside || c == '{') && c != '}';
            if inside { c } else { change(&c) }
        });
        letters.collect::<String>()
    };
    let mut first = prompt.to_string();
    if let Some(letter) = first.get_mut(..1) {
        letter.make_ascii_uppercase();
    }
    let cases = [
        changed(char::to_ascii_lowercase),
        changed(char::to_ascii_uppercase),
        first,
    ];
    let cases = cases.into_iter().filter(|case| case != prompt);
    let mut all: Vec<String> = cases.map(|case| format!("{case}|{answer}")).collect();
    all.dedup();
    all
}

#[derive(Deserialize)]
struct Samples {
    contexts: Vec<Topic>,
}

#[derive(Deserialize)]
struct Topic {
    /// Ids without the BOS.
    prompts: Vec<Vec<u32>>,
}

/// Puts texts into tokens and reads them.
struct Reader<'a> {
    network: &'a Network<Cpu>,
    tokenizer: &'a Tokenizer,
    observe: Observe<'a>,
}

impl Reader<'_> {
    /// The tokens of a text, with the BOS first.
    fn ids(&self, text: &str) -> Result<Vec<u32>, String> {
        let limit = self.network.config().context;
        let ids = self.tokenizer.encode(text, limit).map_err(clause)?;
        Ok(self.network.model.with_bos(ids))
    }

    /// The tokens of templates' texts about held-out pairs, as far as the answer or `whole`.
    fn tokens<'a>(
        &self,
        templates: impl IntoIterator<Item = &'a String>,
        pairs: &[(u32, u32)],
        whole: bool,
    ) -> Result<Vec<Vec<u32>>, String> {
        let mut texts = Vec::new();
        for template in templates {
            for (a, b) in pairs {
                let (prompt, answer) = sum_text::fill(template, *a, *b)?;
                let text = if whole { prompt + &answer } else { prompt };
                texts.push(self.ids(&text)?);
            }
        }
        Ok(texts)
    }

    /// Texts about sums, held out, and texts that they are not.
    fn sums(&self, addition: &Addition) -> Result<(Vec<Vec<u32>>, Vec<Unlike>), String> {
        let all = &addition.held_out.everywhere;
        let pairs: Vec<(u32, u32)> = all.iter().copied().take(PAIRS).collect();
        let cases = |templates: &[String], also: bool| {
            let others = templates.iter().filter(|_| also);
            let others = others.flat_map(|template| in_other_cases(template));
            templates.iter().cloned().chain(others).collect::<Vec<_>>()
        };
        let mut like = Vec::new();
        for context in &addition.contexts {
            like.extend(self.tokens(&cases(&context.templates, context.cases), &pairs, false)?);
        }
        let also = addition.contexts.iter().any(|context| context.cases);
        like.extend(self.tokens(&cases(&addition.explanations, also), &pairs, true)?);

        // Two digits, so that a 2 in front makes a number above 99.
        let two: Vec<(u32, u32)> = pairs.iter().copied().filter(|(_, b)| *b >= 10).collect();
        let contexts = addition.contexts.iter();
        let plus: Vec<&String> = contexts
            .flat_map(|context| &context.templates)
            .filter(|template| {
                let asked = template.split('|').next().unwrap_or_default();
                asked.contains("{b}") && asked.contains('+')
            })
            .collect();
        let changed = |id, name, change: &dyn Fn(&str) -> String| {
            let templates: Vec<String> = plus.iter().map(|template| change(template)).collect();
            let texts = self.tokens(&templates, &two, false)?;
            Ok::<_, String>(Unlike { id, name, texts })
        };
        let unlike = vec![
            changed(
                "likeness/third",
                "sums with a third number, told so",
                &|text| text.replacen("{b}", "{b}+{a}", 1),
            )?,
            changed(
                "likeness/larger",
                "sums with a number above 99, told so",
                &|text| text.replacen("{b}", "2{b}", 1),
            )?,
            changed(
                "likeness/minus",
                "minus in place of plus, told so",
                &|text| text.replacen('+', "-", 1),
            )?,
        ];
        Ok((like, unlike))
    }

    /// Vignettes with the questions that follow them.
    fn cases(&self, diagnosis: &Diagnosis) -> Result<Vec<Vec<u32>>, String> {
        let mut like = Vec::new();
        for vignette in &diagnosis.vignettes {
            for question in &diagnosis.questions {
                let text = vignette.texts.get(&question.name).unwrap_or(&question.text);
                like.push(self.ids(&format!("{}{text}", vignette.text))?);
            }
        }
        Ok(like)
    }

    /// The sample texts, which show kinds of text that are not asked about; none where there are none.
    fn samples(&self, files: &Folder) -> Result<Vec<Vec<u32>>, String> {
        let Ok(bytes) = files.read(SAMPLES) else {
            return Ok(Vec::new());
        };
        let samples: Samples = serde_json::from_slice(&bytes).map_err(clause)?;
        let config = self.network.config();
        let all = samples.contexts.into_iter().flat_map(|topic| topic.prompts);
        let all: Vec<Vec<u32>> = all.map(|ids| self.network.model.with_bos(ids)).collect();
        let fits = |ids: &Vec<u32>| {
            ids.len() <= config.context && ids.iter().all(|id| (*id as usize) < config.vocabulary)
        };
        match all.iter().find(|ids| !fits(ids)) {
            Some(_) => Err("a text in it does not fit the model".into()),
            None => Ok(all),
        }
    }

    /// Reads texts; those that are too long for the model, or empty, are left out.
    fn read(&self, mut texts: Vec<Vec<u32>>) -> Result<Vec<Read>, EvaluateError> {
        let vocabulary = self.network.config().vocabulary;
        texts.retain(|ids| (2..=self.network.config().context).contains(&ids.len()));
        let ids: Vec<&[u32]> = texts.iter().map(|ids| &ids[..]).collect();
        let batches = batches::batches(&ids);
        let told = |done| (self.observe)("surprises", done, texts.len());
        let parts = batches::each(&batches, told, |batch| {
            let together: Vec<u32> = batch.iter().flat_map(|i| texts[*i].clone()).collect();
            let forward = self.network.forward(&together, batch.len(), None);
            let logits = self.network.logits(&forward.final_normed, together.len());
            let one = |(i, logits): (&usize, &[f32])| {
                let rows = logits.chunks_exact(vocabulary);
                let next = texts[*i][1..].iter();
                let excess: Vec<f32> = rows.zip(next).map(|(row, id)| excess(row, *id)).collect();
                match excess.iter().all(|excess| excess.is_finite()) {
                    true => Ok(excess),
                    false => Err(EvaluateError::from(TraceError::NotFinite)),
                }
            };
            let each = logits.chunks_exact(forward.tokens * vocabulary);
            batch
                .iter()
                .zip(each)
                .map(one)
                .collect::<Result<Vec<_>, _>>()
        })?;
        let mut all: Vec<Vec<f32>> = vec![Vec::new(); texts.len()];
        for (batch, part) in batches.iter().zip(parts) {
            for (i, excess) in batch.iter().zip(part) {
                all[*i] = excess;
            }
        }
        let reads = texts.into_iter().zip(all);
        Ok(reads.map(|(ids, excess)| Read { ids, excess }).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_usually_surprises_is_allowed_where_it_does_and_nowhere_else() {
        // After token 7 the model is sure and wrong in every second text; else it is hardly surprised.
        let reads: Vec<Read> = (0..1000u16)
            .map(|i| {
                let small = f32::from(i) / 500.0;
                let usual = if i % 2 == 0 { 19.0 } else { 0.1 };
                Read {
                    ids: vec![1, 7, 8, 9],
                    excess: vec![small, usual, -small],
                }
            })
            .collect();
        let reads: Vec<&Read> = reads.iter().collect();
        let likeness = calibrate(&reads);
        assert_eq!(likeness.surprise, LEAST);
        let after = Allowance {
            token: 7,
            surprise: 19.0,
        };
        assert_eq!(likeness.after, [after]);
        assert_eq!(calibrate(&[]).surprise, LEAST);
    }

    #[test]
    fn a_model_that_is_surprised_everywhere_is_told_of_rarely() {
        let reads: Vec<Read> = (0..1000u16)
            .map(|i| Read {
                ids: (0..20).collect(),
                excess: vec![f32::from(i); 19],
            })
            .collect();
        let reads: Vec<&Read> = reads.iter().collect();
        let likeness = calibrate(&reads);
        assert_eq!(likeness.surprise, 994.0);
        let told = reads.iter().filter(|read| {
            let most = likeness.most(&read.ids, &read.excess);
            most.unwrap().is_unlike()
        });
        assert_eq!(told.count(), 5);
    }

    #[test]
    fn templates_come_in_other_cases_with_their_placeholders_as_they_are() {
        assert_eq!(
            in_other_cases("What is {a.ones}+{b}?| It"),
            ["what is {a.ones}+{b}?| It", "WHAT IS {a.ones}+{b}?| It"]
        );
        assert_eq!(
            in_other_cases("calc: {a}|{sum}"),
            ["CALC: {a}|{sum}", "Calc: {a}|{sum}"]
        );
        assert!(in_other_cases("{a}+{b}=|{sum}").is_empty());
        assert!(in_other_cases("").is_empty());
    }
}
