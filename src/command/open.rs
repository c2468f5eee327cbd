//! What commands about one prompt share: the model, the prompt's tokens, the engine.

use super::console::{self, Console};
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::engine::gpu::Gpu;
use attograph::model::{Files, Folder, Model, TOKENIZER, Tokenizer};
use attograph::network::Network;
use attograph::trace::Tracer;
use attograph::write;
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
    pub tokenizer: Tokenizer,
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
    pub fn open(&self, console: Console) -> Result<Opened, Box<dyn Error>> {
        let folder = Folder::new(&self.model);
        let model = Arc::new(Model::load(&folder, &Folder::new(self.transcoder()))?);
        let tokenizer = Tokenizer::from_bytes(&folder.read(TOKENIZER)?)?;
        if self.prompt.is_empty() {
            return Err("The prompt is empty: there is nothing to trace.".into());
        }
        let config = &model.language.config;
        let ids = model.with_bos(tokenizer.encode(&self.prompt, config.context)?);
        if let (None, Some(first)) = (config.bos, ids.first()) {
            console.note(&format!(
                "attograph: This model has no special token to put in front of a prompt, so position 0 holds {:?}, whose features and errors are left out.",
                model.vocabulary.token(*first)
            ));
        }
        Ok(Opened {
            model,
            tokenizer,
            ids,
        })
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

/// The name that stands for the standard output.
const STANDARD_OUTPUT: &str = "-";

/// Checks that files can be written, before there is anything to write.
///
/// # Errors
/// A sentence that names the first that cannot, or that is asked for twice.
pub fn check_outputs(paths: &[&Option<PathBuf>]) -> Result<(), String> {
    let paths: Vec<&Path> = paths.iter().filter_map(|path| path.as_deref()).collect();
    for (i, path) in paths.iter().enumerate() {
        if paths[..i].contains(path) {
            return Err(format!(
                "Two files cannot both be written to {}.",
                path.display()
            ));
        }
        if *path != Path::new(STANDARD_OUTPUT) {
            write::check(path).map_err(|error| unwritable(path, &error))?;
        }
    }
    Ok(())
}

/// Whether a file is asked for on the standard output, where nothing else is printed then.
pub fn is_printed(path: &Option<PathBuf>) -> bool {
    path.as_deref() == Some(Path::new(STANDARD_OUTPUT))
}

/// Writes a file, whole or not at all.
///
/// # Errors
/// A sentence that names it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    if path == Path::new(STANDARD_OUTPUT) {
        let written = console::print_bytes(bytes);
        return written.map_err(|error| format!("Cannot write to the standard output: {error}."));
    }
    write::whole(path, bytes).map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> String {
    format!("Cannot write {}: {error}.", path.display())
}

/// Writes a record as JSON.
///
/// # Errors
/// As [`write`].
pub fn write_json(path: &Path, record: &impl Serialize) -> Result<(), Box<dyn Error>> {
    let text = serde_json::to_string(record)?;
    Ok(write(path, text.as_bytes())?)
}
