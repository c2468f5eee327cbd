//! Damage of every kind: an error or not, but no panic.

use crate::common::folders::{CLT, assert_one_sentence, damages, fixture, load};
use attograph::model::Files;
use std::panic::{AssertUnwindSafe, catch_unwind};

// Damage of every kind: an error or not, but no panic.

#[test]
fn damage_never_panics() {
    for name in [CLT, "plt_relu_skip_ln2"] {
        let whole = fixture(name);
        for path in whole.paths() {
            for (what, bytes) in damages(&whole.read(path).unwrap(), 60) {
                let mut files = whole.clone();
                files.insert(path, bytes);
                match catch_unwind(AssertUnwindSafe(|| load(&files).map(drop))) {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => assert_one_sentence(&error.to_string()),
                    Err(_) => panic!("{name}/{path}, {what}: panicked"),
                }
            }
        }
    }
}
