//! What is loaded: checkpoint, transcoder, tokenizer. Parsed and checked once, here.

mod error;
mod family;
mod fields;
mod files;
mod floats;
pub mod known;
mod special;
mod tensors;
#[cfg(feature = "tokenizer")]
mod tokenizer;
mod transcoder;
mod values;
mod vocabulary;
mod weights;
mod yaml;

pub(crate) use error::clause;
pub use error::{Axis, LoadError, Shape};
pub use files::{Below, Files, Folder, InMemory};
use special::Special;
#[cfg(feature = "tokenizer")]
pub use tokenizer::{PromptError, Tokenizer};
pub use values::Values;
pub use vocabulary::{Piece, Vocabulary};
pub use weights::*;

/// The file of a model folder that describes its tokenizer.
pub const TOKENIZER: &str = "tokenizer.json";

/// A language model with its transcoder, and the text of its tokens.
#[derive(Clone, Debug)]
pub struct Model {
    /// The model that is explained.
    pub language: LanguageModel,
    /// What it is explained with; it fits the model's layers and width.
    pub transcoder: Transcoder,
    /// Empty where `tokenizer.json` is missing or broken; the graph of a prompt in token numbers needs none.
    pub vocabulary: Vocabulary,
}

impl Model {
    /// A prompt's tokens with a BOS in front, unless they begin with a special token: circuit-tracer's rule.
    /// The first position has no features in a graph, since a BOS is expected there. A model without one loses
    /// those of the prompt's first token. No other place adds a BOS.
    pub fn with_bos(&self, mut ids: Vec<u32>) -> Vec<u32> {
        if let Some(bos) = self.language.config.bos
            && ids
                .first()
                .is_some_and(|first| *first != bos && !self.vocabulary.is_special(*first))
        {
            ids.insert(0, bos);
        }
        ids
    }

    /// Reads and checks both folders. Every size, shape and value is checked, so what follows need not.
    ///
    /// # Errors
    /// The first thing that is wrong, with the file and the tensor. A missing or broken `tokenizer.json` is no
    /// error here, nor one with more tokens than the model: a prompt that uses such a token is.
    pub fn load(model: &dyn Files, transcoder: &dyn Files) -> Result<Model, LoadError> {
        let mut language = family::load(model)?;
        let transcoder = transcoder::load(transcoder, &language.config)?;
        let config = &mut language.config;
        let mut vocabulary = vocabulary(model, config.vocabulary);
        let special = Special::read(model, &vocabulary, config.bos, config.vocabulary)?;
        config.bos = special.opening;
        vocabulary.set_special(special.all);
        Ok(Model {
            language,
            transcoder,
            vocabulary,
        })
    }
}

/// The tokens of the model's tokenizer, if there is one that can be read.
fn vocabulary(model: &dyn Files, size: usize) -> Vocabulary {
    let read = model
        .read(TOKENIZER)
        .and_then(|bytes| Vocabulary::parse(&model.name(TOKENIZER), &bytes));
    read.unwrap_or_default().of_model(size)
}
