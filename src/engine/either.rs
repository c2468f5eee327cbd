//! One engine that is either: what runs on it is compiled once, and chooses when it starts.

use super::cpu::Cpu;
use super::gpu::{self, Gpu};
use super::{
    Activation, Attention, Decoding, Description, DiagonalProducts, Edges, EdgesBack, Engine,
    EngineError, NormBack, NormRows, Product, Rotation, Spread, Values,
};

/// The CPU or a GPU.
pub enum Either {
    Cpu(Cpu),
    Gpu(Gpu),
}

/// What one of the two holds.
pub enum OfEither<C, G> {
    Cpu(C),
    Gpu(G),
}

type Tensor = OfEither<Values, gpu::Tensor>;
type Indices = OfEither<Vec<u32>, gpu::Indices>;

const OTHERS: &str = "tensors belong to the engine that made them";

impl<C, G> OfEither<C, G> {
    fn cpu(&self) -> &C {
        match self {
            OfEither::Cpu(held) => held,
            OfEither::Gpu(_) => panic!("{OTHERS}"),
        }
    }

    fn gpu(&self) -> &G {
        match self {
            OfEither::Gpu(held) => held,
            OfEither::Cpu(_) => panic!("{OTHERS}"),
        }
    }
}

/// Calls an operation of the engine that there is, with the tensors of it.
macro_rules! call {
    ($self:ident, $name:ident($($tensor:ident),*; $($rest:expr),*)) => {
        match $self {
            Either::Cpu(engine) => OfEither::Cpu(engine.$name($($tensor.cpu(),)* $($rest),*)),
            Either::Gpu(engine) => OfEither::Gpu(engine.$name($($tensor.gpu(),)* $($rest),*)),
        }
    };
}

/// The same for an operation that adds to a tensor.
macro_rules! add_to {
    ($self:ident, $out:ident, |$engine:ident, $to:ident, $of:ident| $call:expr) => {
        match ($self, $out) {
            (Either::Cpu($engine), OfEither::Cpu($to)) => {
                macro_rules! $of {
                    ($tensor:expr) => {
                        $tensor.cpu()
                    };
                }
                $call
            }
            (Either::Gpu($engine), OfEither::Gpu($to)) => {
                macro_rules! $of {
                    ($tensor:expr) => {
                        $tensor.gpu()
                    };
                }
                $call
            }
            _ => panic!("{OTHERS}"),
        }
    };
}

impl Engine for Either {
    type Tensor = Tensor;
    type Indices = Indices;

    fn describe(&self) -> Description {
        match self {
            Either::Cpu(engine) => engine.describe(),
            Either::Gpu(engine) => engine.describe(),
        }
    }

    fn rows_at_once(&self, values: usize) -> usize {
        match self {
            Either::Cpu(engine) => engine.rows_at_once(values),
            Either::Gpu(engine) => engine.rows_at_once(values),
        }
    }

    fn upload(&self, values: &[f32]) -> Tensor {
        call!(self, upload(; values))
    }

    fn share(&self, weights: &Values) -> Tensor {
        call!(self, share(; weights))
    }

    fn upload_indices(&self, values: &[u32]) -> Indices {
        call!(self, upload_indices(; values))
    }

    fn zeros(&self, length: usize) -> Tensor {
        call!(self, zeros(; length))
    }

    async fn read(&self, tensors: &[(&Tensor, usize)]) -> Result<Vec<Vec<f32>>, EngineError> {
        match self {
            Either::Cpu(engine) => {
                let all = tensors
                    .iter()
                    .map(|(tensor, length)| (tensor.cpu(), *length));
                engine.read(&all.collect::<Vec<_>>()).await
            }
            Either::Gpu(engine) => {
                let all = tensors
                    .iter()
                    .map(|(tensor, length)| (tensor.gpu(), *length));
                engine.read(&all.collect::<Vec<_>>()).await
            }
        }
    }

