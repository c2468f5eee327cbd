//! All that a model is asked, in tokens, and which of it where not all can be asked.

use super::file::Evaluation;
use super::writer::Writer;
use super::{cases, sums};
use crate::evaluate::goals::Goals;
use crate::model::{Model, Tokenizer};
use std::collections::BTreeMap;

/// The golden ratio, less one. Multiples of it, without their whole part, are spread evenly however
/// many are taken.
const GOLDEN: f64 = 0.618_033_988_749_894_8;

/// Whether a model was trained on a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Trained,
    /// Held out in every context.
    HeldOut,
    /// Held out in this context alone.
    HeldOutHere,
}

/// A prompt.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// With the BOS first.
    pub ids: Vec<u32>,
    /// Its context or question.
    pub group: usize,
    pub part: Part,
    /// The right answer; none where no answer leads clearly.
    pub answer: Option<u32>,
    /// Of a sum, an index into the exam's forms.
    pub form: Option<usize>,
    /// A prompt of as many tokens that differs in one finding, with the same question.
    pub twin: Option<Vec<u32>>,
}

/// Sums in the same words, of as many tokens.
#[derive(Clone, Debug)]
pub struct Form {
    /// The tokens of one of them.
    pub ids: Vec<u32>,
    /// At which positions not all of them have the same token: those of the operands.
    pub operands: Vec<bool>,
}

/// A context or a question.
#[derive(Clone, Debug)]
pub struct Group {
    pub name: String,
    pub title: String,
}

/// A text that the model is to go on with.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The whole text, with the BOS first.
    pub ids: Vec<u32>,
    /// How many of them are the prompt.
    pub given: usize,
}

/// All that a model is asked.
pub struct Exam {
    pub goals: Goals,
    pub groups: Vec<Group>,
    pub prompts: Vec<Prompt>,
    /// Held-out prompts: [group][wording], indices into `prompts`.
    pub held_out: Vec<Vec<Vec<usize>>>,
    /// Of sums.
    pub forms: Vec<Form>,
    pub explanations: Vec<Explanation>,
    /// The condition that leads in each vignette; none in other domains. Prompts are question by
    /// question, each of all vignettes.
    pub leading: Vec<String>,
    /// Of each vignette the answers to each question by its name, the best first.
    pub chances: Vec<BTreeMap<String, Vec<(String, f64)>>>,
}

impl Exam {
    /// Puts what is asked into tokens.
    ///
    /// # Errors
    /// A clause that says what in `evaluation.json` does not fit the model or its tokenizer.
    pub fn new(
        evaluation: &Evaluation,
        model: &Model,
        tokenizer: &Tokenizer,
    ) -> Result<Exam, String> {
        let writer = Writer { model, tokenizer };
        match evaluation {
            Evaluation::Addition(addition) => sums::exam(addition, &writer),
            Evaluation::Diagnosis(diagnosis) => cases::exam(diagnosis, &writer),
        }
    }

    /// Nothing yet, in a domain with these goals.
    pub fn empty(goals: Goals) -> Exam {
        Exam {
            goals,
            groups: Vec::new(),
            prompts: Vec::new(),
            held_out: Vec::new(),
            forms: Vec::new(),
            explanations: Vec::new(),
            leading: Vec::new(),
            chances: Vec::new(),
        }
    }

    /// Whether the domain is diagnosis.
    pub fn is_diagnosis(&self) -> bool {
        !self.leading.is_empty()
    }

    /// Held-out prompts, the same ones each time and spread evenly: the contexts or questions take
    /// turns, so do the wordings in each, and the pairs or vignettes are chosen by multiples of the
    /// golden ratio. The first few of many are spread as evenly as the many.
    pub fn spread(&self, count: usize) -> Vec<&Prompt> {
        (0..count)
            .map(|i| {
                let group = &self.held_out[i % self.held_out.len()];
                let wording = &group[i / self.held_out.len() % group.len()];
                &self.prompts[wording[place(i, wording.len())]]
            })
            .collect()
    }

    /// All held-out prompts of one context or question in its first wording, as indices, in an order
    /// in which the first few are spread evenly.
    pub fn spread_in(&self, group: usize) -> Vec<usize> {
        spread_over(&self.held_out[group][0])
    }

    /// So many held-out prompts, if there are, of each wording of a context or question, as indices.
    pub fn spread_each(&self, group: usize, count: usize) -> Vec<Vec<usize>> {
        let wordings = self.held_out[group].iter();
        let some = wordings.map(|wording| {
            let mut order = spread_over(wording);
            order.truncate(count);
            order
        });
        some.collect()
    }

    /// The context or question of this name.
    pub fn group(&self, name: &str) -> Option<usize> {
        self.groups.iter().position(|group| group.name == name)
    }
}

/// All of these, in an order in which the first few are spread evenly.
fn spread_over(wording: &[usize]) -> Vec<usize> {
    let mut order = Vec::with_capacity(wording.len());
    let mut taken = vec![false; wording.len()];
    for turn in 0.. {
        if order.len() == wording.len() {
            break;
        }
        let place = place(turn, wording.len());
        if !std::mem::replace(&mut taken[place], true) {
            order.push(wording[place]);
        }
    }
    order
}

/// Whose turn it is among so many.
pub fn place(turn: usize, of: usize) -> usize {
    ((turn as f64 * GOLDEN).fract() * of as f64) as usize
}
