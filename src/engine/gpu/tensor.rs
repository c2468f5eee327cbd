//! What operations take: tensors and indices, and how much of them.

use super::pool::Buffer;

/// f32 values on the GPU. Its memory is used again once it is dropped.
#[derive(Debug)]
pub struct Tensor {
    pub(super) buffer: Buffer,
    pub(super) length: u64,
}

/// u32 values on the GPU. Its memory is used again once it is dropped.
#[derive(Debug)]
pub struct Indices {
    pub(super) buffer: Buffer,
    pub(super) length: u64,
}

/// A tensor in an operation, and how many of its values the operation touches.
#[derive(Clone, Copy)]
pub struct Operand<'a> {
    pub(super) buffer: &'a Buffer,
    pub(super) length: u64,
    pub(super) needed: u64,
}

impl Tensor {
    /// It, of which so many values are needed.
    pub fn first(&self, needed: u64) -> Operand<'_> {
        Operand {
            buffer: &self.buffer,
            length: self.length,
            needed,
        }
    }
}

impl Indices {
    /// It, of which so many values are needed.
    pub fn first(&self, needed: usize) -> Operand<'_> {
        Operand {
            buffer: &self.buffer,
            length: self.length,
            needed: needed as u64,
        }
    }
}
