//! The operations in plain Rust: the reference for the kernels, and the engine where there is no
//! WebGPU. Natively on all cores; in wasm with its SIMD.

mod attention;
mod elementwise;
mod matmul;
mod norm;
mod parallel;
mod transcoder;

use super::{
    Activation, Attention, Decoding, Description, Edges, Engine, EngineError, NormBack, NormRows,
    Product, Rotation,
};

/// Values of all rows that are worked on together: 1 MiB, within 32 to 64 rows. Larger results are fresh memory each
/// time, and the system's handling of its pages takes longer than the sums.
const VALUES_AT_ONCE: usize = 1 << 18;

/// The CPU as an engine. Operations run at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu;

impl Engine for Cpu {
    type Tensor = Vec<f32>;
    type Indices = Vec<u32>;

    fn describe(&self) -> Description {
        Description {
            engine: "cpu",
            device: parallel::device(),
            software: false,
        }
    }

    fn rows_at_once(&self, values: usize) -> usize {
        (VALUES_AT_ONCE / values.max(1)).clamp(32, 64)
    }

    fn upload(&self, values: &[f32]) -> Vec<f32> {
        values.to_vec()
    }

    fn upload_indices(&self, values: &[u32]) -> Vec<u32> {
        values.to_vec()
    }

    fn zeros(&self, length: usize) -> Vec<f32> {
        vec![0.0; length]
    }

    async fn read(&self, tensors: &[(&Vec<f32>, usize)]) -> Result<Vec<Vec<f32>>, EngineError> {
        Ok(tensors
            .iter()
            .map(|(tensor, length)| tensor[..*length].to_vec())
            .collect())
    }

    fn matmul(
        &self,
        a: &Vec<f32>,
        b: &Vec<f32>,
        bias: Option<&Vec<f32>>,
        product: Product,
    ) -> Vec<f32> {
        let mut out = match bias {
            Some(bias) => bias[..product.columns].repeat(product.rows),
            None => vec![0.0; product.rows * product.columns],
        };
        matmul::matmul_add(&mut out, a, b, product);
        out
    }

    fn matmul_add(&self, out: &mut Vec<f32>, a: &Vec<f32>, b: &Vec<f32>, product: Product) {
        matmul::matmul_add(out, a, b, product);
    }

    fn add(&self, a: &Vec<f32>, b: &Vec<f32>, length: usize) -> Vec<f32> {
        elementwise::add(&a[..length], &b[..length])
    }

    fn add_scaled(
        &self,
        out: &mut Vec<f32>,
        offset: usize,
        x: &Vec<f32>,
        from: usize,
        length: usize,
        factor: f32,
    ) {
        elementwise::add_scaled(
            &mut out[offset..offset + length],
            &x[from..from + length],
            factor,
        );
    }

    fn scale_tokens(
        &self,
        x: &Vec<f32>,
        scale: &Vec<f32>,
        rows: usize,
        tokens: usize,
        width: usize,
    ) -> Vec<f32> {
        elementwise::scale_tokens(&x[..rows * tokens * width], &scale[..tokens], width)
    }

    fn norm(
        &self,
        x: &Vec<f32>,
        weight: &Vec<f32>,
        bias: &Vec<f32>,
        epsilon: f32,
        sizes: NormRows,
    ) -> (Vec<f32>, Vec<f32>) {
        let length = sizes.rows * sizes.width;
        norm::norm(&x[..length], weight, bias, epsilon, sizes)
    }

    fn norm_frozen(
        &self,
        x: &Vec<f32>,
        weight: &Vec<f32>,
        bias: &Vec<f32>,
        scale: &Vec<f32>,
        sizes: NormRows,
    ) -> Vec<f32> {
        let length = sizes.rows * sizes.width;
        norm::norm_frozen(&x[..length], weight, bias, scale, sizes)
    }

    fn norm_back(
        &self,
        out: &mut Vec<f32>,
        gradient: &Vec<f32>,
        x: &Vec<f32>,
        weight: &Vec<f32>,
        scale: &Vec<f32>,
        sizes: NormBack,
    ) {
        norm::norm_back(out, gradient, x, weight, scale, sizes);
    }

