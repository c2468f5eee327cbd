//! GPT-2 from a folder as Hugging Face writes it: `config.json` and `model.safetensors`.

mod checkpoint;
mod config;

use crate::model::files::{Files, read};
use crate::model::{Affine, Block, LanguageModel, LoadError, Norm};
pub use checkpoint::{CHECKPOINT_TENSORS, HEAD_TENSORS, INDEX_FIELDS};
use checkpoint::{Checkpoint, WEIGHTS};
pub use config::CONFIG_FIELDS;
use config::Settings;

const CONFIG: &str = "config.json";

/// Reads the model in `files`.
pub fn load(files: &dyn Files) -> Result<LanguageModel, LoadError> {
    let needed = format!("a model's folder holds {CONFIG} and {WEIGHTS}");
    let bytes = read(files, CONFIG, || needed.clone())?;
    let settings = Settings::parse(files.name(CONFIG), &bytes)?;
    let fetched = checkpoint::fetch(files, &needed)?;
    let weights = Weights {
        checkpoint: Checkpoint::parse(files, &fetched)?,
        settings,
    };
    let language = weights.read()?;
    weights.checkpoint.check(language.config.layers)?;
    Ok(language)
}

/// The tensors of a GPT-2, by their names without the prefix.
struct Weights<'a> {
    checkpoint: Checkpoint<'a>,
    settings: Settings,
}

impl Weights<'_> {
    fn read(&self) -> Result<LanguageModel, LoadError> {
        let (checkpoint, config) = (&self.checkpoint, self.settings.config.clone());
        let (vocabulary, width) = (config.vocabulary, config.width);
        let untied_unembedding = match self.settings.tied {
            true => None,
            false => Some(checkpoint.whole_name("lm_head.weight", vocabulary, width)?),
        };
        Ok(LanguageModel {
            token_embedding: checkpoint.matrix("wte.weight", vocabulary, width)?,
            position_embedding: Some(checkpoint.matrix("wpe.weight", config.context, width)?),
            blocks: (0..config.layers)
                .map(|i| self.block(i))
                .collect::<Result<_, _>>()?,
            final_norm: self.norm("ln_f")?,
            untied_unembedding,
            config,
        })
    }

    fn block(&self, i: usize) -> Result<Block, LoadError> {
        let (width, inner) = (self.settings.config.width, self.settings.config.inner);
        let mut block = Block {
            attention_norm: self.norm(&format!("h.{i}.ln_1"))?,
            attention_in: self.affine(&format!("h.{i}.attn.c_attn"), width, 3 * width)?,
            attention_out: self.affine(&format!("h.{i}.attn.c_proj"), width, width)?,
            mlp_norm: self.norm(&format!("h.{i}.ln_2"))?,
            mlp_in: self.affine(&format!("h.{i}.mlp.c_fc"), width, inner)?,
            mlp_gate: None,
            mlp_out: self.affine(&format!("h.{i}.mlp.c_proj"), inner, width)?,
        };
        let factor = self.settings.query_factor(i);
        if factor != 1.0 {
            let Affine { weight, bias } = &mut block.attention_in;
            let rows = weight.values.chunks_exact_mut(3 * width);
            for row in rows.chain(bias.as_deref_mut()) {
                row[..width].iter_mut().for_each(|query| *query *= factor);
            }
        }
        Ok(block)
    }

    fn affine(&self, name: &str, inputs: usize, outputs: usize) -> Result<Affine, LoadError> {
        let checkpoint = &self.checkpoint;
        Ok(Affine {
            weight: checkpoint.matrix(&format!("{name}.weight"), inputs, outputs)?,
            bias: Some(checkpoint.values(&format!("{name}.bias"), outputs)?),
        })
    }

    fn norm(&self, name: &str) -> Result<Norm, LoadError> {
        let width = self.settings.config.width;
        Ok(Norm {
            weight: (self.checkpoint.values(&format!("{name}.weight"), width)?).into(),
            bias: Some((self.checkpoint.values(&format!("{name}.bias"), width)?).into()),
            centred: true,
        })
    }
}
