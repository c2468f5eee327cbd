//! What a model is asked: its folder's `evaluation.json`, read and checked, and the prompts that
//! come of it.

use super::EvaluateError;
use super::goals::{self, Goals};
use crate::model::{Files, Folder, Model, Tokenizer, clause};
use crate::study::sum_text;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The file in a model folder.
pub const EVALUATION: &str = "evaluation.json";

/// Operands are below this.
const OPERANDS: u32 = 100;

/// A best answer counts where its chance leads the next one's by this much.
const CLEAR_LEAD: f64 = 0.10;

/// The golden ratio, less one. Multiples of it, without their whole part, are spread evenly however
/// many are taken.
pub(super) const GOLDEN: f64 = 0.618_033_988_749_894_8;

/// An `evaluation.json`.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "domain", rename_all = "lowercase")]
pub enum Evaluation {
    Addition(Addition),
    Diagnosis(Diagnosis),
}

/// Sums of two numbers below 100, in several contexts.
#[derive(Clone, Debug, Deserialize)]
pub struct Addition {
    pub contexts: Vec<Context>,
    /// Templates of explanations, of the pairs that are held out everywhere.
    pub explanations: Vec<String>,
    pub held_out: HeldOut,
}

/// One kind of text that asks for sums.
#[derive(Clone, Debug, Deserialize)]
pub struct Context {
    pub name: String,
    pub title: String,
    /// Prompts with a `|` before the answer, which is one token; see the placeholders of
    /// [`sum_text::fill`].
    pub templates: Vec<String>,
    /// Whether they also come in lower case, in capitals and with a capital first letter.
    #[serde(default)]
    pub cases: bool,
}

/// Pairs (a, b) that the model was not trained on.
#[derive(Clone, Debug, Deserialize)]
pub struct HeldOut {
    /// In any context.
    pub everywhere: Vec<(u32, u32)>,
    /// In one context alone, by its name.
    #[serde(default)]
    pub only: BTreeMap<String, Vec<(u32, u32)>>,
}

/// Vignettes that the model was not trained on, and what may be asked of each.
#[derive(Clone, Debug, Deserialize)]
pub struct Diagnosis {
    pub questions: Vec<Question>,
    pub vignettes: Vec<Vignette>,
}

/// A text that follows a vignette and is to be completed by one token.
#[derive(Clone, Debug, Deserialize)]
pub struct Question {
    pub name: String,
    pub text: String,
}

/// A case.
#[derive(Clone, Debug, Deserialize)]
pub struct Vignette {
    pub text: String,
    /// The condition that explains it best, which the text does not name.
    pub leading: String,
    /// Answers to each question with their chances, the best first; each is the text of its first
    /// token.
    pub chances: BTreeMap<String, Vec<(String, f64)>>,
    /// Questions in words of this vignette's own.
    #[serde(default)]
    pub texts: BTreeMap<String, String>,
    /// The text with one finding's phrase replaced by another finding's of as many tokens.
    #[serde(default)]
    pub twin: Option<String>,
}

impl Evaluation {
    /// Reads and checks a model folder's file.
    ///
    /// # Errors
    /// It is missing, or not as it should be; the sentence names the file and the field.
    pub fn load(files: &Folder) -> Result<Evaluation, EvaluateError> {
        let bytes = files.read(EVALUATION)?;
        let parsed: Result<Evaluation, _> = serde_json::from_slice(&bytes);
        let checked = parsed.map_err(clause).and_then(|evaluation| {
            match &evaluation {
                Evaluation::Addition(addition) => addition.check()?,
                Evaluation::Diagnosis(diagnosis) => diagnosis.check()?,
            }
            Ok(evaluation)
        });
        checked.map_err(|reason| EvaluateError::File {
            file: files.name(EVALUATION),
            reason,
        })
    }
}

impl Addition {
    fn check(&self) -> Result<(), String> {
        filled("contexts", self.contexts.len())?;
        filled("held_out.everywhere", self.held_out.everywhere.len())?;
        for context in &self.contexts {
            let field = format!("contexts, {:?}: templates", context.name);
            filled(&field, context.templates.len())?;
        }
        let names: BTreeSet<&str> = self.contexts.iter().map(|c| c.name.as_str()).collect();
        if names.len() < self.contexts.len() {
            return Err("two contexts have the same name".into());
        }
        if let Some(name) = self
            .held_out
            .only
            .keys()
            .find(|n| !names.contains(n.as_str()))
        {
            return Err(format!("held_out.only names {name:?}, which is no context"));
        }
        let everywhere = ("held_out.everywhere".to_string(), &self.held_out.everywhere);
        let only = self.held_out.only.iter();
        let only = only.map(|(name, pairs)| (format!("held_out.only.{name}"), pairs));
        for (field, pairs) in std::iter::once(everywhere).chain(only) {
            if let Some((a, b)) = pairs.iter().find(|(a, b)| *a.max(b) >= OPERANDS) {
                return Err(format!(
                    "{field} has the pair [{a}, {b}], and numbers are below {OPERANDS}"
                ));
            }
        }
        Ok(())
    }
}

