//! Transcoders from a folder as circuit-tracer reads it: cross-layer, or one transcoder a layer.

use serde::Deserialize;

use super::error::{Axis, Shape, clause};
use super::files::{Files, read};
use super::tensors::Tensors;
use super::{Config, EncoderInput, LoadError, Matrix, Transcoder, TranscoderKind, TranscoderLayer};

const CONFIG: &str = "config.yaml";

/// Reads the transcoder in `files`, which must fit the sizes of its `model`.
pub(super) fn load(files: &dyn Files, model: &Config) -> Result<Transcoder, LoadError> {
    let file = files.name(CONFIG);
    let needed = || format!("a transcoder's folder holds {CONFIG} and the weights of each layer");
    let settings = Settings::parse(&file, &read(files, CONFIG, needed)?)?;
    let kind = settings.kind(&file)?;
    let input = settings.input(&file)?;
    settings.check_output(&file)?;

    let folder = Folder { files, model, kind };
    folder.check_no_more_layers()?;
    let mut layers: Vec<TranscoderLayer> = Vec::new();
    for i in 0..model.layers {
        let layer = folder.layer(i, layers.first().map(|first| first.encoder.rows))?;
        layers.push(layer);
    }
    Ok(Transcoder {
        kind,
        input,
        layers,
    })
}

/// What `config.yaml` says; other fields are of no concern here.
#[derive(Deserialize)]
#[serde(expecting = "fields with values")]
struct Settings {
    model_kind: Option<String>,
    feature_input_hook: Option<String>,
    feature_output_hook: Option<String>,
}

impl Settings {
    fn parse(file: &str, bytes: &[u8]) -> Result<Settings, LoadError> {
        let syntax = |reason: String| LoadError::Syntax {
            file: file.to_string(),
            format: "YAML",
            reason,
        };
        let text = std::str::from_utf8(bytes).map_err(|error| syntax(clause(error)))?;
        serde_norway::from_str(text).map_err(|error| syntax(clause(error)))
    }

    fn kind(&self, file: &str) -> Result<TranscoderKind, LoadError> {
        const EXPECTED: &str = "cross_layer_transcoder or transcoder_set";
        match required(file, "model_kind", &self.model_kind, EXPECTED)? {
            "cross_layer_transcoder" => Ok(TranscoderKind::CrossLayer),
            "transcoder_set" => Ok(TranscoderKind::PerLayer),
            other => Err(wrong(file, "model_kind", other, EXPECTED)),
        }
    }

    /// The hooks have TransformerLens's names. In a GPT-2, `mlp.hook_in` is the same place as the second.
    fn input(&self, file: &str) -> Result<EncoderInput, LoadError> {
        const EXPECTED: &str = "hook_resid_mid or ln2.hook_normalized";
        match required(
            file,
            "feature_input_hook",
            &self.feature_input_hook,
            EXPECTED,
        )? {
            "hook_resid_mid" => Ok(EncoderInput::ResidualMid),
            "ln2.hook_normalized" | "mlp.hook_in" => Ok(EncoderInput::MlpNorm),
            other => Err(wrong(file, "feature_input_hook", other, EXPECTED)),
        }
    }

    /// Features write to the MLP's output; `mlp.hook_out` is the same place in a GPT-2.
    fn check_output(&self, file: &str) -> Result<(), LoadError> {
        const EXPECTED: &str = "hook_mlp_out";
        match required(
            file,
            "feature_output_hook",
            &self.feature_output_hook,
            EXPECTED,
        )? {
            "hook_mlp_out" | "mlp.hook_out" => Ok(()),
            other => Err(wrong(file, "feature_output_hook", other, EXPECTED)),
        }
    }
}

fn required<'a>(
    file: &str,
    field: &str,
    value: &'a Option<String>,
    expected: &str,
) -> Result<&'a str, LoadError> {
    value.as_deref().ok_or_else(|| LoadError::MissingField {
        file: file.to_string(),
        field: field.to_string(),
        expected: expected.to_string(),
    })
}

fn wrong(file: &str, field: &str, found: &str, expected: &str) -> LoadError {
    let (file, field, expected) = (file.to_string(), field.to_string(), expected.to_string());
    LoadError::Field {
        file,
        field,
        found: clause(found),
        expected,
    }
}

/// The weights of a transcoder, layer by layer.
struct Folder<'a> {
    files: &'a dyn Files,
    model: &'a Config,
    kind: TranscoderKind,
}