    fn held<'t>(&self, tensor: &'t Tensor) -> Option<&'t [f32]> {
        match tensor {
            OfEither::Cpu(tensor) => Some(tensor),
            OfEither::Gpu(_) => None,
        }
    }

    fn matmul(&self, a: &Tensor, b: &Tensor, bias: Option<&Tensor>, product: Product) -> Tensor {
        match self {
            Either::Cpu(engine) => {
                OfEither::Cpu(engine.matmul(a.cpu(), b.cpu(), bias.map(OfEither::cpu), product))
            }
            Either::Gpu(engine) => {
                OfEither::Gpu(engine.matmul(a.gpu(), b.gpu(), bias.map(OfEither::gpu), product))
            }
        }
    }

    fn matmul_add(&self, out: &mut Tensor, a: &Tensor, b: &Tensor, product: Product) {
        add_to!(self, out, |engine, to, of| engine.matmul_add(
            to,
            of!(a),
            of!(b),
            product
        ));
    }

    fn diagonal_products(
        &self,
        a: &Tensor,
        b: &Tensor,
        diagonals: &Tensor,
        sizes: DiagonalProducts,
    ) -> Tensor {
        call!(self, diagonal_products(a, b, diagonals; sizes))
    }

    fn add(&self, a: &Tensor, b: &Tensor, length: usize) -> Tensor {
        call!(self, add(a, b; length))
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
        add_to!(self, out, |engine, to, of| engine.add_scaled(
            to,
            offset,
            of!(x),
            from,
            length,
            factor
        ));
    }

    fn scale_tokens(
        &self,
        x: &Tensor,
        scale: &Tensor,
        rows: usize,
        tokens: usize,
        width: usize,
    ) -> Tensor {
        call!(self, scale_tokens(x, scale; rows, tokens, width))
    }

    fn norm(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        epsilon: f32,
        sizes: NormRows,
    ) -> (Tensor, Tensor) {
        match self {
            Either::Cpu(engine) => {
                let (x, weight, bias) = (x.cpu(), weight.cpu(), bias.cpu());
                let (out, scale) = engine.norm(x, weight, bias, epsilon, sizes);
                (OfEither::Cpu(out), OfEither::Cpu(scale))
            }
            Either::Gpu(engine) => {
                let (x, weight, bias) = (x.gpu(), weight.gpu(), bias.gpu());
                let (out, scale) = engine.norm(x, weight, bias, epsilon, sizes);
                (OfEither::Gpu(out), OfEither::Gpu(scale))
            }
        }
    }

    fn norm_frozen(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        scale: &Tensor,
        sizes: NormRows,
    ) -> Tensor {
        call!(self, norm_frozen(x, weight, bias, scale; sizes))
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
        add_to!(self, out, |engine, to, of| engine.norm_back(
            to,
            of!(gradient),
            of!(x),
            of!(weight),
            of!(scale),
            sizes
        ));
    }

    fn activate(&self, x: &Tensor, activation: Activation, length: usize) -> Tensor {
        call!(self, activate(x; activation, length))
    }

    fn activation_slope(&self, x: &Tensor, activation: Activation, length: usize) -> Tensor {
        call!(self, activation_slope(x; activation, length))
    }

    fn jump_relu(&self, x: &Tensor, threshold: &Tensor, rows: usize, features: usize) -> Tensor {
        call!(self, jump_relu(x, threshold; rows, features))
    }

    fn top_k(&self, x: &Tensor, k: usize, rows: usize, features: usize) -> Tensor {
        call!(self, top_k(x; k, rows, features))
    }

    fn active(&self, x: &Tensor, most: usize, rows: usize, features: usize) -> Tensor {
        call!(self, active(x; most, rows, features))
    }

    fn rotate(&self, x: &mut Tensor, table: &Tensor, sizes: Rotation) {
        add_to!(self, x, |engine, to, of| engine.rotate(
            to,
            of!(table),
            sizes
        ));
    }

    fn attention_pattern(&self, past: Option<&Tensor>, qkv: &Tensor, sizes: Attention) -> Tensor {
        match self {
            Either::Cpu(engine) => {
                OfEither::Cpu(engine.attention_pattern(past.map(OfEither::cpu), qkv.cpu(), sizes))
            }
            Either::Gpu(engine) => {
                OfEither::Gpu(engine.attention_pattern(past.map(OfEither::gpu), qkv.gpu(), sizes))
            }
        }
    }

    fn attention_mix(
        &self,
        pattern: &Tensor,
        past: Option<&Tensor>,
        values: &Tensor,
        parts: usize,
        sizes: Attention,
    ) -> Tensor {
        match self {
            Either::Cpu(engine) => {
                let past = past.map(OfEither::cpu);
                OfEither::Cpu(engine.attention_mix(pattern.cpu(), past, values.cpu(), parts, sizes))
            }
            Either::Gpu(engine) => {
                let past = past.map(OfEither::gpu);
                OfEither::Gpu(engine.attention_mix(pattern.gpu(), past, values.gpu(), parts, sizes))
            }
        }
    }

    fn attention_unmix(&self, pattern: &Tensor, gradient: &Tensor, sizes: Attention) -> Tensor {
        call!(self, attention_unmix(pattern, gradient; sizes))
    }

    fn head_products(&self, a: &Tensor, b: &Tensor, columns: usize, sizes: Attention) -> Tensor {
        call!(self, head_products(a, b; columns, sizes))
    }

    fn attention_spread(
        &self,
        out: &mut Tensor,
        weights: &Tensor,
        rows: &Tensor,
        at: &Indices,
        sizes: Spread,
    ) {
        add_to!(self, out, |engine, to, of| engine.attention_spread(
            to,
            of!(weights),
            of!(rows),
            of!(at),
            sizes
        ));
    }

    fn softmax_back(&self, x: &Tensor, gradient: &Tensor, rows: usize, columns: usize) -> Tensor {
        call!(self, softmax_back(x, gradient; rows, columns))
    }

    fn attention_scores_back(
        &self,
        pattern: &Tensor,
        qkv: &Tensor,
        gradient: &Tensor,
        sizes: Attention,
    ) -> Tensor {
        call!(self, attention_scores_back(pattern, qkv, gradient; sizes))
    }

    fn attention_back(
        &self,
        pattern: &Tensor,
        scores: &Tensor,
        qkv: &Tensor,
        gradient: &Tensor,
        sizes: Attention,
    ) -> Tensor {
        call!(self, attention_back(pattern, scores, qkv, gradient; sizes))
    }

    fn decode(
        &self,
        out: &mut Tensor,
        activations: &Tensor,
        decoder: &Tensor,
        sizes: Decoding,
        factor: f32,
    ) {
        add_to!(self, out, |engine, to, of| engine.decode(
            to,
            of!(activations),
            of!(decoder),
            sizes,
            factor
        ));
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
        add_to!(self, out, |engine, to, of| engine.steer(
            to,
            of!(activations),
            of!(decoder),
            of!(positions),
            of!(features),
            of!(values),
            count,
            sizes
        ));
    }

    fn gather_rows(
        &self,
        table: &Tensor,
        indices: &Indices,
        scales: &Tensor,
        count: usize,
        width: usize,
    ) -> Tensor {
        call!(self, gather_rows(table, indices, scales; count, width))
    }

    fn scatter_rows(
        &self,
        out: &mut Tensor,
        rows: &Tensor,
        indices: &Indices,
        count: usize,
        width: usize,
    ) {
        add_to!(self, out, |engine, to, of| engine.scatter_rows(
            to,
            of!(rows),
            of!(indices),
            count,
            width
        ));
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
        add_to!(self, out, |engine, to, of| engine.edges(
            to,
            of!(gradient),
            of!(vectors),
            of!(positions),
            of!(columns),
            sizes
        ));
    }

    fn edges_back(
        &self,
        out: &mut Tensor,
        rows: &Tensor,
        vectors: &Tensor,
        starts: &Indices,
        sizes: EdgesBack,
    ) {
        add_to!(self, out, |engine, to, of| engine.edges_back(
            to,
            of!(rows),
            of!(vectors),
            of!(starts),
            sizes
        ));
    }
}
