//! What is known of the fields and tensors of a model's files, and what is done with each: one table a kind
//! of file. What is in no table is refused, since it might change what is computed.

use std::ops::Range;

use super::LoadError;
use super::error::clause;
pub use super::family::{CHECKPOINT_TENSORS, CONFIG_FIELDS, HEAD_TENSORS, INDEX_FIELDS};
#[cfg(feature = "tokenizer")]
pub use super::tokenizer::TOKENIZER_FIELDS;
pub use super::transcoder::{
    CROSS_LAYER_DECODERS, CROSS_LAYER_TENSORS, PER_LAYER_TENSORS, TRANSCODER_FIELDS,
};

/// What is done with a field or a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// It decides what is computed; a value that cannot be computed with is refused.
    Computed,
    /// It changes nothing that is computed here, for this reason.
    NoEffect(&'static str),
    /// It is refused unless it has this value, in JSON, with which it changes nothing.
    Only(&'static str),
    /// It is refused; this is what to do about it.
    Refused(&'static str),
}

/// Fields or tensors that are treated alike.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// What is done with them.
    pub treatment: Treatment,
    /// Their names; a `*` in one is the number of a layer.
    pub names: &'static [&'static str],
}

/// A row of a table.
pub(super) const fn known(treatment: Treatment, names: &'static [&'static str]) -> Known {
    Known { treatment, names }
}

/// What a table says of a name, and the layer that the name tells.
pub(super) fn find(table: &[Known], name: &str) -> Option<(Treatment, Option<usize>)> {
    table.iter().find_map(|known| {
        let layer = known.names.iter().find_map(|known| layer_of(known, name))?;
        Some((known.treatment, layer))
    })
}

/// Refuses a tensor by what was found of it in a table: nothing, a layer beyond these, or what is refused.
pub(super) fn check_tensor(
    found: Option<(Treatment, Option<usize>)>,
    layers: Range<usize>,
    file: &str,
    tensor: &str,
) -> Result<(), LoadError> {
    let (file, name, what) = (file.to_string(), clause(tensor), "tensor");
    match found {
        None => Err(LoadError::Unknown { file, what, name }),
        Some((Treatment::Refused(instead), _)) => Err(LoadError::Refused {
            file,
            what,
            name,
            instead,
        }),
        Some((_, Some(layer))) if !layers.contains(&layer) => Err(LoadError::OtherLayer {
            file,
            tensor: name,
            first: layers.start,
            last: layers.end - 1,
        }),
        Some(_) => Ok(()),
    }
}

/// Whether a name is as a table has it, and the layer that it then tells, if any.
fn layer_of(known: &str, name: &str) -> Option<Option<usize>> {
    let Some((before, after)) = known.split_once('*') else {
        return (known == name).then_some(None);
    };
    let digits = name.strip_prefix(before)?.strip_suffix(after)?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = digits == "0" || !digits.starts_with('0');
    let number = (plain && canonical).then(|| digits.parse().ok()).flatten();
    number.map(Some)
}
