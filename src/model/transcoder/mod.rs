//! Transcoders from a folder as circuit-tracer reads it: cross-layer, or one transcoder a layer.

mod config;
mod layer;

use super::files::{Files, read};
use super::known::Known;
use super::tensors::Tensors;
use super::{Config, LoadError, Transcoder, TranscoderKind, TranscoderLayer};
use config::Settings;
pub use config::TRANSCODER_FIELDS;
pub use layer::{CROSS_LAYER_DECODERS, CROSS_LAYER_TENSORS, PER_LAYER_TENSORS};
use layer::{Layer, OPTIONAL};

const CONFIG: &str = "config.yaml";

/// Reads the transcoder in `files`, which must fit the sizes of its `model`.
pub(super) fn load(files: &dyn Files, model: &Config) -> Result<Transcoder, LoadError> {
    let needed = || format!("a transcoder's folder holds {CONFIG} and the weights of each layer");
    let bytes = read(files, CONFIG, needed)?;
    let settings = Settings::parse(files.name(CONFIG), &bytes)?;
    let folder = Folder {
        files,
        model,
        settings,
    };
    folder.check_layers()?;
    let (mut layers, mut optional) = (Vec::<TranscoderLayer>::new(), Vec::new());
    for i in 0..model.layers {
        let features = layers.first().map(|first| first.encoder.rows);
        let (layer, has) = folder.layer(i, features)?;
        layers.push(layer);
        optional.push(has);
    }
    if folder.settings.kind == TranscoderKind::CrossLayer {
        folder.check_alike(&optional)?;
    }
    Ok(Transcoder {
        kind: folder.settings.kind,
        input: folder.settings.input,
        layers,
    })
}

/// The weights of a transcoder, layer by layer.
struct Folder<'a> {
    files: &'a dyn Files,
    model: &'a Config,
    settings: Settings,
}

impl Folder<'_> {
    /// The file that holds the encoder of layer `i`.
    fn encoder_file(&self, i: usize) -> String {
        match (&self.settings.listed, self.settings.kind) {
            (Some(listed), _) => listed[i].clone(),
            (None, TranscoderKind::CrossLayer) => format!("W_enc_{i}.safetensors"),
            (None, TranscoderKind::PerLayer) => format!("layer_{i}.safetensors"),
        }
    }

    /// Checks that there are not more or fewer layers than the model's, as far as the names of files tell.
    fn check_layers(&self) -> Result<(), LoadError> {
        let expected = self.model.layers;
        let (file, found) = match &self.settings.listed {
            Some(listed) => (self.settings.file.clone(), listed.len()),
            None => {
                let next = self.encoder_file(expected);
                // Counted only to be told; a folder ends somewhere.
                let found = (expected..).find(|&i| !self.files.exists(&self.encoder_file(i)));
                (self.files.name(&next), found.unwrap_or(expected))
            }
        };
        match found == expected {
            true => Ok(()),
            false => Err(LoadError::OtherLayers {
                file,
                found,
                expected,
            }),
        }
    }

    /// Refuses what only some layers of a cross-layer transcoder have: to circuit-tracer it is one thing, with or
    /// without. `optional` says what each layer has of [`OPTIONAL`].
    fn check_alike(&self, optional: &[[bool; 3]]) -> Result<(), LoadError> {
        for (i, what) in OPTIONAL.into_iter().enumerate() {
            let with = optional.iter().position(|has| has[i]);
            let without = (0..optional.len()).filter(|layer| !optional[*layer][i]);
            let without: Vec<String> = without.map(|layer| layer.to_string()).collect();
            if let (Some(with), Some(first)) = (with, optional.iter().position(|has| !has[i])) {
                return Err(LoadError::SomeLayers {
                    file: self.files.name(&self.encoder_file(first)),
                    what,
                    with,
                    without: without.join(", "),
                });
            }
        }
        Ok(())
    }

    /// Reads a file, and says what needs it where it is missing.
    fn read<T>(
        &self,
        path: &str,
        parse: impl FnOnce(&Tensors<'_>) -> Result<T, LoadError>,
    ) -> Result<T, LoadError> {
        let layers = self.model.layers;
        let needed = || match self.settings.listed {
            Some(_) => format!("{} lists it under transcoders", self.settings.file),
            None => {
                format!("the model (n_layer) has {layers} layers, and the transcoder needs as many")
            }
        };
        let bytes = read(self.files, path, needed)?;
        parse(&Tensors::parse(self.files.name(path), &bytes)?)
    }

    /// Layer `i`, and what it has of [`OPTIONAL`]; `features` is how many layer 0 has, none while that is being read.
    fn layer(
        &self,
        i: usize,
        features: Option<usize>,
    ) -> Result<(TranscoderLayer, [bool; 3]), LoadError> {
        let reader = Layer {
            settings: &self.settings,
            index: i,
            layers: self.model.layers,
            width: self.model.width,
            features,
        };
        let whole = |tables: &[&[Known]]| {
            self.read(&self.encoder_file(i), |tensors| {
                let mut layer = reader.encoder(tensors)?;
                layer.decoder = reader.decoder(tensors, layer.encoder.rows)?;
                reader.check(tensors, tables)?;
                Ok((layer, reader.optional(tensors)?))
            })
        };
        match (self.settings.kind, &self.settings.listed) {
            (TranscoderKind::PerLayer, _) => whole(&[PER_LAYER_TENSORS]),
            // A listed file holds all of its layer.
            (_, Some(_)) => whole(&[CROSS_LAYER_TENSORS, CROSS_LAYER_DECODERS]),
            (TranscoderKind::CrossLayer, None) => {
                let (mut layer, has) = self.read(&self.encoder_file(i), |tensors| {
                    let layer = reader.encoder(tensors)?;
                    reader.check(tensors, &[CROSS_LAYER_TENSORS])?;
                    Ok((layer, reader.optional(tensors)?))
                })?;
                layer.decoder = self.read(&format!("W_dec_{i}.safetensors"), |tensors| {
                    let decoder = reader.decoder(tensors, layer.encoder.rows)?;
                    reader.check(tensors, &[CROSS_LAYER_DECODERS])?;
                    Ok(decoder)
                })?;
                Ok((layer, has))
            }
        }
    }
}
