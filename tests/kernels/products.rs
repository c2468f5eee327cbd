//! Matrix products.

use super::compare::{gpu, linear, random, sparse};
use attograph::engine::{DiagonalProducts, Engine, Product};

const PRODUCTS: &[[usize; 3]] = &[
    [1, 1, 1],
    [1, 64, 16],
    [1, 128, 17],
    [1, 2, 65_535 * 16 + 5],
    [2, 3, 5],
    [7, 127, 15],
    [8, 128, 48],
    [8, 129, 100],
    [9, 17, 33],
    [12, 768, 65],
    [16, 3072, 20],
    [31, 16, 64],
    [32, 300, 31],
    [33, 300, 31],
    [33, 1, 1],
    [40, 3073, 20],
    [63, 15, 63],
    [64, 16, 64],
    [65, 17, 65],
    [100, 0, 20],
    [130, 96, 200],
    [257, 33, 3],
    [2000, 48, 100],
    [0, 5, 5],
    [5, 5, 0],
];

#[test]
fn matmul() {
    let gpu = &gpu();
    for &[rows, inner, columns] in PRODUCTS {
        let a = random(1, rows * inner);
        let b = random(2, inner * columns);
        let bias = random(3, columns);
        let before = random(4, rows * columns);
        for transposed in [false, true] {
            let product = Product {
                rows,
                inner,
                columns,
                transposed,
            };
            println!("{product:?}");
            linear!(gpu, |engine, values| {
                let a = engine.upload(&values(&a));
                let b = engine.upload(&values(&b));
                let bias = engine.upload(&values(&bias));
                let mut added = engine.upload(&values(&before));
                engine.matmul_add(&mut added, &a, &b, product);
                let plain = engine.matmul(&a, &b, None, product);
                let biased = engine.matmul(&a, &b, Some(&bias), product);
                let length = rows * columns;
                [(plain, length), (biased, length), (added, length)]
            });
        }
    }
}

#[test]
fn diagonal_products() {
    let gpu = &gpu();
    for (rows, tokens, inner, columns) in [
        (1, 1, 1, 1),
        (3, 2, 5, 4),
        (12, 7, 33, 12),
        (31, 4, 65, 17),
        (128, 3, 512, 128),
        (5, 2, 0, 3),
        (4, 0, 8, 4),
    ] {
        let sizes = DiagonalProducts {
            rows,
            tokens,
            inner,
            columns,
        };
        println!("{sizes:?}");
        let a = random(1, inner * rows);
        let b = random(2, columns * inner);
        // All neurons, and few.
        for diagonals in [random(3, tokens * inner), sparse(4, tokens * inner, 3)] {
            linear!(gpu, |engine, values| {
                let a = engine.upload(&values(&a));
                let b = engine.upload(&values(&b));
                let diagonals = engine.upload(&values(&diagonals));
                let out = engine.diagonal_products(&a, &b, &diagonals, sizes);
                [(out, rows * tokens * columns)]
            });
        }
    }
}
