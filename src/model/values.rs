//! Numbers that several may hold without a copy.

use crate::buffers;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// f32 values, a model's weights or a tensor of the CPU engine: a clone is the same memory, until one is changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values(Arc<Vec<f32>>);

impl Drop for Values {
    fn drop(&mut self) {
        if let Some(values) = Arc::get_mut(&mut self.0) {
            buffers::keep(std::mem::take(values));
        }
    }
}

impl From<Vec<f32>> for Values {
    fn from(values: Vec<f32>) -> Values {
        Values(Arc::new(values))
    }
}

impl FromIterator<f32> for Values {
    fn from_iter<I: IntoIterator<Item = f32>>(values: I) -> Values {
        Vec::from_iter(values).into()
    }
}

impl PartialEq<Vec<f32>> for Values {
    fn eq(&self, other: &Vec<f32>) -> bool {
        *self.0 == *other
    }
}

impl<'a> IntoIterator for &'a Values {
    type Item = &'a f32;
    type IntoIter = std::slice::Iter<'a, f32>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Deref for Values {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.0
    }
}

impl DerefMut for Values {
    /// What others hold too is copied first.
    fn deref_mut(&mut self) -> &mut [f32] {
        Arc::make_mut(&mut self.0).as_mut_slice()
    }
}
