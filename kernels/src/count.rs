//! How many multiply-adds are done, for who asks how near the engine comes to what its cores can do. Native only: the page's modules count nothing.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

static COUNTING: AtomicBool = AtomicBool::new(false);
static MULTIPLY_ADDS: AtomicU64 = AtomicU64::new(0);

/// What `work` gives, and how many multiply-adds all threads of this process do meanwhile: in [`crate::product`], [`crate::product_add`], [`crate::dot`] and
/// [`crate::add_scaled`], so in products, attention, what features write, and edges. Each call counts as large as it is: rows of zeros
/// that the engine leaves out are not counted, zeros that a call multiplies are, such as a pattern's at later tokens (about a tenth of
/// a trace). Norms, softmaxes, activation functions, and sums without a product are not counted.
///
/// It waits while another thread counts.
pub fn counted<T>(work: impl FnOnce() -> T) -> (T, u64) {
    /// Stops counting, also where `work` panics.
    struct Stop;
    impl Drop for Stop {
        fn drop(&mut self) {
            COUNTING.store(false, Relaxed);
        }
    }
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _held = ONE_AT_A_TIME
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    MULTIPLY_ADDS.store(0, Relaxed);
    COUNTING.store(true, Relaxed);
    let stop = Stop;
    let given = work();
    drop(stop);
    (given, MULTIPLY_ADDS.load(Relaxed))
}

/// Counts so many, if anybody asks.
#[inline]
pub(crate) fn add(multiply_adds: usize) {
    if COUNTING.load(Relaxed) {
        MULTIPLY_ADDS.fetch_add(multiply_adds as u64, Relaxed);
    }
}
