//! The memory of tensors that are gone, for those that come next. Fresh memory is handed out page by page, and each page is cleared and
//! entered for every core before it is written to: about a tenth of what a live vignette's graph takes.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Fewer values are the allocator's business.
const LEAST: usize = 1 << 13;
/// Values that are kept: 128 MiB, and 64 MiB in a page. Those that came first go first.
const MOST: usize = if cfg!(target_arch = "wasm32") {
    1 << 24
} else {
    1 << 25
};
/// How many times as large as what is asked for a buffer may be.
const LARGER: usize = 4;

/// Of all threads, since what one of them makes another may be the last to need.
static KEPT: Mutex<Kept> = Mutex::new(Kept::new());

fn kept() -> MutexGuard<'static, Kept> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is kept with room for so many values, if they are worth it.
fn taken(length: usize) -> Option<Vec<f32>> {
    if length < LEAST {
        return None;
    }
    kept().take(length)
}

/// So many values, whatever they are.
pub fn any(length: usize) -> Vec<f32> {
    let Some(mut values) = taken(length) else {
        return vec![0.0; length];
    };
    values.resize(length, 0.0);
    values
}

/// So many zeros.
pub fn zeros(length: usize) -> Vec<f32> {
    let Some(mut values) = taken(length) else {
        return vec![0.0; length];
    };
    values.clear();
    values.resize(length, 0.0);
    values
}

/// No values, and room for so many.
pub fn empty(length: usize) -> Vec<f32> {
    let mut values = taken(length).unwrap_or_else(|| Vec::with_capacity(length));
    values.clear();
    values
}

/// Keeps the memory of what is not needed any more.
pub fn keep(values: Vec<f32>) {
    if (LEAST..=MOST).contains(&values.capacity()) {
        kept().keep(values);
    }
}

/// Those that came last are last.
struct Kept {
    buffers: VecDeque<Vec<f32>>,
    /// Of all of them.
    capacity: usize,
}

impl Kept {
    const fn new() -> Kept {
        Kept {
            buffers: VecDeque::new(),
            capacity: 0,
        }
    }

    /// The smallest that has room for so many values, unless it is far too large.
    fn take(&mut self, length: usize) -> Option<Vec<f32>> {
        let sizes = self.buffers.iter().map(Vec::capacity).enumerate();
        let fits = sizes.filter(|(_, size)| (length..=LARGER * length).contains(size));
        let (place, size) = fits.min_by_key(|(_, size)| *size)?;
        self.capacity -= size;
        self.buffers.remove(place)
    }

    fn keep(&mut self, values: Vec<f32>) {
        self.capacity += values.capacity();
        self.buffers.push_back(values);
        while self.capacity > MOST {
            let first = self.buffers.pop_front();
            self.capacity -= first.map_or(0, |first| first.capacity());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_comes_back() {
        let mut kept = Kept::new();
        assert!(kept.take(LEAST).is_none());
        for length in [4 * LEAST, LEAST, 2 * LEAST] {
            kept.keep(vec![1.0; length]);
        }
        assert_eq!(kept.take(LEAST + 1).unwrap().capacity(), 2 * LEAST);
        assert_eq!(kept.take(LEAST).unwrap().capacity(), LEAST);
        assert!(kept.take(LEAST - 1).is_none(), "none that is far too large");
        assert_eq!(kept.capacity, 4 * LEAST);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut kept = Kept::new();
        for _ in 0..5 {
            kept.keep(vec![0.0; MOST / 4 + 1]);
        }
        assert_eq!((kept.buffers.len(), kept.capacity), (3, 3 * (MOST / 4 + 1)));
    }

    #[test]
    fn values_are_what_they_should_be() {
        keep(vec![1.0; 2 * LEAST + 7]);
        for _ in 0..2 {
            let zeros = zeros(2 * LEAST + 5);
            assert!(zeros.len() == 2 * LEAST + 5 && zeros.iter().all(|x| *x == 0.0));
            keep(vec![1.0; 2 * LEAST + 7]);
        }
        let none = empty(2 * LEAST + 3);
        assert!(none.is_empty() && none.capacity() >= 2 * LEAST + 3);
        for length in [3, 2 * LEAST + 1] {
            assert_eq!(any(length).len(), length);
        }
    }
}
