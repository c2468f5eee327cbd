//! One layer of a transcoder: its tensors, by whichever of their names.

use crate::model::error::{Axis, Shape};
use crate::model::known::Treatment::{Computed, Refused};
use crate::model::known::{self, Known, known};
use crate::model::tensors::Tensors;
use crate::model::{Gate, LoadError, Matrix, TranscoderKind, TranscoderLayer, Values};

use super::config::{Named, Settings};

const UNKNOWN_BIAS: &str = "its decoder has two biases; save their effect as one b_dec";

/// The names that thresholds have.
const THRESHOLDS: [&str; 3] = [
    "threshold",
    "activation_function.threshold",
    "log_threshold",
];

/// What a layer may have or not, as it is told in errors.
pub(super) const OPTIONAL: [&str; 3] = ["thresholds", "k", "skip connection"];

/// The tensors of a layer of a per-layer transcoder.
pub const PER_LAYER_TENSORS: &[Known] = &[
    known(
        Computed,
        &[
            "W_enc",
            "w_enc",
            "W_dec",
            "w_dec",
            "b_enc",
            "b_dec",
            "activation_function.threshold",
            "threshold",
            "log_threshold",
            "k",
            "W_skip",
            "affine_skip_connection",
        ],
    ),
    known(Refused(UNKNOWN_BIAS), &["b_dec_out"]),
];

/// The tensors of a layer of a cross-layer transcoder, but for its decoder.
pub const CROSS_LAYER_TENSORS: &[Known] = &[
    known(
        Computed,
        &[
            "W_enc_*",
            "w_enc",
            "b_enc_*",
            "b_enc",
            "b_dec_*",
            "b_dec",
            "threshold_*",
            "threshold",
            "activation_function.threshold_*",
            "activation_function.threshold",
            "log_threshold_*",
            "log_threshold",
            "k_*",
            "k",
            "W_skip_*",
            "affine_skip_connection",
        ],
    ),
    known(Refused(UNKNOWN_BIAS), &["b_dec_out"]),
];

/// The decoder of a layer of a cross-layer transcoder.
pub const CROSS_LAYER_DECODERS: &[Known] = &[known(Computed, &["W_dec_*", "w_dec"])];

/// What is to be read: layer `index` of a transcoder for a model of these sizes.
pub(super) struct Layer<'a> {
    pub settings: &'a Settings,
    pub index: usize,
    /// Layers of the model.
    pub layers: usize,
    pub width: usize,
    /// How many features layer 0 has; none while that is being read.
    pub features: Option<usize>,
}