    fn activate(&self, x: &Vec<f32>, activation: Activation, length: usize) -> Vec<f32> {
        elementwise::activate(&x[..length], activation)
    }

    fn jump_relu(
        &self,
        x: &Vec<f32>,
        threshold: &Vec<f32>,
        rows: usize,
        features: usize,
    ) -> Vec<f32> {
        elementwise::jump_relu(&x[..rows * features], &threshold[..features])
    }

    fn top_k(&self, x: &Vec<f32>, k: usize, rows: usize, features: usize) -> Vec<f32> {
        transcoder::top_k(&x[..rows * features], k, features)
    }

    fn rotate(&self, x: &mut Vec<f32>, table: &Vec<f32>, sizes: Rotation) {
        attention::rotate(&mut x[..sizes.rows * sizes.stride], table, sizes);
    }

    fn attention_pattern(
        &self,
        past: Option<&Vec<f32>>,
        qkv: &Vec<f32>,
        sizes: Attention,
    ) -> Vec<f32> {
        attention::pattern(past.map_or(&[], Vec::as_slice), qkv, sizes)
    }

    fn attention_mix(
        &self,
        pattern: &Vec<f32>,
        past: Option<&Vec<f32>>,
        values: &Vec<f32>,
        parts: usize,
        sizes: Attention,
    ) -> Vec<f32> {
        let past: &[f32] = past.map_or(&[], Vec::as_slice);
        attention::mix(pattern, past, values, parts, sizes)
    }

    fn attention_unmix(
        &self,
        pattern: &Vec<f32>,
        gradient: &Vec<f32>,
        sizes: Attention,
    ) -> Vec<f32> {
        attention::unmix(pattern, gradient, sizes)
    }

    fn attention_scores_back(
        &self,
        pattern: &Vec<f32>,
        qkv: &Vec<f32>,
        gradient: &Vec<f32>,
        sizes: Attention,
    ) -> Vec<f32> {
        attention::scores_back(pattern, qkv, gradient, sizes)
    }

    fn attention_back(
        &self,
        pattern: &Vec<f32>,
        scores: &Vec<f32>,
        qkv: &Vec<f32>,
        gradient: &Vec<f32>,
        sizes: Attention,
    ) -> Vec<f32> {
        attention::back(pattern, scores, qkv, gradient, sizes)
    }

    fn decode(
        &self,
        out: &mut Vec<f32>,
        activations: &Vec<f32>,
        decoder: &Vec<f32>,
        sizes: Decoding,
        factor: f32,
    ) {
        transcoder::decode(out, activations, decoder, sizes, factor);
    }

    fn steer(
        &self,
        out: &mut Vec<f32>,
        activations: &Vec<f32>,
        decoder: &Vec<f32>,
        positions: &Vec<u32>,
        features: &Vec<u32>,
        values: &Vec<f32>,
        count: usize,
        sizes: Decoding,
    ) {
        for j in 0..count {
            let place = (positions[j] as usize, features[j] as usize);
            transcoder::steer(out, activations, decoder, place, values[j], sizes);
        }
    }

    fn gather_rows(
        &self,
        table: &Vec<f32>,
        indices: &Vec<u32>,
        scales: &Vec<f32>,
        count: usize,
        width: usize,
    ) -> Vec<f32> {
        transcoder::gather_rows(table, &indices[..count], &scales[..count], width)
    }

    fn scatter_rows(
        &self,
        out: &mut Vec<f32>,
        rows: &Vec<f32>,
        indices: &Vec<u32>,
        count: usize,
        width: usize,
    ) {
        transcoder::scatter_rows(out, rows, &indices[..count], width);
    }

    fn edges(
        &self,
        out: &mut Vec<f32>,
        gradient: &Vec<f32>,
        vectors: &Vec<f32>,
        positions: &Vec<u32>,
        columns: &Vec<u32>,
        sizes: Edges,
    ) {
        transcoder::edges(out, gradient, vectors, positions, columns, sizes);
    }
}