impl Diagnosis {
    fn check(&self) -> Result<(), String> {
        filled("questions", self.questions.len())?;
        filled("vignettes", self.vignettes.len())?;
        for (i, vignette) in self.vignettes.iter().enumerate() {
            for question in &self.questions {
                let name = &question.name;
                let chances = vignette.chances.get(name).map_or(&[][..], Vec::as_slice);
                let field = format!("vignettes[{i}].chances.{name}");
                filled(&field, chances.len())?;
                if chances.windows(2).any(|pair| pair[0].1 < pair[1].1) {
                    return Err(format!("{field} does not have the best answer first"));
                }
            }
            let unknown = vignette.texts.keys();
            let known = |name: &&String| !self.questions.iter().any(|q| q.name == **name);
            if let Some(name) = unknown.into_iter().find(known) {
                return Err(format!(
                    "vignettes[{i}].texts names {name:?}, which is no question"
                ));
            }
        }
        Ok(())
    }
}

fn filled(field: &str, length: usize) -> Result<(), String> {
    match length {
        0 => Err(format!("{field} is empty")),
        _ => Ok(()),
    }
}

/// Whether a model was trained on a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Trained,
    /// Held out in every context.
    HeldOut,
    /// Held out in this context alone.
    HeldOutHere,
}

/// A prompt.
#[derive(Clone, Debug)]
pub(super) struct Prompt {
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
pub(super) struct Form {
    /// The tokens of one of them.
    ids: Vec<u32>,
    /// At which positions not all of them have the same token: those of the operands.
    pub operands: Vec<bool>,
}

/// A context or a question.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub name: String,
    pub title: String,
}

/// A text that the model is to go on with.
#[derive(Clone, Debug)]
pub(super) struct Explanation {
    /// The whole text, with the BOS first.
    pub ids: Vec<u32>,
    /// How many of them are the prompt.
    pub given: usize,
}

