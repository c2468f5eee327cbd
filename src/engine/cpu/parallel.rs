//! Rows, and pieces of work, shared out over the cores, natively; one after the other in wasm, which has no threads here.

/// Work below this many multiplications, about a millisecond, is not worth waking another thread
/// for: shared work that was shorter took longer on two cores of a virtual machine than on one.
#[cfg(not(target_arch = "wasm32"))]
const WORTH_SHARING: usize = 1 << 25;

/// Calls `work(first row, rows' values)` on pieces of `out`, whose rows are `width` long. `cost` is
/// the number of multiplications a row.
#[cfg(not(target_arch = "wasm32"))]
pub fn rows(
    out: &mut [f32],
    width: usize,
    cost: usize,
    work: impl Fn(usize, &mut [f32]) + Send + Sync,
) {
    use rayon::prelude::*;
    if out.is_empty() {
        return;
    }
    let count = out.len() / width;
    let pieces = rayon::current_num_threads().min(1 + count.saturating_mul(cost) / WORTH_SHARING);
    if pieces == 1 {
        return work(0, out);
    }
    let each = count.div_ceil(pieces);
    out.par_chunks_mut(each * width)
        .enumerate()
        .for_each(|(piece, values)| work(piece * each, values));
}

/// Calls `work(0, out)`: there are no threads here.
#[cfg(target_arch = "wasm32")]
pub fn rows(out: &mut [f32], _width: usize, _cost: usize, work: impl Fn(usize, &mut [f32])) {
    if !out.is_empty() {
        work(0, out);
    }
}

/// What `work` gives for each number below `count`, in order. They are begun in order, too, whichever core is free: where the dearest come
/// first, the last ones are short and no core waits long for another.
#[cfg(not(target_arch = "wasm32"))]
pub fn each<T: Send + Sync>(count: usize, work: impl Fn(usize) -> T + Send + Sync) -> Vec<T> {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let next = AtomicUsize::new(0);
    let given: Vec<OnceLock<T>> = (0..count).map(|_| OnceLock::new()).collect();
    rayon::scope(|scope| {
        for _ in 0..rayon::current_num_threads().min(count) {
            scope.spawn(|_| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(place) = given.get(number) else {
                        break;
                    };
                    place.get_or_init(|| work(number));
                }
            });
        }
    });
    let given = given.into_iter().map(OnceLock::into_inner);
    given
        .map(|one| one.expect("each number is taken once"))
        .collect()
}

/// How the CPU is used, in words.
#[cfg(not(target_arch = "wasm32"))]
pub fn device() -> String {
    match rayon::current_num_threads() {
        1 => "CPU, 1 thread".into(),
        n => format!("CPU, {n} threads"),
    }
}

/// How the CPU is used, in words.
#[cfg(target_arch = "wasm32")]
pub fn device() -> String {
    "CPU, WebAssembly".into()
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::each;
    use std::collections::HashMap;
    use std::sync::Mutex;
    use std::thread::{current, sleep};
    use std::time::Duration;

    #[test]
    fn each_has_its_place() {
        let squares: Vec<usize> = (0..500).map(|i| i * i).collect();
        assert_eq!(each(500, |i| i * i), squares);
        assert!(each(0, |i| i).is_empty());
    }

    #[test]
    fn each_may_be_within_another() {
        let sums = each(40, |i| each(30, |j| i * j).iter().sum::<usize>());
        let expected: Vec<usize> = (0..40).map(|i| i * 29 * 15).collect();
        assert_eq!(sums, expected);
    }

    #[test]
    fn no_core_goes_back_to_an_earlier_number() {
        let last = Mutex::new(HashMap::new());
        each(500, |number| {
            let before = last.lock().unwrap().insert(current().id(), number);
            assert!(before < Some(number), "{number} after {before:?}");
            sleep(Duration::from_micros(50));
        });
    }
}