impl Folder<'_> {
    /// The file that holds the encoder of layer `i`.
    fn encoder_file(&self, i: usize) -> String {
        match self.kind {
            TranscoderKind::CrossLayer => format!("W_enc_{i}.safetensors"),
            TranscoderKind::PerLayer => format!("layer_{i}.safetensors"),
        }
    }

    fn check_no_more_layers(&self) -> Result<(), LoadError> {
        let expected = self.model.layers;
        let next = self.encoder_file(expected);
        if !self.files.exists(&next) {
            return Ok(());
        }
        // Counted only to be told; a folder ends somewhere.
        let found = (expected + 1..)
            .find(|&i| !self.files.exists(&self.encoder_file(i)))
            .unwrap_or(expected + 1);
        Err(LoadError::OtherLayers {
            file: self.files.name(&next),
            found,
            expected,
        })
    }

    /// Reads a file, and says what needs it where it is missing.
    fn read<T>(
        &self,
        path: &str,
        of: impl FnOnce(&Tensors<'_>) -> Result<T, LoadError>,
    ) -> Result<T, LoadError> {
        let layers = self.model.layers;
        let needed =
            || format!("the model (n_layer) has {layers} layers, and the transcoder needs as many");
        let bytes = read(self.files, path, needed)?;
        of(&Tensors::parse(self.files.name(path), &bytes)?)
    }

    /// Layer `i`; `features` is how many layer 0 has, none while that is being read.
    fn layer(&self, i: usize, features: Option<usize>) -> Result<TranscoderLayer, LoadError> {
        match self.kind {
            TranscoderKind::CrossLayer => {
                let suffix = format!("_{i}");
                let mut layer = self.read(&self.encoder_file(i), |tensors| {
                    self.encoder(tensors, &suffix, &format!("threshold_{i}"), features)
                })?;
                layer.decoder = self.read(&format!("W_dec_{i}.safetensors"), |tensors| {
                    self.cross_layer_decoder(tensors, i, layer.encoder.rows)
                })?;
                Ok(layer)
            }
            TranscoderKind::PerLayer => self.read(&self.encoder_file(i), |tensors| {
                let mut layer =
                    self.encoder(tensors, "", "activation_function.threshold", features)?;
                let width = self.model.width;
                layer.decoder = tensors.matrix("W_dec", layer.encoder.rows, width)?;
                if tensors.has("W_skip") {
                    layer.skip = Some(tensors.matrix("W_skip", width, width)?);
                }
                Ok(layer)
            }),
        }
    }

    /// All but the decoder and the skip, which the kinds keep in different places.
    fn encoder(
        &self,
        tensors: &Tensors<'_>,
        suffix: &str,
        threshold: &str,
        features: Option<usize>,
    ) -> Result<TranscoderLayer, LoadError> {
        let width = self.model.width;
        let name = format!("W_enc{suffix}");
        let shape = tensors.shape(&name, [Axis::Any("features"), Axis::Any("width")])?;
        if shape[1] != width {
            return Err(LoadError::OtherWidth {
                file: tensors.file().to_string(),
                tensor: name,
                found: Shape::of(&shape),
                width: shape[1],
                expected: width,
            });
        }
        let found = shape[0];
        if let Some(expected) = features.filter(|&features| features != found) {
            return Err(LoadError::OtherFeatures {
                file: tensors.file().to_string(),
                tensor: name,
                found,
                expected,
            });
        }
        if found == 0 {
            let reason = "it has no features".to_string();
            return Err(LoadError::Header {
                file: tensors.file().to_string(),
                tensor: name,
                reason,
            });
        }
        Ok(TranscoderLayer {
            encoder: tensors.matrix(&name, found, width)?,
            encoder_bias: tensors.values(&format!("b_enc{suffix}"), [found])?,
            threshold: match tensors.has(threshold) {
                true => tensors.values(threshold, [found])?,
                false => vec![0.0; found],
            },
            decoder: Matrix {
                rows: 0,
                columns: 0,
                values: Vec::new(),
            },
            decoder_bias: tensors.values(&format!("b_dec{suffix}"), [width])?,
            skip: None,
        })
    }

    /// `W_dec_{i}` is [features, layers - i, width].
    fn cross_layer_decoder(
        &self,
        tensors: &Tensors<'_>,
        i: usize,
        features: usize,
    ) -> Result<Matrix, LoadError> {
        let name = format!("W_dec_{i}");
        let (outputs, width) = (self.model.layers - i, self.model.width);
        let [_, found, _] = tensors.shape(
            &name,
            [Axis::Size(features), Axis::Any("layers"), Axis::Size(width)],
        )?;
        if let (true, Some(layers)) = (found != outputs, found.checked_add(i)) {
            let (file, expected) = (tensors.file().to_string(), self.model.layers);
            return Err(LoadError::OtherLayers {
                file,
                found: layers,
                expected,
            });
        }
        let values = tensors.values(&name, [features, outputs, width])?;
        Ok(Matrix {
            rows: features,
            columns: values.len() / features,
            values,
        })
    }
}
