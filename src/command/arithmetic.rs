//! How near a trace comes to what the cores can do: the arithmetic of one, and the speed of a large product by the same engine.

use attograph::engine::{Engine, Product};
use std::time::{Duration, Instant};

/// Rows, inner values and columns of the product: large enough to be as fast as any, and within a cache of some MB a core.
const SIZE: usize = 1024;

/// A large product, done again and again; the fastest counts.
pub struct LargeProduct<'a, E: Engine> {
    engine: &'a E,
    sides: [E::Tensor; 2],
    out: E::Tensor,
    fastest: Duration,
}

impl<'a, E: Engine> LargeProduct<'a, E> {
    /// Prepares it; nothing is computed.
    pub fn new(engine: &'a E) -> Self {
        // No zeros, which an engine might leave out, and none so small that it takes longer.
        let side = |period: usize| {
            let values = (0..SIZE * SIZE).map(|i| (1 + i % period) as f32 / period as f32 - 0.55);
            engine.upload(&values.collect::<Vec<_>>())
        };
        LargeProduct {
            engine,
            sides: [side(7), side(11)],
            out: engine.zeros(SIZE * SIZE),
            fastest: Duration::MAX,
        }
    }

    /// Computes it for so long, and once at least. The engine has to be one that computes at once.
    pub fn go_on_for(&mut self, time: Duration) {
        let product = Product {
            rows: SIZE,
            inner: SIZE,
            columns: SIZE,
            transposed: false,
        };
        let began = Instant::now();
        loop {
            let start = Instant::now();
            let [a, b] = &self.sides;
            self.engine.matmul_add(&mut self.out, a, b, product);
            self.fastest = self.fastest.min(start.elapsed());
            if began.elapsed() >= time {
                return;
            }
        }
    }

    /// The fastest so far, in GFLOP/s; 0 before the first.
    pub fn speed(&self) -> f64 {
        giga(2 * (SIZE * SIZE * SIZE) as u64) / self.fastest.as_secs_f64()
    }
}

/// What a trace computes, beside what the cores can.
pub struct Arithmetic {
    /// Of one trace, as [`attograph::engine::cpu::counted`] counts them.
    pub multiply_adds: u64,
    /// Of the fastest trace, in milliseconds.
    pub fastest: f64,
    /// Of the fastest large product, in GFLOP/s.
    pub product_speed: f64,
}

impl Arithmetic {
    /// Two lines: of traces that take so many milliseconds in the median, and of the product.
    pub fn lines(&self, median: f64) -> [String; 2] {
        let work = giga(2 * self.multiply_adds);
        let speed = |milliseconds: f64| 1000.0 * work / milliseconds;
        let share = |milliseconds: f64| 100.0 * speed(milliseconds) / self.product_speed;
        [
            format!(
                "arithmetic    {work:.4} GFLOP, {:.2} GFLOP/s, {:.2} GFLOP/s at most",
                speed(median),
                speed(self.fastest)
            ),
            format!(
                "product       {:.2} GFLOP/s at most, of {SIZE} x {SIZE} by {SIZE} x {SIZE}: a trace reaches {:.1} % of it, {:.1} % at most",
                self.product_speed,
                share(median),
                share(self.fastest)
            ),
        ]
    }
}

fn giga(operations: u64) -> f64 {
    operations as f64 / 1e9
}
