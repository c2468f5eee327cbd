//! The operations on a GPU, by wgpu: natively and in browsers. Plain f32 and no extensions, so that
//! it runs wherever WebGPU does. Each operation is a kernel in `shaders/`, with its counterpart in
//! [`cpu`](crate::engine::cpu).

mod attention;
mod device;
mod elementwise;
mod kernels;
mod matmul;
mod norm;
mod opened;
mod pool;
mod readback;
mod recorder;
mod tensor;
mod transcoder;
mod wgsl;

use super::{
    Activation, Attention, Decoding, Description, Edges, EdgesBack, Engine, EngineError, NormBack,
    NormRows, Product, Rotation, Spread,
};
pub use device::Timer;
use opened::locked;
pub use opened::{Gpu, Holdings, Opened};
use pool::{Buffer, Use};
pub use tensor::{Indices, Tensor};

/// The number of values in a tensor of this shape.
fn size(shape: &[usize]) -> u64 {
    shape
        .iter()
        .fold(1, |size: u64, next| size.saturating_mul(*next as u64))
}

/// Workgroups of 64 threads.
fn groups(threads: u64) -> u64 {
    threads.div_ceil(64)
}

/// A size as kernels take it. Those that don't fit belong to tensors that don't either, and
/// [`Gpu::run`] refuses them.
fn narrow(size: usize) -> u32 {
    size as u32
}

impl Engine for Gpu {
    type Tensor = Tensor;
    type Indices = Indices;

    fn describe(&self) -> Description {
        self.device.description.clone()
    }

    fn rows_at_once(&self, _values: usize) -> usize {
        usize::MAX
    }

    fn upload(&self, values: &[f32]) -> Tensor {
        Tensor {
            buffer: self.write(values),
            length: values.len() as u64,
        }
    }

    fn upload_indices(&self, values: &[u32]) -> Indices {
        Indices {
            buffer: self.write(values),
            length: values.len() as u64,
        }
    }

    fn zeros(&self, length: usize) -> Tensor {
        let length = length as u64;
        let (buffer, new) = self.buffer(|| "A tensor".into(), length, Use::Result);
        let out = Tensor { buffer, length };
        if !new {
            let params = kernels::Fill {
                length: length as u32,
            };
            self.run(params, &[], &[out.first(length)], groups(length), 0);
        }
        out
    }

    async fn read(&self, tensors: &[(&Tensor, usize)]) -> Result<Vec<Vec<f32>>, EngineError> {
        for (tensor, length) in tensors {
            self.check("the result", tensor.first(*length as u64));
        }
        let wanted: Vec<(&Buffer, usize)> = tensors
            .iter()
            .map(|(tensor, length)| (&tensor.buffer, *length))
            .collect();
        self.readback
            .read(&self.device, &self.recorder, &wanted)
            .await
    }

    fn matmul(&self, a: &Tensor, b: &Tensor, bias: Option<&Tensor>, product: Product) -> Tensor {
        matmul::matmul(self, a, b, bias, product)
    }

    fn matmul_add(&self, out: &mut Tensor, a: &Tensor, b: &Tensor, product: Product) {
        matmul::matmul_add(self, out, a, b, product);
    }

    fn add(&self, a: &Tensor, b: &Tensor, length: usize) -> Tensor {
        elementwise::add(self, a, b, length)
    }

    fn add_scaled(
        &self,
        out: &mut Tensor,
        offset: usize,
        x: &Tensor,
        from: usize,
        length: usize,
        factor: f32,
    ) {
        elementwise::add_scaled(self, out, offset, x, from, length, factor);
    }

    fn scale_tokens(
        &self,
        x: &Tensor,
        scale: &Tensor,
        rows: usize,
        tokens: usize,
        width: usize,
    ) -> Tensor {
        elementwise::scale_tokens(self, x, scale, rows, tokens, width)
    }

    fn norm(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        epsilon: f32,
        sizes: NormRows,
    ) -> (Tensor, Tensor) {
        norm::norm(self, x, weight, bias, epsilon, sizes)
    }

    fn norm_frozen(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        scale: &Tensor,
        sizes: NormRows,
    ) -> Tensor {
        norm::norm_frozen(self, x, weight, bias, scale, sizes)
    }

    fn norm_back(
        &self,
        out: &mut Tensor,
        gradient: &Tensor,
        x: &Tensor,
        weight: &Tensor,
        scale: &Tensor,
        sizes: NormBack,
    ) {
        norm::norm_back(self, out, gradient, x, weight, scale, sizes);
    }

