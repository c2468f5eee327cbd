//! What commands about one prompt share: the model, the prompt's tokens, the engine.

use attograph::engine::cpu::Cpu;
use attograph::engine::gpu::Gpu;
use attograph::engine::{Engine, Network};
use attograph::model::{Files, Folder, Model, TOKENIZER, Tokenizer};
use attograph::trace::Tracer;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Args)]
pub struct Question {
    /// The prompt
    pub prompt: String,
    /// Model folder: config.json, model.safetensors, tokenizer.json
    #[arg(long, value_name = "FOLDER")]
    pub model: PathBuf,
    /// Transcoder folder [default: transcoder/ in the model folder]
    #[arg(long, value_name = "FOLDER")]
    pub transcoder: Option<PathBuf>,
    /// Where to compute
    #[arg(long, value_enum, default_value_t = EngineName::Cpu)]
    pub engine: EngineName,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum EngineName {
    Cpu,
    Gpu,
}

/// A model and a prompt's ids, with the BOS first.
pub struct Opened {
    pub model: Arc<Model>,
    pub ids: Vec<u32>,
}

impl Question {
    /// The transcoder's folder.
    pub fn transcoder(&self) -> PathBuf {
        let named = self.transcoder.clone();
        named.unwrap_or_else(|| self.model.join("transcoder"))
    }

    /// Reads the model and takes the prompt apart.
    ///
    /// # Errors
    /// A file that cannot be read, or a prompt that is empty.
    pub fn open(&self) -> Result<Opened, Box<dyn Error>> {
        let folder = Folder::new(&self.model);
        let model = Arc::new(Model::load(&folder, &Folder::new(self.transcoder()))?);
        let tokenizer = Tokenizer::from_bytes(&folder.read(TOKENIZER)?)?;
        if self.prompt.is_empty() {
            return Err("The prompt is empty: there is nothing to trace.".into());
        }
        let ids = model.with_bos(tokenizer.encode(&self.prompt)?);
        Ok(Opened { model, ids })
    }
}

/// What can be done on either engine.
pub trait OnEngine {
    type Output;

    /// Does it.
    ///
    /// # Errors
    /// What goes wrong, in one sentence.
    fn run<E: Engine>(self, tracer: &Tracer<E>) -> Result<Self::Output, Box<dyn Error>>;
}

/// Does it on the engine that is asked for.
///
/// # Errors
/// There is no such engine here, or what is done fails.
pub fn on_engine<T: OnEngine>(
    engine: EngineName,
    model: &Arc<Model>,
    task: T,
) -> Result<T::Output, Box<dyn Error>> {
    match engine {
        EngineName::Cpu => task.run(&Tracer::new(Network::new(Cpu, model.clone()))),
        EngineName::Gpu => {
            let gpu = pollster::block_on(Gpu::new())?;
            task.run(&Tracer::new(Network::new(gpu, model.clone())))
        }
    }
}

/// Writes a file.
///
/// # Errors
/// A sentence that names it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes)
        .map_err(|error| format!("Cannot write {}: {error}.", path.display()))
}

/// Writes a record as JSON.
///
/// # Errors
/// As [`write`].
pub fn write_json(path: &Path, record: &impl Serialize) -> Result<(), Box<dyn Error>> {
    let text = serde_json::to_string(record)?;
    Ok(write(path, text.as_bytes())?)
}
