//! What the model says of a sum and what it did: do the features that find the sum take part when it explains how it did?

use super::off::{Off, off};
use super::{EXAMPLE, Place, Studies, part_of, rounded};
use crate::engine::cpu::Cpu;
use crate::evaluate::asked::{Explanation, Part, Prompt};
use crate::evaluate::{EvaluateError, Names, Observe, explanations};
use crate::order;
use crate::study::sum_text;
use crate::trace::{EDGE_THRESHOLD, Graph, NODE_THRESHOLD, Options, Run};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Features named at a token.
const MOST_NAMED: usize = 4;

/// A feature by layer and index, wherever it fires.
pub(super) type Feature = (usize, usize);

/// `explanations.json`. Means are over sums.
#[derive(Clone, Debug, Serialize)]
pub struct Explained {
    /// The command that wrote this.
    pub command: String,
    /// Sums that the model was not trained on, asked as `calc: a+b=`, each with its explanation.
    pub sums: usize,
    /// Share of the explanations in which every number is right.
    pub right: f32,
    /// Features active where the answer is said, at `=`.
    pub answer_features: f32,
    /// With all numbers of the explanation; the last one says the answer again.
    #[serde(flatten)]
    pub all: Overlap,
    /// The same without the last one: only the steps.
    pub steps: Overlap,
    /// The explanation's numbers, in order.
    pub numbers: Vec<Number>,
    pub example: Example,
}

/// What the answer and the explanation's numbers have in common.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Overlap {
    /// Features active at one or more of the tokens from which a number is said.
    pub explanation_features: f32,
    /// Features active there and at `=`.
    pub shared: f32,
    /// Of the influence that the features at `=` have in the answer's pruned graph, the share that those have that are active where a
    /// number is said.
    pub shared_influence: f32,
    /// Of the influence that the features at the last token have in the pruned graphs of the numbers, the share that those have that
    /// are active at `=`.
    pub explanation_of_shared: f32,
    /// What changes where features are switched off.
    pub off: Off,
}

/// A number of the explanation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Number {
    /// Its placeholder in the template, such as `a.ones`; see [`sum_text::fill`].
    pub name: String,
    /// See [`Overlap::explanation_of_shared`].
    pub of_shared: f32,
}

/// One explanation, token by token.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Example {
    pub prompt: String,
    /// The first is the BOS.
    pub tokens: Vec<Token>,
}

/// A token of an explanation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Token {
    pub text: String,
    /// Whether the model says it, or the prompt has it.
    pub said: bool,
    /// The features with most influence on it at the token before it, from which it is said, in its pruned graph; none for a token of the
    /// prompt.
    pub features: Vec<NamedHere>,
}

/// A feature that has influence on a token.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NamedHere {
    pub layer: usize,
    pub index: usize,
    /// What its operand plot at the `=` of `calc: a+b=` calls it, or else the sample texts.
    pub words: String,
    /// Its part by that plot; empty where it shows none.
    pub part: String,
    /// Whether it is active at the `=` of this sum, too.
    pub shared: bool,
}

/// An explanation with the tokens from which its numbers are said.
pub(super) struct Text {
    pub ids: Vec<u32>,
    /// How many tokens the prompt has; the last of them says the answer.
    pub given: usize,
    /// Places of the explanation's numbers, behind the answer.
    pub numbers: Vec<usize>,
}

impl Text {
    /// Without the last number, which says the answer again.
    fn steps(&self) -> Text {
        let mut numbers = self.numbers.clone();
        numbers.pop();
        Text {
            ids: self.ids.clone(),
            given: self.given,
            numbers,
        }
    }
}

/// Which features are active where.
pub(super) struct Active {
    /// At `=`.
    pub answer: BTreeSet<Feature>,
    /// At tokens from which a number of the explanation is said.
    pub explanation: BTreeSet<Feature>,
    /// At any token.
    pub anywhere: BTreeSet<Feature>,
}

/// Features at the last token that pruning leaves of a graph, with their influence; the most influential first.
type Influential = Vec<(Feature, f32)>;

/// The graphs of one explanation.
struct Graphs {
    answer: Influential,
    /// [numbers]
    numbers: Vec<Influential>,
}

/// What one sum shows.
struct Seen {
    answer: usize,
    explanation: usize,
    shared: usize,
    shared_influence: f64,
    /// [numbers]
    of_shared: Vec<f64>,
}