    fn activate(&self, x: &Tensor, activation: Activation, length: usize) -> Tensor {
        elementwise::activate(self, x, activation, length, false)
    }

    fn activation_slope(&self, x: &Tensor, activation: Activation, length: usize) -> Tensor {
        elementwise::activate(self, x, activation, length, true)
    }

    fn jump_relu(&self, x: &Tensor, threshold: &Tensor, rows: usize, features: usize) -> Tensor {
        elementwise::jump_relu(self, x, threshold, rows, features)
    }

    fn top_k(&self, x: &Tensor, k: usize, rows: usize, features: usize) -> Tensor {
        transcoder::top_k(self, x, k, rows, features)
    }

    fn active(&self, x: &Tensor, most: usize, rows: usize, features: usize) -> Tensor {
        transcoder::active(self, x, most, rows, features)
    }

    fn rotate(&self, x: &mut Tensor, table: &Tensor, sizes: Rotation) {
        attention::rotate(self, x, table, sizes);
    }

    fn attention_pattern(&self, past: Option<&Tensor>, qkv: &Tensor, sizes: Attention) -> Tensor {
        attention::pattern(self, past, qkv, sizes)
    }

    fn attention_mix(
        &self,
        pattern: &Tensor,
        past: Option<&Tensor>,
        values: &Tensor,
        parts: usize,
        sizes: Attention,
    ) -> Tensor {
        attention::mix(self, pattern, past, values, parts, sizes)
    }

    fn attention_unmix(&self, pattern: &Tensor, gradient: &Tensor, sizes: Attention) -> Tensor {
        attention::unmix(self, pattern, gradient, sizes)
    }

    fn head_products(&self, a: &Tensor, b: &Tensor, columns: usize, sizes: Attention) -> Tensor {
        attention::head_products(self, a, b, columns, sizes)
    }

    fn attention_spread(
        &self,
        out: &mut Tensor,
        weights: &Tensor,
        rows: &Tensor,
        at: &Indices,
        sizes: Spread,
    ) {
        attention::spread(self, out, weights, rows, at, sizes);
    }

    fn softmax_back(&self, x: &Tensor, gradient: &Tensor, rows: usize, columns: usize) -> Tensor {
        attention::softmax_back(self, x, gradient, rows, columns)
    }

    fn attention_scores_back(
        &self,
        pattern: &Tensor,
        qkv: &Tensor,
        gradient: &Tensor,
        sizes: Attention,
    ) -> Tensor {
        attention::scores_back(self, pattern, qkv, gradient, sizes)
    }

    fn attention_back(
        &self,
        pattern: &Tensor,
        scores: &Tensor,
        qkv: &Tensor,
        gradient: &Tensor,
        sizes: Attention,
    ) -> Tensor {
        attention::back(self, pattern, scores, qkv, gradient, sizes)
    }

    fn decode(
        &self,
        out: &mut Tensor,
        activations: &Tensor,
        decoder: &Tensor,
        sizes: Decoding,
        factor: f32,
    ) {
        transcoder::decode(self, out, activations, decoder, sizes, factor);
    }

    fn steer(
        &self,
        out: &mut Tensor,
        activations: &Tensor,
        decoder: &Tensor,
        positions: &Indices,
        features: &Indices,
        values: &Tensor,
        count: usize,
        sizes: Decoding,
    ) {
        transcoder::steer(
            self,
            out,
            activations,
            decoder,
            positions,
            features,
            values,
            count,
            sizes,
        );
    }

    fn gather_rows(
        &self,
        table: &Tensor,
        indices: &Indices,
        scales: &Tensor,
        count: usize,
        width: usize,
    ) -> Tensor {
        transcoder::gather_rows(self, table, indices, scales, count, width)
    }

    fn scatter_rows(
        &self,
        out: &mut Tensor,
        rows: &Tensor,
        indices: &Indices,
        count: usize,
        width: usize,
    ) {
        transcoder::scatter_rows(self, out, rows, indices, count, width);
    }

    fn edges(
        &self,
        out: &mut Tensor,
        gradient: &Tensor,
        vectors: &Tensor,
        positions: &Indices,
        columns: &Indices,
        sizes: Edges,
    ) {
        transcoder::edges(self, out, gradient, vectors, positions, columns, sizes);
    }

    fn edges_back(
        &self,
        out: &mut Tensor,
        rows: &Tensor,
        vectors: &Tensor,
        starts: &Indices,
        sizes: EdgesBack,
    ) {
        transcoder::edges_back(self, out, rows, vectors, starts, sizes);
    }
}
