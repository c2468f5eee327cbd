//! Reads safetensors files: f64, f32, f16 and bf16 on disk, f32 in memory.
//!
//! The layout of the header is the `safetensors` crate's; the checks are ours, because a reader wants to be
//! told which tensor is wrong, and because that crate adds up the offsets of a hostile file unchecked.

use crate::order;

use safetensors::tensor::{Dtype, TensorInfo};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as Unreadable, StrDeserializer};
use serde_json::{Map, Value};

use super::error::{Axis, Shape, clause};
use super::fields::json;
use super::floats::{floats, widen_bf16, widen_f16};
use super::{LoadError, Matrix};

/// Bytes of the header's length, which opens the file (little-endian).
const LENGTH: usize = 8;

/// The tensors of one file. The header is checked; values are read when asked for.
pub(super) struct Tensors<'a> {
    file: String,
    entries: Vec<(String, TensorInfo)>,
    data: &'a [u8],
}

impl<'a> Tensors<'a> {
    /// Checks the header of `bytes`. `file` is its name in errors.
    pub fn parse(file: String, bytes: &'a [u8]) -> Result<Tensors<'a>, LoadError> {
        let (header, data) = split(&file, bytes)?;
        let header: Map<String, Value> = json(header).map_err(|error| {
            let reason = format!("its header is not JSON ({})", clause(error));
            LoadError::NotSafetensors {
                file: file.clone(),
                reason,
            }
        })?;
        let mut entries = Vec::new();
        for (tensor, value) in header {
            if tensor == "__metadata__" {
                continue;
            }
            let info = entry(&file, &tensor, &value)?;
            entries.push((tensor, info));
        }
        let tensors = Tensors {
            file,
            entries,
            data,
        };
        tensors.check_layout(bytes.len())?;
        Ok(tensors)
    }

    /// Every tensor has the bytes of its shape, and they follow each other without a gap to the end of the file.
    fn check_layout(&self, length: usize) -> Result<(), LoadError> {
        let mut in_order: Vec<_> = self.entries.iter().collect();
        order::sort(&mut in_order, &|a, b| {
            a.1.data_offsets.cmp(&b.1.data_offsets)
        });
        let mut end = 0;
        for (tensor, info) in in_order {
            let wrong = |reason: String| LoadError::Header {
                file: self.file.clone(),
                tensor: tensor.clone(),
                reason,
            };
            let (from, to) = info.data_offsets;
            if from != end || to < from {
                return Err(wrong(format!(
                    "its bytes are said to be {from} to {to}, but should start at {end}"
                )));
            }
            if bytes_of(info) != Some(to - from) {
                let shape = Shape::found(&info.shape);
                return Err(wrong(format!(
                    "the shape {shape} in {} does not fill its {} bytes",
                    info.dtype,
                    to - from
                )));
            }
            end = to;
        }
        if end == self.data.len() {
            return Ok(());
        }
        // u64, because a header may promise more than an address can hold.
        let start = (length - self.data.len()) as u64;
        let (expected, found) = (start.saturating_add(end as u64), length as u64);
        if expected > found {
            return Err(LoadError::Truncated {
                file: self.file.clone(),
                expected,
                found,
            });
        }
        let reason = format!("it has {found} bytes, but its header describes {expected}");
        Err(LoadError::NotSafetensors {
            file: self.file.clone(),
            reason,
        })
    }

    /// The file's name in errors.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Whether there is a tensor of this name.
    pub fn has(&self, tensor: &str) -> bool {
        self.info(tensor).is_some()
    }

    /// The names of all tensors.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _)| name.as_str())
    }

