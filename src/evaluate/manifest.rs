//! The manifest that the page reads first: only its measured quality, and what tells prompts unlike the
//! training texts, are written here. Everything else stays as it is, byte for byte. What answers the
//! model knows is read of it.

use super::{EvaluateError, Measure};
use crate::model::{Files, Folder, clause};
use crate::study::{Likeness, Unseen};
use crate::write;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The file in a model folder.
pub const MANIFEST: &str = "manifest.json";

/// A manifest, and where in it the measured quality stands, and the likeness if it has one.
#[derive(Clone, Debug)]
pub struct Manifest {
    path: PathBuf,
    text: String,
    quality: Range<usize>,
    likeness: Option<Range<usize>>,
}

#[derive(Deserialize)]
#[serde(expecting = "a JSON object")]
struct Parts<'a> {
    #[serde(borrow)]
    quality: &'a RawValue,
    #[serde(borrow, default)]
    likeness: Option<&'a RawValue>,
}

/// What a manifest says of the texts that its model knows.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(expecting = "a JSON object")]
pub struct Known {
    /// What its texts are about.
    #[serde(default)]
    pub domain: String,
    /// What tells prompts that are unlike them.
    #[serde(default)]
    pub likeness: Option<Likeness>,
    /// Tokens that no text has that its model learned from.
    #[serde(default)]
    pub unseen: Unseen,
    /// Texts about two numbers, with placeholders.
    #[serde(default)]
    pub templates: Vec<String>,
    /// The answers that the model was trained to give, as they stand behind a prompt.
    #[serde(default)]
    pub answers: Vec<String>,
}

impl Known {
    /// Reads a model folder's manifest; nothing is known where there is none.
    ///
    /// # Errors
    /// It cannot be read, or one of these fields is not as it should be.
    pub fn load(folder: &Path) -> Result<Known, EvaluateError> {
        let path = folder.join(MANIFEST);
        if !path.exists() {
            return Ok(Known::default());
        }
        let files = Folder::new(folder);
        serde_json::from_slice(&files.read(MANIFEST)?).map_err(|error| EvaluateError::File {
            file: path.display().to_string(),
            reason: clause(error),
        })
    }
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
        let place = |value: &RawValue| {
            let start = value.get().as_ptr().addr() - text.as_ptr().addr();
            start..start + value.get().len()
        };
        let (quality, likeness) = (place(parts.quality), parts.likeness.map(place));
        Ok(Manifest {
            path,
            text,
            quality,
            likeness,
        })
    }

    /// Writes the file with these measures as its `quality`, and this `likeness`, which follows where
    /// there was none.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, measures: &[Measure], likeness: &Likeness) -> Result<(), EvaluateError> {
        let mut parts = vec![(self.quality.clone(), indented(&measures))];
        parts.push(match &self.likeness {
            Some(place) => (place.clone(), indented(likeness)),
            None => {
                let field = format!(",\n  \"likeness\": {}", indented(likeness));
                (self.quality.end..self.quality.end, field)
            }
        });
        let mut text = self.text.clone();
        // From the end on, so that places before stay right.
        parts.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
        for (place, part) in parts {
            text.replace_range(place, &part);
        }
        write::whole(&self.path, text.as_bytes()).map_err(|error| EvaluateError::File {
            file: self.path.display().to_string(),
            reason: clause(error),
        })
    }
}

/// JSON that stands one level deep.
fn indented(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value).expect("these are plain values");
    text.replace('\n', "\n  ")
}
