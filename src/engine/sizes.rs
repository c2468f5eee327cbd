//! How large the operands of an operation are: what every engine is told beside its tensors.

/// The sizes of a matrix product: [rows, inner] x [inner, columns].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product {
    pub rows: usize,
    pub inner: usize,
    pub columns: usize,
    /// Whether the right side is stored as [columns, inner].
    pub transposed: bool,
}

/// The sizes of products [rows, inner] x [inner, columns], one for each token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiagonalProducts {
    pub rows: usize,
    pub tokens: usize,
    pub inner: usize,
    pub columns: usize,
}

/// The sizes of attention over `sequences` prompts of `tokens` tokens each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attention {
    pub sequences: usize,
    pub tokens: usize,
    /// Tokens before them, which all sequences share.
    pub past: usize,
    pub heads: usize,
    /// Heads of keys and values, a divisor of `heads`: each serves as many neighbouring heads.
    pub key_heads: usize,
    /// Of all heads' queries together; a multiple of `heads`.
    pub width: usize,
}

impl Attention {
    /// Of one head.
    pub fn head_width(&self) -> usize {
        self.width / self.heads.max(1)
    }

    /// Of the keys of all heads together, or of the values.
    pub fn key_width(&self) -> usize {
        self.key_heads * self.head_width()
    }

    /// Of queries, keys and values side by side.
    pub fn stride(&self) -> usize {
        self.width + 2 * self.key_width()
    }

    /// How many heads have the same keys and values.
    pub fn group(&self) -> usize {
        self.heads / self.key_heads.max(1)
    }
}

/// The sizes of rows that each spread from one token to those that its heads look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Where the rows begin in the tensor [any, tokens, width] that they are added to.
    pub first: usize,
    pub count: usize,
    pub tokens: usize,
    pub heads: usize,
    pub width: usize,
}

/// The sizes of heads side by side that are turned by where their tokens stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    pub rows: usize,
    /// Row `r` stands at position `first + r % tokens`.
    pub tokens: usize,
    pub first: usize,
    /// Values of a row, of which the first `heads` x `head_width` are turned.
    pub stride: usize,
    pub heads: usize,
    /// An even number.
    pub head_width: usize,
    /// Whether they are turned back.
    pub back: bool,
}

/// The sizes of norms of [rows, width].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NormRows {
    pub rows: usize,
    pub width: usize,
    /// LayerNorm, which is about the mean; or else RMSNorm, which is about zero.
    pub centred: bool,
}

/// The sizes of norms through which gradients [targets, tokens, width] go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NormBack {
    pub targets: usize,
    pub tokens: usize,
    pub width: usize,
    /// As in [`NormRows`].
    pub centred: bool,
    /// Whether the denominators are constants.
    pub held: bool,
}

/// How features write: `features` rows of `outputs` blocks of `width`, for `tokens` tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decoding {
    pub tokens: usize,
    pub features: usize,
    pub outputs: usize,
    pub width: usize,
    /// The layer of the first output block, in a tensor of [layers, tokens, width].
    pub layer: usize,
}

/// The sizes of a block of edges: `targets` rows of a gradient [targets, tokens, width] against
/// `sources` vectors, which lie `stride` apart, the first at `offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edges {
    pub targets: usize,
    pub tokens: usize,
    pub width: usize,
    pub sources: usize,
    pub stride: usize,
    pub offset: usize,
    /// Columns of the matrix that the edges are added to.
    pub columns: usize,
}

/// The sizes of vectors that rows bring back to a gradient [targets, tokens, width], each at its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EdgesBack {
    pub targets: usize,
    pub tokens: usize,
    pub width: usize,
    /// Columns of the rows, and the first vector's.
    pub columns: usize,
    pub first: usize,
}
