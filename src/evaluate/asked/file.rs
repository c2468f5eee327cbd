//! A model folder's `evaluation.json`, read and checked.

use crate::evaluate::EvaluateError;
use crate::model::{Files, Folder, clause};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The file in a model folder.
pub const EVALUATION: &str = "evaluation.json";

/// Operands are below this.
pub const OPERANDS: u32 = 100;

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