    /// Which of these names there is, if any; they are names of the same, so there may be one.
    pub fn one_of<'n>(&self, names: &[&'n str]) -> Result<Option<&'n str>, LoadError> {
        let mut found = names.iter().filter(|name| self.has(name));
        match (found.next(), found.next()) {
            (Some(tensor), Some(other)) => Err(LoadError::Both {
                file: self.file.clone(),
                tensor: tensor.to_string(),
                other: other.to_string(),
            }),
            (found, _) => Ok(found.copied()),
        }
    }

    fn info(&self, tensor: &str) -> Option<&TensorInfo> {
        let mut entries = self.entries.iter();
        let (_, info) = entries.find(|(name, _)| name == tensor)?;
        Some(info)
    }

    /// The shape of a tensor, which must be like `expected`.
    pub fn shape<const AXES: usize>(
        &self,
        tensor: &str,
        expected: [Axis; AXES],
    ) -> Result<[usize; AXES], LoadError> {
        let file = || self.file.clone();
        let Some(info) = self.info(tensor) else {
            let expected = Shape::like(&expected);
            return Err(LoadError::MissingTensor {
                file: file(),
                tensor: tensor.to_string(),
                expected,
            });
        };
        let agrees = |found: &[usize; AXES]| {
            found
                .iter()
                .zip(expected)
                .all(|(&size, axis)| axis.admits(size))
        };
        match <[usize; AXES]>::try_from(info.shape.as_slice()) {
            Ok(found) if agrees(&found) => Ok(found),
            _ => Err(LoadError::WrongShape {
                file: file(),
                tensor: tensor.to_string(),
                found: Shape::found(&info.shape),
                expected: Shape::like(&expected),
            }),
        }
    }

    /// The values of a tensor of exactly this shape, row-major. All are finite.
    pub fn values<const AXES: usize>(
        &self,
        tensor: &str,
        shape: [usize; AXES],
    ) -> Result<Vec<f32>, LoadError> {
        self.shape(tensor, shape.map(Axis::Size))?;
        let info = self.info(tensor).expect("its shape was checked");
        self.floats(tensor, info)
    }

    /// The values of a tensor of one number or of `length`, in any number of axes: [length].
    pub fn repeated(&self, tensor: &str, length: usize) -> Result<Vec<f32>, LoadError> {
        match self.info(tensor) {
            Some(info) if info.shape.iter().all(|size| *size == 1) => {
                Ok(self.floats(tensor, info)?.repeat(length))
            }
            Some(info) if info.shape == [1, length] => self.floats(tensor, info),
            _ => self.values(tensor, [length]),
        }
    }

    /// A tensor of one whole number.
    pub fn count(&self, tensor: &str) -> Result<u64, LoadError> {
        let (file, name) = (self.file.clone(), tensor.to_string());
        let Some(info) = self
            .info(tensor)
            .filter(|info| info.shape.iter().all(|size| *size == 1))
        else {
            let found = self
                .info(tensor)
                .map_or_else(Vec::new, |info| info.shape.clone());
            return Err(LoadError::WrongShape {
                file,
                tensor: name,
                found: Shape::found(&found),
                expected: Shape::found(&[]),
            });
        };
        let bytes = self.bytes(info);
        let number = match info.dtype {
            Dtype::I64 => bytes.try_into().ok().map(i64::from_le_bytes),
            Dtype::I32 => bytes.try_into().ok().map(i32::from_le_bytes).map(i64::from),
            Dtype::I16 => bytes.try_into().ok().map(i16::from_le_bytes).map(i64::from),
            _ => None,
        };
        let number = number.and_then(|number| u64::try_from(number).ok());
        number.ok_or_else(|| LoadError::Header {
            file,
            tensor: name,
            reason: format!(
                "it should be one whole number above 0, as I64, not {}",
                info.dtype
            ),
        })
    }

    fn bytes(&self, info: &TensorInfo) -> &[u8] {
        &self.data[info.data_offsets.0..info.data_offsets.1]
    }

    /// All values of a tensor. All are finite.
    fn floats(&self, tensor: &str, info: &TensorInfo) -> Result<Vec<f32>, LoadError> {
        let bytes = self.bytes(info);
        let values = match info.dtype {
            Dtype::F64 => self.narrowed(tensor, bytes)?,
            Dtype::F32 => floats(bytes, f32::from_le_bytes),
            Dtype::F16 => floats(bytes, |pair| widen_f16(u16::from_le_bytes(pair))),
            Dtype::BF16 => floats(bytes, |pair| widen_bf16(u16::from_le_bytes(pair))),
            other => {
                let (file, tensor) = (self.file.clone(), tensor.to_string());
                return Err(LoadError::UnsupportedDtype {
                    file,
                    tensor,
                    found: other.to_string(),
                });
            }
        };
        self.check_finite(tensor, &values)?;
        Ok(values)
    }

    fn narrowed(&self, tensor: &str, bytes: &[u8]) -> Result<Vec<f32>, LoadError> {
        let (chunks, _) = bytes.as_chunks::<8>();
        let values = chunks.iter().map(|chunk| f64::from_le_bytes(*chunk));
        let narrow = values.enumerate().map(|(index, value)| {
            let narrow = value as f32;
            match narrow.is_infinite() && value.is_finite() {
                false => Ok(narrow),
                true => Err(LoadError::BeyondF32 {
                    file: self.file.clone(),
                    tensor: tensor.to_string(),
                    index,
                }),
            }
        });
        narrow.collect()
    }

    fn check_finite(&self, tensor: &str, values: &[f32]) -> Result<(), LoadError> {
        // A fold over all of them is several times faster than one that stops at the first.
        if !values
            .iter()
            .fold(false, |bad, value| bad | !value.is_finite())
        {
            return Ok(());
        }
        let index = values
            .iter()
            .position(|value| !value.is_finite())
            .unwrap_or(0);
        let value = if values[index].is_nan() {
            "NaN"
        } else {
            "an infinity"
        };
        Err(LoadError::NotFinite {
            file: self.file.clone(),
            tensor: tensor.to_string(),
            index,
            value,
        })
    }

    /// A tensor of shape [rows, columns].
    pub fn matrix(&self, tensor: &str, rows: usize, columns: usize) -> Result<Matrix, LoadError> {
        Ok(Matrix {
            rows,
            columns,
            values: self.values(tensor, [rows, columns])?.into(),
        })
    }
}

