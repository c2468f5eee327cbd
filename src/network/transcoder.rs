//! One layer's transcoder: which features are active, what they write, and its skip path.

use super::Reads;
use crate::engine::{Decoding, Engine, Product};
use crate::model::{self, TranscoderLayer};

/// Which features are active: [`model::Gate`].
enum Gate<T> {
    /// [features]
    Threshold(T),
    TopK(usize),
}

/// The features of one layer.
pub(crate) struct LayerTranscoder<T> {
    /// [features, width]
    pub encoder: T,
    encoder_bias: T,
    gate: Gate<T>,
    /// [features, outputs x width]
    pub decoder: T,
    /// [width (outputs), width (inputs)]
    skip: Option<T>,
    features: usize,
    width: usize,
    /// Layers that it writes to.
    outputs: usize,
    layer: usize,
}

impl<T> LayerTranscoder<T> {
    pub fn new<E: Engine<Tensor = T>>(engine: &E, model: &model::Transcoder, layer: usize) -> Self {
        let TranscoderLayer {
            encoder,
            encoder_bias,
            gate,
            decoder,
            skip,
            ..
        } = &model.layers[layer];
        LayerTranscoder {
            encoder: engine.share(&encoder.values),
            encoder_bias: engine.upload(encoder_bias),
            gate: match gate {
                model::Gate::Threshold(values) => Gate::Threshold(engine.upload(values)),
                model::Gate::TopK(k) => Gate::TopK(*k),
            },
            decoder: engine.share(&decoder.values),
            skip: skip.as_ref().map(|skip| engine.share(&skip.values)),
            features: model.features(),
            width: encoder.columns,
            outputs: model.outputs(layer),
            layer,
        }
    }

    /// Pre-activations, [rows, features], from what the encoder reads, [rows, width].
    pub fn pre_activations<E: Engine<Tensor = T>>(&self, engine: &E, input: &T, rows: usize) -> T {
        let product = Product {
            rows,
            inner: self.width,
            columns: self.features,
            transposed: true,
        };
        engine.matmul(input, &self.encoder, Some(&self.encoder_bias), product)
    }

    /// Activations from pre-activations, [rows, features].
    pub fn activate<E: Engine<Tensor = T>>(&self, engine: &E, pre: &T, rows: usize) -> T {
        match &self.gate {
            Gate::Threshold(threshold) => engine.jump_relu(pre, threshold, rows, self.features),
            Gate::TopK(k) => engine.top_k(pre, *k, rows, self.features),
        }
    }

    /// Adds to `out` [layers, rows, width] what features of these activations [rows, features] write,
    /// times `factor`. `first` is this layer's place in `out`: its own number where all layers are there.
    pub fn decode<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        out: &mut T,
        activations: &T,
        rows: usize,
        factor: f32,
        first: Option<usize>,
    ) {
        let sizes = self.decoding(rows, first.unwrap_or(self.layer));
        engine.decode(out, activations, &self.decoder, sizes, factor);
    }

    /// The sizes of what its features write.
    pub fn decoding(&self, rows: usize, layer: usize) -> Decoding {
        Decoding {
            tokens: rows,
            features: self.features,
            outputs: self.outputs,
            width: self.width,
            layer,
        }
    }

    /// What the skip path writes, [rows, width], if there is one.
    pub fn skip<E: Engine<Tensor = T>>(&self, engine: &E, input: &T, rows: usize) -> Option<T> {
        let skip = self.skip.as_ref()?;
        Some(engine.matmul(input, skip, None, self.square(rows, true)))
    }

    /// Gradients by what the encoder reads, through the skip path, from those by what the layer
    /// writes, both [rows, width]; none without one.
    pub fn skip_back<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        gradient: &T,
        rows: usize,
    ) -> Option<T> {
        let skip = self.skip.as_ref()?;
        Some(engine.matmul(gradient, skip, None, self.square(rows, false)))
    }

    /// What these features read, [count, width].
    pub fn readers<E: Engine<Tensor = T>>(&self, engine: &E, features: &[u32]) -> T {
        super::take(engine, &self.encoder, features, self.width)
    }

    fn square(&self, rows: usize, transposed: bool) -> Product {
        Product {
            rows,
            inner: self.width,
            columns: self.width,
            transposed,
        }
    }
}

/// Of the residual stream before an MLP and its norm's output: what the encoders read.
pub(crate) fn encoder_input<'a, T>(reads: Reads, mid: &'a T, normed: &'a T) -> &'a T {
    match reads {
        Reads::ResidualMid => mid,
        Reads::MlpNorm => normed,
    }
}
