//! Tensor operations behind one trait, with two implementations: [`cpu`] and `gpu`.
//!
//! An engine knows tensors of f32 and nothing of graphs. Tensors are row-major; their shapes are
//! not stored with them but given to each operation, which may use a leading part of a tensor.
//! Operations are recorded in order and may run later; [`Engine::read`] is where results arrive.

pub mod cpu;
#[cfg(feature = "gpu")]
pub mod either;
#[cfg(feature = "gpu")]
pub mod gpu;
mod sizes;

pub use crate::model::Activation;
use crate::model::Values;
pub use sizes::{
    Attention, Decoding, DiagonalProducts, Edges, EdgesBack, NormBack, NormRows, Product, Rotation,
    Spread,
};
use std::future::Future;

/// What keeps an engine from giving a result.
#[derive(Clone, Debug, thiserror::Error, PartialEq)]
pub enum EngineError {
    /// There is no GPU that wgpu can use.
    #[error("There is no usable GPU here: {0}.")]
    NoGpu(String),
    /// A tensor is larger than the device allows.
    #[error(
        "{what} takes {bytes} bytes, and this GPU allows {limit} for one buffer: use the CPU engine or a smaller model."
    )]
    TooLarge {
        what: String,
        bytes: u64,
        limit: u64,
    },
    /// The device reported an error, or is gone.
    #[error("The GPU failed: {0}.")]
    Device(String),
}

/// Whether a value on a diagonal about one is lost in the rounding of the sum, so that an engine may leave it out of
/// [`Engine::diagonal_products`].
pub fn is_negligible(x: f32) -> bool {
    x.abs() < 1e-6
}

/// Which engine this is, for people to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// `"cpu"` or `"gpu"`.
    pub engine: &'static str,
    /// The adapter's name, or how the CPU is used. Empty where a browser hides the name.
    pub device: String,
    /// True for a GPU that is emulated on the CPU.
    pub software: bool,
}

/// What several threads may share, where there are threads: in browsers nothing is asked.
#[cfg(not(target_arch = "wasm32"))]
pub trait Shareable: Send + Sync {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Send + Sync> Shareable for T {}

/// What several threads may share, where there are threads: in browsers nothing is asked.
#[cfg(target_arch = "wasm32")]
pub trait Shareable {}
#[cfg(target_arch = "wasm32")]
impl<T> Shareable for T {}

/// Tensor operations. In the descriptions, `[a, b]` are shapes, row-major.
///
/// # Panics
/// Operations may panic if a tensor is smaller than the sizes given with it.
pub trait Engine: Shareable {
    /// f32 values on the engine's device.
    type Tensor: Shareable;
    /// u32 values on the engine's device.
    type Indices: Shareable;

    /// Which engine this is.
    fn describe(&self) -> Description;

    /// How many rows of so many values it is best given at once: more would not stay in its caches.
    fn rows_at_once(&self, values: usize) -> usize;

    /// What `work` gives for each number below `count`, in order. None of these needs what another gives, so that an engine of
    /// several threads may work on as many at once.
    fn each<T: Shareable>(&self, count: usize, work: impl Fn(usize) -> T + Shareable) -> Vec<T> {
        (0..count).map(work).collect()
    }

    /// What two pieces of work give, neither of which needs what the other gives; an engine of several cores may do both at once.
    fn both<A: Shareable, B: Shareable>(
        &self,
        one: impl FnOnce() -> A + Shareable,
        other: impl FnOnce() -> B + Shareable,
    ) -> (A, B) {
        (one(), other())
    }

    /// A tensor of a model's weights; an engine in the same memory keeps no copy.
    fn share(&self, weights: &Values) -> Self::Tensor {
        self.upload(weights)
    }

    /// A tensor with these values.
    fn upload(&self, values: &[f32]) -> Self::Tensor;

    /// Indices with these values.
    fn upload_indices(&self, values: &[u32]) -> Self::Indices;

    /// A tensor of zeros.
    fn zeros(&self, length: usize) -> Self::Tensor;

    /// Runs everything recorded so far, and returns the values of these tensors, the first
    /// `length` of each. One submission, one readback.
    ///
    /// # Errors
    /// [`EngineError`] if anything recorded since the last read could not run.
    fn read(
        &self,
        tensors: &[(&Self::Tensor, usize)],
    ) -> impl Future<Output = Result<Vec<Vec<f32>>, EngineError>>;

