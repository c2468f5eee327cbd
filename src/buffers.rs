//! The memory of tensors that are gone, for those that come next. Fresh memory is handed out page by page, and each page is cleared and
//! entered for every core before it is written to: about a tenth of what a live vignette's graph takes.

use std::cell::RefCell;
use std::collections::VecDeque;

/// Fewer values are the allocator's business.
const LEAST: usize = 1 << 13;
/// Values that a thread keeps: 64 MiB. Those that came first go first.
const MOST: usize = 1 << 24;
/// How many times as large as what is asked for a buffer may be.
const LARGER: usize = 4;

thread_local! {
    static KEPT: RefCell<VecDeque<Vec<f32>>> = const { RefCell::new(VecDeque::new()) };
}

/// So many values, whatever they are.
pub fn any(length: usize) -> Vec<f32> {
    let kept = match length {
        LEAST.. => KEPT.with_borrow_mut(|kept| {
            let sizes = kept.iter().map(Vec::capacity).enumerate();
            let fits = sizes.filter(|(_, size)| (length..=LARGER * length).contains(size));
            let (place, _) = fits.min_by_key(|(_, size)| *size)?;
            kept.remove(place)
        }),
        _ => None,
    };
    match kept {
        Some(mut values) => {
            values.resize(length, 0.0);
            values
        }
        None => vec![0.0; length],
    }
}

/// So many zeros.
pub fn zeros(length: usize) -> Vec<f32> {
    if length < LEAST {
        return vec![0.0; length];
    }
    let mut values = any(length);
    values.fill(0.0);
    values
}

/// No values, and room for so many.
pub fn empty(length: usize) -> Vec<f32> {
    if length < LEAST {
        return Vec::with_capacity(length);
    }
    let mut values = any(length);
    values.clear();
    values
}

/// Keeps the memory of what is not needed any more.
pub fn keep(values: Vec<f32>) {
    if !(LEAST..=MOST).contains(&values.capacity()) {
        return;
    }
    // Where the thread ends, so does what it keeps.
    let _ = KEPT.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        kept.push_back(values);
        while kept.iter().map(Vec::capacity).sum::<usize>() > MOST {
            kept.pop_front();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_comes_back_with_other_values() {
        let mut values = zeros(LEAST);
        values.fill(1.0);
        let place = values.as_ptr();
        keep(values);
        let again = zeros(LEAST);
        assert_eq!(again.as_ptr(), place, "the same memory");
        assert!(again.iter().all(|x| *x == 0.0));
        keep(again);
        let none = empty(LEAST);
        assert_eq!((none.as_ptr(), none.len()), (place, 0));
        drop(none);
        assert_eq!(any(LEAST - 1).len(), LEAST - 1);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        for _ in 0..5 {
            keep(vec![0.0; MOST / 4 + 1]);
        }
        keep(vec![0.0; MOST + 1]);
        keep(vec![0.0; LEAST - 1]);
        KEPT.with_borrow(|kept| assert_eq!(kept.len(), 3));
        assert_eq!(any(LEAST).len(), LEAST, "none that is far too large");
        KEPT.with_borrow(|kept| assert_eq!(kept.len(), 3));
    }
}