/// The header, and the bytes after it.
fn split<'a>(file: &str, bytes: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), LoadError> {
    let not = |reason: &str| LoadError::NotSafetensors {
        file: file.to_string(),
        reason: reason.to_string(),
    };
    if bytes.is_empty() {
        return Err(not("it is empty"));
    }
    let Some((length, rest)) = bytes.split_first_chunk::<LENGTH>() else {
        return Err(not("it is only a few bytes long"));
    };
    // The header is JSON, so its first byte is a brace. The length before it may be any bytes, a `<` too.
    if rest.first().is_some_and(|&byte| byte != b'{') {
        let text = bytes.trim_ascii_start();
        return Err(not(if text.starts_with(b"<") {
            "it is a web page, perhaps an error message"
        } else if text.starts_with(b"version https://git-lfs") {
            "it is a Git LFS pointer, which stands for the file"
        } else if bytes.starts_with(b"PK") {
            "it does not start with a header but is a zip archive, as PyTorch and NumPy write"
        } else {
            "it does not start with a header"
        }));
    }
    let length = u64::from_le_bytes(*length);
    match usize::try_from(length)
        .ok()
        .and_then(|length| rest.split_at_checked(length))
    {
        Some(parts) => Ok(parts),
        None => Err(LoadError::Truncated {
            file: file.to_string(),
            expected: length.saturating_add(LENGTH as u64),
            found: bytes.len() as u64,
        }),
    }
}

/// What the header says of one tensor.
fn entry(file: &str, tensor: &str, value: &Value) -> Result<TensorInfo, LoadError> {
    let wrong = |reason: &str| LoadError::Header {
        file: file.to_string(),
        tensor: tensor.to_string(),
        reason: reason.to_string(),
    };
    let Some(dtype) = value["dtype"].as_str() else {
        return Err(wrong("it has no dtype"));
    };
    let named: StrDeserializer<'_, Unreadable> = dtype.into_deserializer();
    let Ok(dtype) = Dtype::deserialize(named) else {
        return Err(LoadError::UnsupportedDtype {
            file: file.to_string(),
            tensor: tensor.to_string(),
            found: clause(dtype),
        });
    };
    let whole = |number: &Value| number.as_u64().and_then(|number| number.try_into().ok());
    let numbers = |field: &str| -> Option<Vec<usize>> {
        value[field].as_array()?.iter().map(whole).collect()
    };
    let Some(shape) = numbers("shape") else {
        return Err(wrong("its shape is no list of whole numbers"));
    };
    let Some([start, end]) =
        numbers("data_offsets").and_then(|both| <[usize; 2]>::try_from(both).ok())
    else {
        return Err(wrong("its data_offsets are not two whole numbers"));
    };
    Ok(TensorInfo {
        dtype,
        shape,
        data_offsets: (start, end),
    })
}

/// The bytes that a tensor of this shape takes, none where that is not a whole number or more than can be.
fn bytes_of(info: &TensorInfo) -> Option<usize> {
    let count = info
        .shape
        .iter()
        .try_fold(1_usize, |count, &size| count.checked_mul(size))?;
    let bits = count.checked_mul(info.dtype.bitsize())?;
    bits.is_multiple_of(8).then_some(bits / 8)
}
