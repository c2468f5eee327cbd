//! The manifest that the page reads first: only its measured quality is written here, everything
//! else stays as it is, byte for byte. What answers the model knows is read of it.

use super::{EvaluateError, Measure};
use crate::model::{Files, Folder, clause};
use crate::write;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The file in a model folder.
pub const MANIFEST: &str = "manifest.json";

/// A manifest, and where in it the measured quality stands.
#[derive(Clone, Debug)]
pub struct Manifest {
    path: PathBuf,
    text: String,
    quality: Range<usize>,
}

#[derive(Deserialize)]
#[serde(expecting = "a JSON object")]
struct Parts<'a> {
    #[serde(borrow)]
    quality: &'a RawValue,
}

impl Manifest {
    /// Reads a model folder's manifest.
    ///
    /// # Errors
    /// It cannot be read, is not JSON, or has no field `quality`.
    pub fn load(folder: &Path) -> Result<Manifest, EvaluateError> {
        let path = folder.join(MANIFEST);
        let fail = |reason: String| EvaluateError::File {
            file: path.display().to_string(),
            reason,
        };
        let bytes = Folder::new(folder).read(MANIFEST)?.into_owned();
        let text = String::from_utf8(bytes).map_err(|error| fail(clause(error)))?;
        let parts: Parts<'_> = serde_json::from_str(&text).map_err(|error| fail(clause(error)))?;
        let value = parts.quality.get();
        let start = value.as_ptr().addr() - text.as_ptr().addr();
        let quality = start..start + value.len();
        Ok(Manifest {
            path,
            text,
            quality,
        })
    }

    /// Writes the file with these measures as its `quality`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, measures: &[Measure]) -> Result<(), EvaluateError> {
        let list = serde_json::to_string_pretty(measures).expect("measures are plain values");
        // It stands one level deep.
        let list = list.replace('\n', "\n  ");
        let (before, after) = (
            &self.text[..self.quality.start],
            &self.text[self.quality.end..],
        );
        let text = format!("{before}{list}{after}");
        write::whole(&self.path, text.as_bytes()).map_err(|error| EvaluateError::File {
            file: self.path.display().to_string(),
            reason: clause(error),
        })
    }
}

#[derive(Deserialize)]
#[serde(expecting = "a JSON object")]
struct Known {
    #[serde(default)]
    answers: Vec<String>,
}

/// The answers that a model was trained to give, as its manifest lists them; none where the folder has no manifest, or
/// where that lists none.
///
/// # Errors
/// There is a manifest that cannot be read, or that is not as it should be.
pub fn known_answers(folder: &Path) -> Result<Vec<String>, EvaluateError> {
    let path = folder.join(MANIFEST);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let bytes = Folder::new(folder).read(MANIFEST)?.into_owned();
    let known: Known = serde_json::from_slice(&bytes).map_err(|error| EvaluateError::File {
        file: path.display().to_string(),
        reason: clause(error),
    })?;
    Ok(known.answers)
}