impl Studies {
    /// What explanations of so many held-out sums have to do with their answers. `command` is for the reader.
    ///
    /// # Errors
    /// Templates that do not fit the model, or logits that are no finite numbers.
    pub fn explanations(
        &self,
        sums: usize,
        command: &str,
        observe: Observe<'_>,
    ) -> Result<Explained, EvaluateError> {
        let asked = self.held_out(sums)?;
        let subject = self.loaded.subject(0, observe);
        let right = explanations::count(&subject, &asked)?;
        let texts: Vec<Text> = asked.into_iter().map(|it| self.text(it)).collect();
        let numbers = texts.first().map_or(0, |text| text.numbers.len());
        if numbers < 2 || texts.iter().any(|text| text.numbers.len() != numbers) {
            let reason = "its explanations do not all say the same two or more numbers".to_owned();
            return Err(self.wrong(reason));
        }
        let graphs = self.graphs(&texts, observe)?;
        let steps: Vec<Text> = texts.iter().map(Text::steps).collect();
        let seen = self.seen(&texts, &graphs)?;
        Ok(Explained {
            command: command.to_owned(),
            sums: texts.len(),
            right: rounded(right as f64 / texts.len() as f64),
            answer_features: mean(&seen, |it| it.answer as f64),
            all: overlap(&seen, off(&subject, self, &texts)?),
            steps: overlap(&self.seen(&steps, &graphs)?, off(&subject, self, &steps)?),
            numbers: self.numbers(&seen),
            example: self.example()?,
        })
    }

    /// The graphs of all answers and numbers.
    fn graphs(&self, texts: &[Text], observe: Observe<'_>) -> Result<Vec<Graphs>, EvaluateError> {
        let done = AtomicUsize::new(0);
        let graphs = texts.par_iter().map(|text| {
            let numbers = text.numbers.iter();
            let graphs = Graphs {
                answer: self.influential(text, text.given)?,
                numbers: numbers
                    .map(|place| self.influential(text, *place))
                    .collect::<Result<_, _>>()?,
            };
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            observe("graphs of explanations", done, texts.len());
            Ok(graphs)
        });
        graphs.collect()
    }

    fn seen(&self, texts: &[Text], graphs: &[Graphs]) -> Result<Vec<Seen>, EvaluateError> {
        let seen = texts.iter().zip(graphs).map(|(text, graphs)| {
            let active = self.active_in(text)?;
            let numbers = text.numbers.iter().zip(&graphs.numbers);
            Ok(Seen {
                answer: active.answer.len(),
                explanation: active.explanation.len(),
                shared: active.answer.intersection(&active.explanation).count(),
                shared_influence: share(&graphs.answer, &active.explanation),
                of_shared: numbers.map(|(_, it)| share(it, &active.answer)).collect(),
            })
        });
        seen.collect()
    }

    /// Names the numbers after the last placeholders of the explanations, which all tell the same.
    fn numbers(&self, seen: &[Seen]) -> Vec<Number> {
        let template = self
            .addition
            .explanations
            .first()
            .map_or("", String::as_str);
        let names: Vec<&str> = template
            .split('{')
            .skip(1)
            .filter_map(|it| Some(it.split_once('}')?.0))
            .collect();
        let numbers = seen.first().map_or(0, |it| it.of_shared.len());
        let before = names.len().saturating_sub(numbers);
        let number = |(at, name): (usize, &&str)| Number {
            name: (*name).to_owned(),
            of_shared: mean(seen, |it| it.of_shared[at]),
        };
        names[before..].iter().enumerate().map(number).collect()
    }

    /// Held-out sums with their explanations, spread evenly.
    fn held_out(&self, sums: usize) -> Result<Vec<Explanation>, EvaluateError> {
        let exam = &self.loaded.exam;
        let group = exam.group(super::CONTEXT).expect("it was there when read");
        let prompts = exam.spread_in(group).into_iter();
        let prompts = prompts.map(|prompt| &exam.prompts[prompt]);
        let found = prompts.filter_map(|prompt| explained(prompt, &exam.explanations));
        let found: Vec<Explanation> = found.take(sums).collect();
        match found.is_empty() {
            true => {
                Err(self.wrong("no explanation begins with a sum of the context \"calc\"".into()))
            }
            false => Ok(found),
        }
    }

    fn text(&self, it: Explanation) -> Text {
        let vocabulary = &self.tracer().network.model.vocabulary;
        let behind = it.given + 1..it.ids.len();
        let numbers = behind.filter(|place| vocabulary.number(it.ids[*place]).is_some());
        Text {
            numbers: numbers.collect(),
            given: it.given,
            ids: it.ids,
        }
    }

    /// Runs a text once, and tells which features are active where.
    pub(super) fn active_in(&self, text: &Text) -> Result<Active, EvaluateError> {
        let run = pollster::block_on(self.tracer().run(&text.ids))?;
        Ok(active(&run, text))
    }

    /// Of the graph of the token at this place.
    fn influential(&self, text: &Text, place: usize) -> Result<Influential, EvaluateError> {
        let ids = &text.ids[..place];
        let graph = pollster::block_on(self.tracer().trace(ids, &Options::default(), |_| {}))?;
        Ok(influential(&graph))
    }

