//! Settings in JSON or YAML: fields by name, each looked up in the table of its kind of file.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::str::Utf8Error;

use super::LoadError;
use super::error::clause;
use super::known::{self, Known, Treatment};
use super::yaml;

/// No size of a model is larger. It keeps products of a few sizes in range, also where `usize` has 32 bits.
const LARGEST: usize = 1 << 24;

/// What opens a text file that some editors write: a byte order mark in UTF-8, which is no part of the text.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A text file without its byte order mark.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}

/// JSON from bytes. As a text, since graph files are read as texts, and another reader would come to the page along with that one.
pub(super) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, NotJson> {
    let text = str::from_utf8(bytes).map_err(NotJson::Text)?;
    serde_json::from_str(text).map_err(NotJson::Json)
}

/// Why bytes are not the JSON that was asked for.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotJson {
    #[error("{0}")]
    Text(Utf8Error),
    #[error("{0}")]
    Json(serde_json::Error),
}

impl NotJson {
    /// Whether it is JSON, of something else.
    pub fn is_other(&self) -> bool {
        matches!(self, NotJson::Json(error) if error.is_data())
    }
}

/// The fields of a settings file.
pub(super) struct Fields {
    /// The file's name in errors.
    pub file: String,
    fields: Map<String, Value>,
}

impl Fields {
    /// Reads a JSON object.
    pub fn json(file: String, bytes: &[u8]) -> Result<Fields, LoadError> {
        Fields::read(file, "JSON", json(without_mark(bytes)))
    }

    /// Reads a YAML mapping.
    pub fn yaml(file: String, bytes: &[u8]) -> Result<Fields, LoadError> {
        Fields::read(file, "YAML", yaml::mapping(without_mark(bytes)))
    }

    fn read(
        file: String,
        format: &'static str,
        fields: Result<Map<String, Value>, impl std::fmt::Display>,
    ) -> Result<Fields, LoadError> {
        match fields {
            Ok(fields) => Ok(Fields { file, fields }),
            Err(error) => Err(LoadError::Syntax {
                file,
                format,
                reason: clause(error),
            }),
        }
    }

    /// Refuses every field that is not known, or not with this value.
    pub fn check(&self, table: &[Known]) -> Result<(), LoadError> {
        for (field, value) in self.fields.iter().filter(|(_, value)| !value.is_null()) {
            let (file, name) = (self.file.clone(), clause(field));
            let written = value.to_string();
            match known::find(table, field) {
                Some((Treatment::Computed | Treatment::NoEffect(_), _)) => {}
                Some((Treatment::Only(harmless), _)) if written == harmless => {}
                Some((Treatment::Only(harmless), _)) => {
                    return Err(self.wrong(field, value, harmless));
                }
                Some((Treatment::Refused(instead), _)) => {
                    return Err(LoadError::Refused {
                        file,
                        what: "field",
                        name,
                        instead,
                    });
                }
                None => {
                    return Err(LoadError::Unknown {
                        file,
                        what: "field",
                        name,
                    });
                }
            }
        }
        Ok(())
    }

    /// A field's value; a field that is `null` counts as left out.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.fields.get(field).filter(|value| !value.is_null())
    }

    /// A field that holds a text.
    pub fn text(&self, field: &str, expected: &str) -> Result<Option<&str>, LoadError> {
        match self.get(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong(field, other, expected)),
        }
    }

    /// A field that holds a text, and that is needed.
    pub fn required(&self, field: &str, expected: &str) -> Result<&str, LoadError> {
        let text = self.text(field, expected)?;
        text.ok_or_else(|| self.missing(field, expected))
    }

    /// A whole number from 1 on that is needed.
    pub fn size(&self, field: &str) -> Result<usize, LoadError> {
        match self.optional_size(field)? {
            Some(size) => Ok(size),
            None => Err(self.missing(field, &sizes())),
        }
    }

    /// A whole number from 1 on.
    pub fn optional_size(&self, field: &str) -> Result<Option<usize>, LoadError> {
        let Some(value) = self.get(field) else {
            return Ok(None);
        };
        match value.as_u64().and_then(|size| usize::try_from(size).ok()) {
            Some(size) if (1..=LARGEST).contains(&size) => Ok(Some(size)),
            _ => Err(self.wrong(field, value, &sizes())),
        }
    }

    /// A field that is true or false.
    pub fn flag(&self, field: &str, default: bool) -> Result<bool, LoadError> {
        match self.get(field) {
            None => Ok(default),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(self.wrong(field, other, "true or false")),
        }
    }

    /// The error that a needed field is not there.
    pub fn missing(&self, field: &str, expected: &str) -> LoadError {
        LoadError::MissingField {
            file: self.file.clone(),
            field: field.to_string(),
            expected: expected.to_string(),
        }
    }

    /// The error that a field has a value that cannot be used.
    pub fn wrong(&self, field: &str, found: impl std::fmt::Display, expected: &str) -> LoadError {
        let (file, field, expected) = (self.file.clone(), field.to_string(), expected.to_string());
        LoadError::Field {
            file,
            field,
            found: clause(found),
            expected,
        }
    }
}

fn sizes() -> String {
    format!("a whole number from 1 to {LARGEST}")
}
