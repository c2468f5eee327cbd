//! What can be wrong with the files of a model, each told in one sentence that names the file.

use std::fmt;

use thiserror::Error;

/// One size of a shape, as it is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Exactly this size.
    Size(usize),
    /// Any size, called so in sentences: `features`.
    Any(&'static str),
}

impl Axis {
    /// Whether a size is as expected.
    pub(super) fn admits(self, size: usize) -> bool {
        match self {
            Axis::Size(expected) => size == expected,
            Axis::Any(_) => true,
        }
    }
}

/// A shape in an error's sentence: `[24, 16]`, or `[features, 16]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape(Vec<Axis>);

impl Shape {
    /// A shape as it was found.
    pub fn found(sizes: &[usize]) -> Shape {
        Shape(sizes.iter().map(|&size| Axis::Size(size)).collect())
    }

    /// A shape as it is expected.
    pub fn like(axes: &[Axis]) -> Shape {
        Shape(axes.to_vec())
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[")?;
        for (i, axis) in self.0.iter().enumerate() {
            if i > 0 {
                out.write_str(", ")?;
            }
            match axis {
                Axis::Size(size) => write!(out, "{size}")?,
                Axis::Any(name) => out.write_str(name)?,
            }
        }
        out.write_str("]")
    }
}

/// Why a model, a transcoder or a tokenizer cannot be used.
///
/// `file` is always the file as the reader knows it: a path in a folder, or a path below the model's address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LoadError {
    /// The file is not there. `why` says what needs it, or what is there in its stead.
    #[error("{file} is missing: {why}.")]
    Missing { file: String, why: String },

    /// The file is there and cannot be read.
    #[error("{file} cannot be read: {reason}.")]
    Unreadable { file: String, reason: String },

    /// A text file that its format's parser rejects.
    #[error("{file} is not valid {format}: {reason}.")]
    Syntax {
        file: String,
        format: &'static str,
        reason: String,
    },

    /// A safetensors file that ends too early. Sizes in bytes.
    #[error(
        "{file} is cut short: its header describes {expected} bytes, the file has {found}; fetch it again."
    )]
    Truncated {
        file: String,
        expected: u64,
        found: u64,
    },

    /// Bytes that are no safetensors file, such as a web server's error page.
    #[error("{file} is not a safetensors file: {reason}; fetch it again.")]
    NotSafetensors { file: String, reason: String },

    /// The header of a safetensors file contradicts itself about one tensor.
    #[error("{file} describes its tensor {tensor} wrongly: {reason}.")]
    Header {
        file: String,
        tensor: String,
        reason: String,
    },

    /// A setting that has no default.
    #[error("{file} has no field {field}: {expected} is expected.")]
    MissingField {
        file: String,
        field: String,
        expected: String,
    },

    /// A setting of the wrong type, out of range, or that this program does not implement.
    #[error("{file} says {field} = {found}, which is not supported: {expected} is expected.")]
    Field {
        file: String,
        field: String,
        found: String,
        expected: String,
    },

    /// A field or a tensor that no table of [`crate::model::known`] has.
    #[error(
        "{file} has a {what} {name}, which is not known here and could change what is computed: take it out if it does not."
    )]
    Unknown {
        file: String,
        what: &'static str,
        name: String,
    },

    /// A field, a tensor or a file that is known and cannot be computed with; `instead` says what to do.
    #[error("{file} has a {what} {name}, with which nothing can be computed here: {instead}.")]
    Refused {
        file: String,
        what: &'static str,
        name: String,
        instead: &'static str,
    },

    /// A tensor of a layer that the file has no business with.
    #[error(
        "{file} holds the tensor {tensor}, but what is expected there are layers {first} to {last}, counted from 0."
    )]
    OtherLayer {
        file: String,
        tensor: String,
        first: usize,
        last: usize,
    },

    /// Two names of the same thing in one file.
    #[error(
        "{file} holds both {tensor} and {other}, which contradict each other: keep one of them."
    )]
    Both {
        file: String,
        tensor: String,
        other: String,
    },

    /// What is true of some layers of a cross-layer transcoder and not of others.
    #[error(
        "{file} has no {what}, but the file of layer {with} has: a cross-layer transcoder has them in all layers or in none, and here layers {without} have none."
    )]
    SomeLayers {
        file: String,
        what: &'static str,
        with: usize,
        without: String,
    },

    /// A tensor that the index of a split checkpoint has in another place.
    #[error(
        "{file} and {index} disagree about the tensor {tensor}: the index says {reason}; save the model again."
    )]
    Elsewhere {
        file: String,
        tensor: String,
        index: String,
        reason: String,
    },

    /// A number in 64 bits that 32 cannot hold; `index` counts as in [`LoadError::NotFinite`].
    #[error(
        "{file} holds a number in the tensor {tensor} at index {index} that is too large for f32, in which all is computed: the file is damaged, or its values have to be scaled."
    )]
    BeyondF32 {
        file: String,
        tensor: String,
        index: usize,
    },

    /// A tensor that the model or the transcoder needs.
    #[error("{file} has no tensor {tensor}, which should be {expected}.")]
    MissingTensor {
        file: String,
        tensor: String,
        expected: Shape,
    },

    /// A tensor whose shape does not fit the model's sizes.
    #[error("{file} holds the tensor {tensor} in the shape {found}, where {expected} is expected.")]
    WrongShape {
        file: String,
        tensor: String,
        found: Shape,
        expected: Shape,
    },

    /// A tensor stored as numbers of another kind.
    #[error(
        "{file} holds the tensor {tensor} as {found}, which cannot be read: save it as F32, F16 or BF16."
    )]
    UnsupportedDtype {
        file: String,
        tensor: String,
        found: String,
    },

    /// A NaN or an infinity; `index` counts values from 0 in row-major order.
    #[error(
        "{file} holds {value}, not a finite number, in the tensor {tensor} at index {index}: the file is damaged or its training diverged."
    )]
    NotFinite {
        file: String,
        tensor: String,
        index: usize,
        value: &'static str,
    },

    /// The transcoder reads a residual stream of another width.
    #[error(
        "{file} is made for another model: its tensor {tensor} of shape {found} is for a width of {width}, the model's width (n_embd) is {expected}."
    )]
    OtherWidth {
        file: String,
        tensor: String,
        found: Shape,
        width: usize,
        expected: usize,
    },

    /// The transcoder has another number of layers.
    #[error(
        "{file} is made for another model: the transcoder has {found} layers, the model (n_layer) {expected}."
    )]
    OtherLayers {
        file: String,
        found: usize,
        expected: usize,
    },

    /// A layer of the transcoder has another number of features than its first.
    #[error(
        "{file} has {found} features in its tensor {tensor}, layer 0 has {expected}: every layer needs the same number."
    )]
    OtherFeatures {
        file: String,
        tensor: String,
        found: usize,
        expected: usize,
    },

    /// A tokenizer whose file is JSON, but that cannot be used.
    #[error("{file} is not a tokenizer that can be used: {reason}.")]
    Tokenizer { file: String, reason: String },
}

/// Another program's message as a part of one of our sentences: one line, not too long, without a full stop.
pub(crate) fn clause(message: impl fmt::Display) -> String {
    clause_of(&message.to_string())
}

fn clause_of(message: &str) -> String {
    const LONGEST: usize = 200;
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut line = line.trim_end_matches('.').to_string();
    if let Some((end, _)) = line.char_indices().nth(LONGEST) {
        line.truncate(end);
        line.push('…');
    }
    line
}