    fn example(&self) -> Result<Example, EvaluateError> {
        let (ids, _) = self.sum(EXAMPLE)?;
        let (a, b) = EXAMPLE;
        let texts = self.addition.explanations.iter();
        let filled = texts.map(|template| sum_text::fill(template, a, b));
        let explanations = filled
            .map(|it| it.and_then(|(prompt, text)| self.writer().explanation(&prompt, &text)));
        let explanations = explanations.collect::<Result<Vec<_>, _>>();
        let explanations = explanations.map_err(|reason| self.wrong(reason))?;
        let mut found = explanations.into_iter();
        let found = found.find(|it| it.given == ids.len() && it.ids.starts_with(&ids));
        let found = found.ok_or_else(|| self.wrong("no explanation is of 36 and 59".into()))?;
        self.token_by_token(&self.text(found))
    }

    fn token_by_token(&self, text: &Text) -> Result<Example, EvaluateError> {
        let vocabulary = &self.tracer().network.model.vocabulary;
        let active = self.active_in(text)?;
        let mut names = self.names()?;
        let tokens = text.ids.iter().enumerate().map(|(place, id)| {
            let said = place >= text.given;
            let mut features = Vec::new();
            if said {
                for (feature, _) in self.influential(text, place)?.into_iter().take(MOST_NAMED) {
                    let shared = active.answer.contains(&feature);
                    features.push(self.named_here(&mut names, feature, shared)?);
                }
            }
            let text = vocabulary.token(*id);
            Ok(Token {
                text,
                said,
                features,
            })
        });
        let tokens = tokens.collect::<Result<Vec<Token>, EvaluateError>>()?;
        let prompt = tokens[1..text.given]
            .iter()
            .map(|token| token.text.as_str());
        Ok(Example {
            prompt: prompt.collect(),
            tokens,
        })
    }

    fn named_here(
        &self,
        names: &mut Names<'_, Cpu>,
        (layer, index): Feature,
        shared: bool,
    ) -> Result<NamedHere, EvaluateError> {
        let place: Place = (layer, self.positions[2], index);
        let called = self.called(names, place)?;
        Ok(NamedHere {
            layer,
            index,
            part: part_of(&called),
            words: called.words,
            shared,
        })
    }
}

/// The explanation that begins with a held-out prompt.
fn explained(prompt: &Prompt, explanations: &[Explanation]) -> Option<Explanation> {
    debug_assert!(prompt.part == Part::HeldOut);
    let mut all = explanations.iter();
    let found = all.find(|it| it.given == prompt.ids.len() && it.ids.starts_with(&prompt.ids));
    found.cloned()
}

fn active(run: &Run<Cpu>, text: &Text) -> Active {
    let at = |wanted: &dyn Fn(usize) -> bool| {
        let features = run.features().iter().filter(|it| wanted(it.position));
        features.map(|it| (it.layer, it.index)).collect()
    };
    Active {
        answer: at(&|position| position + 1 == text.given),
        explanation: at(&|position| text.numbers.contains(&(position + 1))),
        anywhere: at(&|_| true),
    }
}

fn influential(graph: &Graph) -> Influential {
    let pruned = graph.prune(NODE_THRESHOLD, EDGE_THRESHOLD);
    let (influence, _) = graph.influence();
    let features = graph.features.iter().enumerate();
    let mut found: Influential = features
        .filter(|(node, it)| pruned.nodes[*node] && it.position + 1 == graph.tokens.len())
        .map(|(node, it)| ((it.layer, it.index), influence[node]))
        .collect();
    order::sort(&mut found, &|a, b| b.1.total_cmp(&a.1));
    found
}

fn mean(seen: &[Seen], value: impl Fn(&Seen) -> f64) -> f32 {
    rounded(seen.iter().map(value).sum::<f64>() / seen.len() as f64)
}

fn overlap(seen: &[Seen], off: Off) -> Overlap {
    Overlap {
        explanation_features: mean(seen, |it| it.explanation as f64),
        shared: mean(seen, |it| it.shared as f64),
        shared_influence: mean(seen, |it| it.shared_influence),
        explanation_of_shared: mean(seen, |it| {
            it.of_shared.iter().sum::<f64>() / it.of_shared.len() as f64
        }),
        off,
    }
}

/// The share of these features' influence that those have that are in a set; nothing of nothing.
fn share(features: &[(Feature, f32)], set: &BTreeSet<Feature>) -> f64 {
    let sum = |counts: &dyn Fn(&Feature) -> bool| -> f64 {
        let counted = features.iter().filter(|(feature, _)| counts(feature));
        counted.map(|(_, influence)| f64::from(*influence)).sum()
    };
    sum(&|feature| set.contains(feature)) / sum(&|_| true).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn influence_of_a_set() {
        let features = [((0, 1), 3.0), ((1, 1), 1.0)];
        assert_eq!(share(&features, &[(0, 1), (2, 2)].into()), 0.75);
        assert_eq!(share(&[], &[(0, 1)].into()), 0.0);
    }
}