    /// A tensor's values where they lie in the host's memory already, so that nothing need be read.
    fn held<'t>(&self, _tensor: &'t Self::Tensor) -> Option<&'t [f32]> {
        None
    }

    /// `a b + bias`: [rows, columns]. `bias` is [columns].
    fn matmul(
        &self,
        a: &Self::Tensor,
        b: &Self::Tensor,
        bias: Option<&Self::Tensor>,
        product: Product,
    ) -> Self::Tensor;

    /// `out += a b`: `out` is [rows, columns].
    fn matmul_add(
        &self,
        out: &mut Self::Tensor,
        a: &Self::Tensor,
        b: &Self::Tensor,
        product: Product,
    );

    /// Products through a diagonal that is each token's own: `out[r, t, c] = sum_i a[i, r] diagonals[t, i] b[c, i]`, [rows, tokens,
    /// columns]. a is [inner, rows], b [columns, inner], diagonals are [tokens, inner].
    fn diagonal_products(
        &self,
        a: &Self::Tensor,
        b: &Self::Tensor,
        diagonals: &Self::Tensor,
        sizes: DiagonalProducts,
    ) -> Self::Tensor {
        let DiagonalProducts {
            rows,
            tokens,
            inner,
            columns,
        } = sizes;
        let mut identity = vec![0.0; rows * rows];
        identity.iter_mut().step_by(rows + 1).for_each(|x| *x = 1.0);
        let product = |rows, inner, columns| Product {
            rows,
            inner,
            columns,
            transposed: true,
        };
        let identity = self.upload(&identity);
        let a = self.matmul(&identity, a, None, product(rows, rows, inner));
        let each_row: Vec<u32> = (0..rows * tokens).map(|i| (i / tokens) as u32).collect();
        let each_row = self.upload_indices(&each_row);
        let ones = self.upload(&vec![1.0; rows * tokens]);
        let a = self.gather_rows(&a, &each_row, &ones, rows * tokens, inner);
        let a = self.scale_tokens(&a, diagonals, rows, tokens * inner, 1);
        self.matmul(&a, b, None, product(rows * tokens, inner, columns))
    }

    /// `a + b`, elementwise, [length].
    fn add(&self, a: &Self::Tensor, b: &Self::Tensor, length: usize) -> Self::Tensor;

    /// `out[offset + i] += factor x[from + i]` for `i` below `length`.
    fn add_scaled(
        &self,
        out: &mut Self::Tensor,
        offset: usize,
        x: &Self::Tensor,
        from: usize,
        length: usize,
        factor: f32,
    );

    /// `out[r, t, i] = x[r, t, i] scale[t]`; x is [rows, tokens, width], scale [tokens].
    fn scale_tokens(
        &self,
        x: &Self::Tensor,
        scale: &Self::Tensor,
        rows: usize,
        tokens: usize,
        width: usize,
    ) -> Self::Tensor;

    /// Norm of x [rows, width], and 1 / denominator of each row, [rows]: the standard deviation, or where
    /// it is not centred the root of the mean square. Weight and bias are [width].
    fn norm(
        &self,
        x: &Self::Tensor,
        weight: &Self::Tensor,
        bias: &Self::Tensor,
        epsilon: f32,
        sizes: NormRows,
    ) -> (Self::Tensor, Self::Tensor);

    /// Norm of x [rows, width] with a given 1 / denominator of each row, [rows]: affine in `x`.
    fn norm_frozen(
        &self,
        x: &Self::Tensor,
        weight: &Self::Tensor,
        bias: &Self::Tensor,
        scale: &Self::Tensor,
        sizes: NormRows,
    ) -> Self::Tensor;

    /// The transpose of a norm's derivative, for gradients [targets, tokens, width] of functions
    /// of its output at the same x [tokens, width], whose 1 / denominators are `scale`
    /// [tokens]: with `h = weight g` and `n = (x - mean(x)) scale`,
    /// `out += scale (h - mean(h) - n mean(n h))`. With the denominators held the last term is none; where
    /// the norm is not centred the means of h and x are none.
    #[allow(clippy::too_many_arguments)]
    fn norm_back(
        &self,
        out: &mut Self::Tensor,
        gradient: &Self::Tensor,
        x: &Self::Tensor,
        weight: &Self::Tensor,
        scale: &Self::Tensor,
        sizes: NormBack,
    );

    /// An MLP's activation function, elementwise, [length].
    fn activate(&self, x: &Self::Tensor, activation: Activation, length: usize) -> Self::Tensor;

    /// The derivative of [`Engine::activate`] at x, elementwise, [length].
    fn activation_slope(
        &self,
        x: &Self::Tensor,
        activation: Activation,
        length: usize,
    ) -> Self::Tensor;

    /// `x * (x > threshold)`; x is [rows, features], threshold [features].
    fn jump_relu(
        &self,
        x: &Self::Tensor,
        threshold: &Self::Tensor,
        rows: usize,
        features: usize,
    ) -> Self::Tensor;

    /// The `k` largest values of each row of x [rows, features], the others zero; of equal values
    /// those that come first.
    fn top_k(&self, x: &Self::Tensor, k: usize, rows: usize, features: usize) -> Self::Tensor;

    /// Which values of each row of x [rows, features] are not zero, what is no number among them: of each row how many, the places of
    /// the first `most` in ascending order, and those values, [rows, 1 + 2 most]. Counts and places are whole numbers that lie there as
    /// their bits ([`f32::from_bits`]); what stands behind the last of them is not said.
    fn active(&self, x: &Self::Tensor, most: usize, rows: usize, features: usize) -> Self::Tensor;

    /// Turns each pair of lanes `i` and `i + head_width / 2` of each head, in place: `x[i] cos - x[i + half]
    /// sin` and `x[i + half] cos + x[i] sin`, or with `-sin` back. x is [rows, stride]; the table has a row
    /// for each position, the cosines of its pairs and then their sines: [positions, head_width].
    fn rotate(&self, x: &mut Self::Tensor, table: &Self::Tensor, sizes: Rotation);

    /// Causal attention patterns [sequences, heads, tokens (queries), past + tokens (keys)] from
    /// queries, keys and values side by side, [sequences x tokens, stride] with
    /// [`Attention::stride`], and those of the past, [past, stride]. Zero where a key comes after its
    /// query.
    fn attention_pattern(
        &self,
        past: Option<&Self::Tensor>,
        qkv: &Self::Tensor,
        sizes: Attention,
    ) -> Self::Tensor;

    /// What each head takes from the values, by its pattern: [sequences x tokens, width]. The values
    /// are the last of so many `parts` of each row: of 1, [sequences x tokens, key_width], or of 3,
    /// beside queries and keys as in [`Engine::attention_pattern`]; those of the past always so.
    fn attention_mix(
        &self,
        pattern: &Self::Tensor,
        past: Option<&Self::Tensor>,
        values: &Self::Tensor,
        parts: usize,
        sizes: Attention,
    ) -> Self::Tensor;

    /// The transpose of [`Engine::attention_mix`] for the one pattern [heads, tokens, tokens] that
    /// all `sequences` rows of the gradient [sequences, tokens, width] share, without a past:
    /// `out[r, s, i] = sum_t pattern[head of i, t, s] g[r, t, i]`, summed over the heads that have the same
    /// values: [sequences, tokens, key_width].
    fn attention_unmix(
        &self,
        pattern: &Self::Tensor,
        gradient: &Self::Tensor,
        sizes: Attention,
    ) -> Self::Tensor;

    /// What each head's part of rows gives through a matrix of its own lanes: of `a` [sequences x tokens, width] and `b`
    /// [columns, key_width] it is `out[r, h, c] = sum_i a[r, h head_width + i] b[c, h / group head_width + i]`,
    /// [sequences x tokens, heads, columns]. There is no past.
    fn head_products(
        &self,
        a: &Self::Tensor,
        b: &Self::Tensor,
        columns: usize,
        sizes: Attention,
    ) -> Self::Tensor;

    /// Of rows that each stand at one token `at[r]`: `out[first + r, s, i] += sum_h weights[r, h, s] rows[r, h, i]` for
    /// s up to `at[r]`; weights, what each head looks with, are [count, heads, tokens], rows [count, heads, width].
    fn attention_spread(
        &self,
        out: &mut Self::Tensor,
        weights: &Self::Tensor,
        rows: &Self::Tensor,
        at: &Self::Indices,
        sizes: Spread,
    );

    /// The gradient by what went into a softmax, [rows, columns], from that by what it gave:
    /// `out[r, c] = x[r, c] (g[r, c] - sum_d x[r, d] g[r, d])`, where x is what it gave.
    fn softmax_back(
        &self,
        x: &Self::Tensor,
        gradient: &Self::Tensor,
        rows: usize,
        columns: usize,
    ) -> Self::Tensor;

    /// The gradient by the scores before the softmax, [sequences, heads, tokens (queries), tokens
    /// (keys)], of functions whose gradients by what the heads took are given [sequences, tokens,
    /// width]; pattern and queries, keys and values `qkv` [tokens, stride] are of one prompt without a
    /// past: with `d[t, s] = g[t] · value[s]` over a head's lanes,
    /// `out[t, s] = pattern[t, s] (d[t, s] - sum_u pattern[t, u] d[t, u])`.
    fn attention_scores_back(
        &self,
        pattern: &Self::Tensor,
        qkv: &Self::Tensor,
        gradient: &Self::Tensor,
        sizes: Attention,
    ) -> Self::Tensor;

    /// Gradients by queries, keys and values side by side, [sequences, tokens, stride], of functions
    /// whose gradients by what the heads took, [sequences, tokens, width], and by the scores, as
    /// [`Engine::attention_scores_back`] gives them, are known; each score is the product of a query
    /// and a key over the root of a head's width. The values' part is [`Engine::attention_unmix`].
    fn attention_back(
        &self,
        pattern: &Self::Tensor,
        scores: &Self::Tensor,
        qkv: &Self::Tensor,
        gradient: &Self::Tensor,
        sizes: Attention,
    ) -> Self::Tensor;

    /// `out[layer + o, t, i] += factor * sum_f activations[t, f] decoder[f, o, i]`; out is
    /// [layers, tokens, width].
    fn decode(
        &self,
        out: &mut Self::Tensor,
        activations: &Self::Tensor,
        decoder: &Self::Tensor,
        sizes: Decoding,
        factor: f32,
    );

    /// What interventions write: `out[layer + o, positions[j], i] += (values[j] -
    /// activations[positions[j], features[j]]) decoder[features[j], o, i]` for each `j` below
    /// `count`. Several may share a position.
    #[allow(clippy::too_many_arguments)]
    fn steer(
        &self,
        out: &mut Self::Tensor,
        activations: &Self::Tensor,
        decoder: &Self::Tensor,
        positions: &Self::Indices,
        features: &Self::Indices,
        values: &Self::Tensor,
        count: usize,
        sizes: Decoding,
    );

    /// Rows of a table [any, width], each times its scale: [count, width].
    fn gather_rows(
        &self,
        table: &Self::Tensor,
        indices: &Self::Indices,
        scales: &Self::Tensor,
        count: usize,
        width: usize,
    ) -> Self::Tensor;

    /// `out[indices[i], :] += rows[i, :]`; no index twice. `out` is [any, width].
    fn scatter_rows(
        &self,
        out: &mut Self::Tensor,
        rows: &Self::Tensor,
        indices: &Self::Indices,
        count: usize,
        width: usize,
    );

    /// `out[r, columns[s]] += sum_i gradient[r, positions[s], i] vectors[offset + s stride + i]`;
    /// out is [targets, sizes.columns]. No column twice.
    fn edges(
        &self,
        out: &mut Self::Tensor,
        gradient: &Self::Tensor,
        vectors: &Self::Tensor,
        positions: &Self::Indices,
        columns: &Self::Indices,
        sizes: Edges,
    );

    /// The transpose of [`Engine::edges`] for vectors that lie side by side, in the order of their tokens: those from `starts[t]` on and
    /// before `starts[t + 1]` are token t's. `out[r, t, i] += sum_s rows[r, first + s] vectors[s, i]` over them; out is
    /// [targets, tokens, width], rows are [targets, sizes.columns], starts [any beyond tokens].
    fn edges_back(
        &self,
        out: &mut Self::Tensor,
        rows: &Self::Tensor,
        vectors: &Self::Tensor,
        starts: &Self::Indices,
        sizes: EdgesBack,
    );
}