impl Layer<'_> {
    /// All but the decoder.
    pub fn encoder(&self, tensors: &Tensors<'_>) -> Result<TranscoderLayer, LoadError> {
        let encoder = self.encoder_weight(tensors)?;
        let features = encoder.rows;
        let mut encoder_bias = tensors.values(&self.plain(tensors, "b_enc")?, [features])?;
        let decoder_bias = tensors.values(&self.plain(tensors, "b_dec")?, [self.width])?;
        if self.settings.bias_to_input {
            // The encoder reads its input less this bias, so its own bias is less what that makes of it.
            for (bias, row) in encoder_bias.iter_mut().zip(0..) {
                let pairs = encoder.row(row).iter().zip(&decoder_bias);
                let product: f64 = pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
                *bias = (f64::from(*bias) - product) as f32;
            }
        }
        Ok(TranscoderLayer {
            gate: self.gate(tensors, features)?,
            skip: self.skip(tensors)?,
            encoder,
            encoder_bias,
            decoder: Matrix {
                rows: 0,
                columns: 0,
                values: Values::default(),
            },
            decoder_bias,
        })
    }

    /// Which of [`OPTIONAL`] the file of the encoder holds.
    pub fn optional(&self, tensors: &Tensors<'_>) -> Result<[bool; 3], LoadError> {
        Ok([
            self.one_of(tensors, &THRESHOLDS)?.is_some(),
            self.one_of(tensors, &["k"])?.is_some(),
            self.skip_name(tensors)?.is_some(),
        ])
    }

    /// The decoder, whatever file it is in.
    pub fn decoder(&self, tensors: &Tensors<'_>, features: usize) -> Result<Matrix, LoadError> {
        let width = self.width;
        let own = self.own("W_dec");
        let name = tensors.one_of(&[&own, "w_dec"])?.unwrap_or(&own);
        if self.settings.kind == TranscoderKind::PerLayer {
            return tensors.matrix(name, features, width);
        }
        // The second has all layers, with zeros for those that a feature cannot write to.
        let first = if name == "w_dec" { self.index } else { 0 };
        let outputs = self.layers - self.index;
        let axes = [Axis::Size(features), Axis::Any("layers"), Axis::Size(width)];
        let [_, found, _] = tensors.shape(name, axes)?;
        if found != first + outputs {
            return Err(LoadError::OtherLayers {
                file: tensors.file().to_string(),
                found: found.saturating_add(self.index - first),
                expected: self.layers,
            });
        }
        let mut values = tensors.values(name, [features, found, width])?;
        if first > 0 {
            let rows = values.chunks_exact(found * width);
            let earlier = rows.map(|row| &row[..first * width]);
            if earlier.flatten().any(|value| *value != 0.0) {
                return Err(LoadError::Refused {
                    file: tensors.file().to_string(),
                    what: "tensor",
                    name: name.to_string(),
                    instead: "it writes to layers before its own, where zeros are expected",
                });
            }
            let rows = values.chunks_exact(found * width);
            values = rows.flat_map(|row| row[first * width..].to_vec()).collect();
        }
        Ok(Matrix {
            rows: features,
            columns: outputs * width,
            values: values.into(),
        })
    }

    /// Refuses every tensor that none of these tables has, or of another layer.
    pub fn check(&self, tensors: &Tensors<'_>, tables: &[&[Known]]) -> Result<(), LoadError> {
        for name in tensors.names() {
            let found = tables.iter().find_map(|table| known::find(table, name));
            known::check_tensor(found, self.index..self.index + 1, tensors.file(), name)?;
        }
        Ok(())
    }

    /// [features, width]
    fn encoder_weight(&self, tensors: &Tensors<'_>) -> Result<Matrix, LoadError> {
        let own = self.own("W_enc");
        let name = tensors.one_of(&[&own, "w_enc"])?.unwrap_or(&own);
        let turned = name == "w_enc";
        let axes = [Axis::Any("features"), Axis::Any("width")];
        let turned_axes = [Axis::Any("width"), Axis::Any("features")];
        let shape = tensors.shape(name, if turned { turned_axes } else { axes })?;
        let [found, width] = if turned { [shape[1], shape[0]] } else { shape };
        let file = tensors.file().to_string();
        if width != self.width {
            return Err(LoadError::OtherWidth {
                file,
                tensor: name.to_string(),
                found: Shape::found(&shape),
                width,
                expected: self.width,
            });
        }
        if let Some(expected) = self.features.filter(|&features| features != found) {
            return Err(LoadError::OtherFeatures {
                file,
                tensor: name.to_string(),
                found,
                expected,
            });
        }
        if found == 0 {
            return Err(LoadError::Header {
                file,
                tensor: name.to_string(),
                reason: "it has no features".to_string(),
            });
        }
        match turned {
            true => Ok(transposed(&tensors.matrix(name, width, found)?)),
            false => tensors.matrix(name, found, width),
        }
    }

    fn gate(&self, tensors: &Tensors<'_>, features: usize) -> Result<Gate, LoadError> {
        let threshold = self.one_of(tensors, &THRESHOLDS)?;
        let number = self.one_of(tensors, &["k"])?;
        let (threshold, number) = (threshold.as_deref(), number.as_deref());
        let file = || tensors.file().to_string();
        let contradicts = |tensor: &str, activation: &str| LoadError::Both {
            file: file(),
            tensor: format!("the tensor {tensor}"),
            other: format!("activation: {activation} in {}", self.settings.file),
        };
        match (self.settings.activation, threshold, number) {
            (Named::TopK(_), Some(tensor), _) => Err(contradicts(tensor, "topk")),
            (Named::Relu, Some(tensor), _) | (Named::Relu, _, Some(tensor)) => {
                Err(contradicts(tensor, "relu"))
            }
            (Named::JumpRelu, _, Some(tensor)) => Err(contradicts(tensor, "jump_relu")),
            (Named::JumpRelu, None, None) => Err(LoadError::MissingTensor {
                file: file(),
                tensor: self.names(&THRESHOLDS).swap_remove(0),
                expected: Shape::found(&[features]),
            }),
            (Named::Nothing, Some(tensor), Some(other)) => Err(LoadError::Both {
                file: file(),
                tensor: tensor.to_string(),
                other: other.to_string(),
            }),
            (Named::Nothing | Named::JumpRelu, Some(tensor), None) => {
                Ok(Gate::Threshold(thresholds(tensors, tensor, features)?))
            }
            (Named::Nothing | Named::Relu, None, None) => Ok(Gate::Threshold(vec![0.0; features])),
            (Named::TopK(_) | Named::Nothing, None, _) => self.top_k(tensors, number, features),
        }
    }

    /// TopK with the number of `config.yaml` or of a tensor; where both have one, it is the same.
    fn top_k(
        &self,
        tensors: &Tensors<'_>,
        tensor: Option<&str>,
        features: usize,
    ) -> Result<Gate, LoadError> {
        let stored = match tensor {
            Some(tensor) => Some(tensors.count(tensor)?),
            None => None,
        };
        let told = match self.settings.activation {
            Named::TopK(told) => told.map(|k| k as u64),
            _ => None,
        };
        let field = |file: &str, found: u64, expected: String| LoadError::Field {
            file: file.to_string(),
            field: "k".to_string(),
            found: found.to_string(),
            expected,
        };
        let Some(k) = stored.or(told) else {
            return Err(LoadError::MissingField {
                file: self.settings.file.clone(),
                field: "k".to_string(),
                expected: "the number of active features".to_string(),
            });
        };
        if let Some(told) = told.filter(|told| *told != k) {
            let expected = format!("k = {k}, which {} holds,", tensors.file());
            return Err(field(&self.settings.file, told, expected));
        }
        match usize::try_from(k) {
            Ok(k) if (1..=features).contains(&k) => Ok(Gate::TopK(k)),
            _ => {
                let expected = format!("a whole number from 1 to the {features} features");
                let file = match stored {
                    Some(_) => tensors.file(),
                    None => &self.settings.file,
                };
                Err(field(file, k, expected))
            }
        }
    }

    /// [outputs, inputs] = [width, width], if there is one.
    fn skip(&self, tensors: &Tensors<'_>) -> Result<Option<Matrix>, LoadError> {
        let width = self.width;
        let Some(name) = self.skip_name(tensors)? else {
            return Ok(None);
        };
        let matrix = tensors.matrix(&name, width, width)?;
        // A per-layer transcoder's own one is [outputs, inputs]; all others are [inputs, outputs].
        match name == "W_skip" {
            true => Ok(Some(matrix)),
            false => Ok(Some(transposed(&matrix))),
        }
    }

    fn skip_name(&self, tensors: &Tensors<'_>) -> Result<Option<String>, LoadError> {
        let own = self.own("W_skip");
        let name = tensors.one_of(&[&own, "affine_skip_connection"])?;
        Ok(name.map(str::to_string))
    }

    /// circuit-tracer's name of a tensor: in cross-layer transcoders it has the layer's number.
    fn own(&self, base: &str) -> String {
        match self.settings.kind {
            TranscoderKind::CrossLayer => format!("{base}_{}", self.index),
            TranscoderKind::PerLayer => base.to_string(),
        }
    }

    /// The name of a tensor that is called `base`, with the layer's number where it has it.
    fn plain(&self, tensors: &Tensors<'_>, base: &str) -> Result<String, LoadError> {
        let found = self.one_of(tensors, &[base])?;
        Ok(found.unwrap_or_else(|| self.names(&[base]).swap_remove(0)))
    }

    /// The one tensor that has one of these base names, if there is any.
    fn one_of(&self, tensors: &Tensors<'_>, bases: &[&str]) -> Result<Option<String>, LoadError> {
        let names = self.names(bases);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Ok(tensors.one_of(&names)?.map(str::to_string))
    }

    /// Names that tensors of these base names may have. In cross-layer transcoders they have the layer's number,
    /// or none.
    fn names(&self, bases: &[&str]) -> Vec<String> {
        let mut names: Vec<String> = bases.iter().map(|base| self.own(base)).collect();
        if self.settings.kind == TranscoderKind::CrossLayer {
            names.extend(bases.iter().map(|base| base.to_string()));
        }
        names
    }
}

/// Thresholds [features]; a single one counts for all.
fn thresholds(tensors: &Tensors<'_>, tensor: &str, features: usize) -> Result<Vec<f32>, LoadError> {
    let mut values = tensors.repeated(tensor, features)?;
    if tensor.starts_with("log_") {
        for (index, value) in values.iter_mut().enumerate() {
            *value = f64::from(*value).exp() as f32;
            if !value.is_finite() {
                return Err(LoadError::BeyondF32 {
                    file: tensors.file().to_string(),
                    tensor: tensor.to_string(),
                    index,
                });
            }
        }
    }
    Ok(values)
}

fn transposed(matrix: &Matrix) -> Matrix {
    let Matrix { rows, columns, .. } = *matrix;
    let values = (0..columns).flat_map(|column| (0..rows).map(move |row| (row, column)));
    Matrix {
        rows: columns,
        columns: rows,
        values: values
            .map(|(row, column)| matrix.values[row * columns + column])
            .collect(),
    }
}