/// All that a model is asked.
pub(super) struct Exam {
    pub goals: Goals,
    pub groups: Vec<Group>,
    pub prompts: Vec<Prompt>,
    /// Held-out prompts: [group][wording], indices into `prompts`.
    held_out: Vec<Vec<Vec<usize>>>,
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
            Evaluation::Addition(addition) => sums(addition, &writer),
            Evaluation::Diagnosis(diagnosis) => cases(diagnosis, &writer),
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
fn place(turn: usize, of: usize) -> usize {
    ((turn as f64 * GOLDEN).fract() * of as f64) as usize
}

fn sums(addition: &Addition, writer: &Writer<'_>) -> Result<Exam, String> {
    let everywhere: BTreeSet<(u32, u32)> = addition.held_out.everywhere.iter().copied().collect();
    let mut exam = Exam {
        goals: goals::ADDITION,
        groups: Vec::new(),
        prompts: Vec::new(),
        held_out: Vec::new(),
        forms: Vec::new(),
        explanations: Vec::new(),
        leading: Vec::new(),
        chances: Vec::new(),
    };
    for (group, context) in addition.contexts.iter().enumerate() {
        let only = addition.held_out.only.get(&context.name);
        let only: BTreeSet<(u32, u32)> = only.into_iter().flatten().copied().collect();
        let mut wordings = Vec::new();
        for text in &context.templates {
            let mut held_out = Vec::new();
            let first_form = exam.forms.len();
            for (a, b) in (0..OPERANDS).flat_map(|a| (0..OPERANDS).map(move |b| (a, b))) {
                let (prompt, answer) = sum_text::fill(text, a, b)?;
                let ids = writer.ids(&prompt)?;
                let answer = writer.next(&prompt, &ids, &answer)?;
                let part = match (everywhere.contains(&(a, b)), only.contains(&(a, b))) {
                    (true, _) => Part::HeldOut,
                    (_, true) => Part::HeldOutHere,
                    _ => Part::Trained,
                };
                if part == Part::HeldOut {
                    held_out.push(exam.prompts.len());
                }
                let form = Some(form(&mut exam.forms, first_form, &ids));
                exam.prompts.push(Prompt {
                    ids,
                    group,
                    part,
                    answer: Some(answer),
                    form,
                    twin: None,
                });
            }
            wordings.push(held_out);
        }
        exam.held_out.push(wordings);
        exam.groups.push(Group {
            name: context.name.clone(),
            title: context.title.clone(),
        });
    }
    for text in &addition.explanations {
        for (a, b) in &everywhere {
            let (prompt, expected) = sum_text::fill(text, *a, *b)?;
            exam.explanations
                .push(writer.explanation(&prompt, &expected)?);
        }
    }
    Ok(exam)
}

/// The form of a sum among those of its wording, which are from `first` on.
fn form(forms: &mut Vec<Form>, first: usize, ids: &[u32]) -> usize {
    let mut same = forms[first..].iter_mut();
    match same.position(|form| form.ids.len() == ids.len()) {
        Some(place) => {
            let form = &mut forms[first + place];
            let pairs = form.ids.iter().zip(ids);
            for (operand, (a, b)) in form.operands.iter_mut().zip(pairs) {
                *operand |= a != b;
            }
            first + place
        }
        None => {
            forms.push(Form {
                ids: ids.to_vec(),
                operands: vec![false; ids.len()],
            });
            forms.len() - 1
        }
    }
}

fn cases(diagnosis: &Diagnosis, writer: &Writer<'_>) -> Result<Exam, String> {
    let mut exam = Exam {
        goals: goals::DIAGNOSIS,
        groups: Vec::new(),
        prompts: Vec::new(),
        held_out: Vec::new(),
        forms: Vec::new(),
        explanations: Vec::new(),
        leading: diagnosis
            .vignettes
            .iter()
            .map(|v| v.leading.clone())
            .collect(),
        chances: diagnosis
            .vignettes
            .iter()
            .map(|v| v.chances.clone())
            .collect(),
    };
    for (group, question) in diagnosis.questions.iter().enumerate() {
        let first = exam.prompts.len();
        for (i, vignette) in diagnosis.vignettes.iter().enumerate() {
            let text = vignette.texts.get(&question.name).unwrap_or(&question.text);
            let chances = &vignette.chances[&question.name];
            let next = chances.get(1).map_or(0.0, |(_, chance)| *chance);
            let (best, chance) = &chances[0];
            let best = writer.token(best)?;
            let ids = writer.ids(&format!("{}{text}", vignette.text))?;
            let twin = vignette.twin.as_ref();
            let twin = twin.map(|twin| writer.ids(&format!("{twin}{text}")));
            let twin = twin.transpose()?;
            if let Some(twin) = &twin
                && twin.len() != ids.len()
            {
                return Err(format!(
                    "vignettes[{i}].twin has {} tokens with the question {:?}, and the vignette {}: a twin \
                     differs in one finding of as many tokens",
                    twin.len(),
                    question.name,
                    ids.len()
                ));
            }
            exam.prompts.push(Prompt {
                ids,
                group,
                part: Part::HeldOut,
                answer: (chance - next >= CLEAR_LEAD).then_some(best),
                form: None,
                twin,
            });
        }
        exam.held_out
            .push(vec![(first..exam.prompts.len()).collect()]);
        exam.groups.push(Group {
            name: question.name.clone(),
            title: question.text.trim().to_string(),
        });
    }
    Ok(exam)
}

/// Text to tokens that the model can read.
pub(super) struct Writer<'a> {
    pub model: &'a Model,
    pub tokenizer: &'a Tokenizer,
}

impl Writer<'_> {
    /// The tokens of a text, with the BOS first.
    pub fn ids(&self, text: &str) -> Result<Vec<u32>, String> {
        let limit = self.model.language.config.context;
        let ids = self.model.with_bos(self.encode(text)?);
        match ids.len() {
            0 => Err("a prompt is empty".into()),
            tokens if tokens > limit => Err(format!(
                "{text:?} has {tokens} tokens, and the model reads at most {limit}"
            )),
            _ => Ok(ids),
        }
    }

    fn encode(&self, text: &str) -> Result<Vec<u32>, String> {
        let limit = self.model.language.config.context;
        self.tokenizer.encode(text, limit).map_err(clause)
    }

    /// The one token that `answer` is after `prompt`, which is `ids`.
    pub fn next(&self, prompt: &str, ids: &[u32], answer: &str) -> Result<u32, String> {
        let whole = self.encode(&format!("{prompt}{answer}"))?;
        let whole = self.model.with_bos(whole);
        match whole.strip_prefix(ids) {
            Some([token]) => Ok(*token),
            _ => Err(format!("{answer:?} is not one token after {prompt:?}")),
        }
    }

    /// The one token that a text is on its own.
    fn token(&self, text: &str) -> Result<u32, String> {
        let ids = self.encode(text)?;
        match ids[..] {
            [token] => Ok(token),
            _ => Err(format!(
                "the answer {text:?} is {} tokens, not one",
                ids.len()
            )),
        }
    }

    /// A text that goes on with `expected` after `prompt`.
    pub fn explanation(&self, prompt: &str, expected: &str) -> Result<Explanation, String> {
        let given = self.ids(prompt)?;
        let ids = self.ids(&format!("{prompt}{expected}"))?;
        match ids.strip_prefix(&given[..]) {
            Some([_, ..]) => Ok(Explanation {
                given: given.len(),
                ids,
            }),
            _ => Err(format!(
                "{expected:?} does not begin with a token of its own after {prompt:?}"
            )),
        }
    }
}
