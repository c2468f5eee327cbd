//! The operations in plain Rust: the reference for the kernels, and the engine where there is no
//! WebGPU. Natively on all cores; in wasm with its SIMD.

mod attention;
mod elementwise;
mod matmul;
mod norm;
mod parallel;
mod transcoder;

use super::{
    Activation, Attention, Decoding, Description, DiagonalProducts, Edges, EdgesBack, Engine,
    EngineError, NormBack, NormRows, Product, Rotation, Spread,
};
use crate::buffers;
use crate::model::Values;
#[cfg(not(target_arch = "wasm32"))]
pub use attograph_kernels::counted;

/// Values of all rows that are worked on together: 1 MiB, within 32 to 64 rows. Larger results would not stay in a core's caches.
const VALUES_AT_ONCE: usize = 1 << 18;

/// The CPU as an engine. Operations run at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu;

impl Engine for Cpu {
    type Tensor = Values;
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

    #[cfg(not(target_arch = "wasm32"))]
    fn each<T: super::Shareable>(
        &self,
        count: usize,
        work: impl Fn(usize) -> T + super::Shareable,
    ) -> Vec<T> {
        parallel::each(count, work)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn both<A: super::Shareable, B: super::Shareable>(
        &self,
        one: impl FnOnce() -> A + super::Shareable,
        other: impl FnOnce() -> B + super::Shareable,
    ) -> (A, B) {
        rayon::join(one, other)
    }

    fn upload(&self, values: &[f32]) -> Values {
        values.to_vec().into()
    }

    fn share(&self, weights: &Values) -> Values {
        weights.clone()
    }

    fn upload_indices(&self, values: &[u32]) -> Vec<u32> {
        values.to_vec()
    }

    fn zeros(&self, length: usize) -> Values {
        buffers::zeros(length).into()
    }

    async fn read(&self, tensors: &[(&Values, usize)]) -> Result<Vec<Vec<f32>>, EngineError> {
        Ok(tensors
            .iter()
            .map(|(tensor, length)| tensor[..*length].to_vec())
            .collect())
    }

    fn held<'t>(&self, tensor: &'t Values) -> Option<&'t [f32]> {
        Some(tensor)
    }

    fn matmul(&self, a: &Values, b: &Values, bias: Option<&Values>, product: Product) -> Values {
        let Some(bias) = bias else {
            return matmul::matmul(a, b, product).into();
        };
        let mut out = bias[..product.columns].repeat(product.rows);
        matmul::matmul_add(&mut out, a, b, product);
        out.into()
    }

    fn matmul_add(&self, out: &mut Values, a: &Values, b: &Values, product: Product) {
        matmul::matmul_add(out, a, b, product);
    }

    fn diagonal_products(
        &self,
        a: &Values,
        b: &Values,
        diagonals: &Values,
        sizes: DiagonalProducts,
    ) -> Values {
        matmul::diagonal_products(a, b, diagonals, sizes).into()
    }

    fn add(&self, a: &Values, b: &Values, length: usize) -> Values {
        elementwise::add(&a[..length], &b[..length]).into()
    }

    fn add_scaled(
        &self,
        out: &mut Values,
        offset: usize,
        x: &Values,
        from: usize,
        length: usize,
        factor: f32,
    ) {
        attograph_kernels::add_scaled(
            &mut out[offset..offset + length],
            &x[from..from + length],
            factor,
        );
    }

    fn scale_tokens(
        &self,
        x: &Values,
        scale: &Values,
        rows: usize,
        tokens: usize,
        width: usize,
    ) -> Values {
        elementwise::scale_tokens(&x[..rows * tokens * width], &scale[..tokens], width).into()
    }

    fn norm(
        &self,
        x: &Values,
        weight: &Values,
        bias: &Values,
        epsilon: f32,
        sizes: NormRows,
    ) -> (Values, Values) {
        let length = sizes.rows * sizes.width;
        let (out, scale) = norm::norm(&x[..length], weight, bias, epsilon, sizes);
        (out.into(), scale.into())
    }

    fn norm_frozen(
        &self,
        x: &Values,
        weight: &Values,
        bias: &Values,
        scale: &Values,
        sizes: NormRows,
    ) -> Values {
        let length = sizes.rows * sizes.width;
        norm::norm_frozen(&x[..length], weight, bias, scale, sizes).into()
    }

    fn norm_back(
        &self,
        out: &mut Values,
        gradient: &Values,
        x: &Values,
        weight: &Values,
        scale: &Values,
        sizes: NormBack,
    ) {
        norm::norm_back(out, gradient, x, weight, scale, sizes);
    }

    fn activate(&self, x: &Values, activation: Activation, length: usize) -> Values {
        elementwise::activate(&x[..length], activation).into()
    }

    fn activation_slope(&self, x: &Values, activation: Activation, length: usize) -> Values {
        elementwise::activation_slope(&x[..length], activation).into()
    }

    fn jump_relu(&self, x: &Values, threshold: &Values, rows: usize, features: usize) -> Values {
        elementwise::jump_relu(&x[..rows * features], &threshold[..features]).into()
    }

    fn top_k(&self, x: &Values, k: usize, rows: usize, features: usize) -> Values {
        transcoder::top_k(&x[..rows * features], k, features).into()
    }

    fn active(&self, x: &Values, most: usize, rows: usize, features: usize) -> Values {
        transcoder::active(&x[..rows * features], most, features).into()
    }

    fn rotate(&self, x: &mut Values, table: &Values, sizes: Rotation) {
        attention::rotate(&mut x[..sizes.rows * sizes.stride], table, sizes);
    }

    fn attention_pattern(&self, past: Option<&Values>, qkv: &Values, sizes: Attention) -> Values {
        attention::pattern(past.map_or(&[], |past| past), qkv, sizes).into()
    }

    fn attention_mix(
        &self,
        pattern: &Values,
        past: Option<&Values>,
        values: &Values,
        parts: usize,
        sizes: Attention,
    ) -> Values {
        let past: &[f32] = past.map_or(&[], |past| past);
        attention::mix(pattern, past, values, parts, sizes).into()
    }

    fn attention_unmix(&self, pattern: &Values, gradient: &Values, sizes: Attention) -> Values {
        attention::unmix(pattern, gradient, sizes).into()
    }

    fn head_products(&self, a: &Values, b: &Values, columns: usize, sizes: Attention) -> Values {
        attention::head_products(a, b, columns, sizes).into()
    }

    fn attention_spread(
        &self,
        out: &mut Values,
        weights: &Values,
        rows: &Values,
        at: &Vec<u32>,
        sizes: Spread,
    ) {
        attention::spread(out, weights, rows, &at[..sizes.count], sizes);
    }

    fn softmax_back(&self, x: &Values, gradient: &Values, rows: usize, columns: usize) -> Values {
        attention::softmax_back(&x[..rows * columns], gradient, columns).into()
    }

    fn attention_scores_back(
        &self,
        pattern: &Values,
        qkv: &Values,
        gradient: &Values,
        sizes: Attention,
    ) -> Values {
        attention::scores_back(pattern, qkv, gradient, sizes).into()
    }

    fn attention_back(
        &self,
        pattern: &Values,
        scores: &Values,
        qkv: &Values,
        gradient: &Values,
        sizes: Attention,
    ) -> Values {
        attention::back(pattern, scores, qkv, gradient, sizes).into()
    }

    fn decode(
        &self,
        out: &mut Values,
        activations: &Values,
        decoder: &Values,
        sizes: Decoding,
        factor: f32,
    ) {
        transcoder::decode(out, activations, decoder, sizes, factor);
    }

    fn steer(
        &self,
        out: &mut Values,
        activations: &Values,
        decoder: &Values,
        positions: &Vec<u32>,
        features: &Vec<u32>,
        values: &Values,
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
        table: &Values,
        indices: &Vec<u32>,
        scales: &Values,
        count: usize,
        width: usize,
    ) -> Values {
        transcoder::gather_rows(table, &indices[..count], &scales[..count], width).into()
    }

    fn scatter_rows(
        &self,
        out: &mut Values,
        rows: &Values,
        indices: &Vec<u32>,
        count: usize,
        width: usize,
    ) {
        transcoder::scatter_rows(out, rows, &indices[..count], width);
    }

    fn edges(
        &self,
        out: &mut Values,
        gradient: &Values,
        vectors: &Values,
        positions: &Vec<u32>,
        columns: &Vec<u32>,
        sizes: Edges,
    ) {
        transcoder::edges(out, gradient, vectors, positions, columns, sizes);
    }

    fn edges_back(
        &self,
        out: &mut Values,
        rows: &Values,
        vectors: &Values,
        starts: &Vec<u32>,
        sizes: EdgesBack,
    ) {
        transcoder::edges_back(out, rows, vectors, starts, sizes);
    }
}
