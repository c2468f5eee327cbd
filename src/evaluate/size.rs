//! What a model and its transcoder take on disk, gzipped.

use super::goals::Goals;
use super::{EvaluateError, Measure};
use crate::model::{TOKENIZER, clause};
use flate2::{Compression, write::GzEncoder};
use rayon::prelude::*;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The model's own files that are loaded.
const MODEL: [&str; 3] = ["config.json", "model.safetensors", TOKENIZER];

/// Megabytes (10^6 bytes) of the model's files and all of the transcoder's folder.
///
/// # Errors
/// A file that cannot be read.
pub fn measures(
    folder: &Path,
    transcoder: &Path,
    goals: Goals,
) -> Result<Vec<Measure>, EvaluateError> {
    let mut files: Vec<PathBuf> = MODEL.iter().map(|name| folder.join(name)).collect();
    let entries = std::fs::read_dir(transcoder).map_err(|error| unreadable(transcoder, &error))?;
    for entry in entries {
        let path = entry
            .map_err(|error| unreadable(transcoder, &error))?
            .path();
        if path.is_file() {
            files.push(path);
        }
    }
    let sizes = files
        .par_iter()
        .map(|path| gzipped(path).map_err(|error| unreadable(path, &error)))
        .collect::<Result<Vec<usize>, _>>()?;
    let name = "model and transcoder on disk, gzipped";
    let megabytes = sizes.iter().sum::<usize>() as f64 / 1e6;
    Ok(vec![
        Measure::new("Size", "size", name, megabytes, "MB").to_be(goals.size),
    ])
}

fn gzipped(path: &Path) -> std::io::Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&std::fs::read(path)?)?;
    Ok(encoder.finish()?.len())
}

fn unreadable(path: &Path, error: &std::io::Error) -> EvaluateError {
    EvaluateError::File {
        file: path.display().to_string(),
        reason: clause(error),
    }
}
