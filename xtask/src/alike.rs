//! Puts the functions of a wasm module that are alike side by side.
//!
//! gzip looks back 32 KB, and the copies of a generic function are apart by more than that. Nothing else of the module changes.

use crate::functions::Functions;
use crate::neighbours;
use anyhow::Result;

/// The module with its functions in another order.
///
/// # Errors
/// When it is no module.
pub fn side_by_side(wasm: &[u8]) -> Result<Vec<u8>> {
    let functions = Functions::read(wasm)?;
    let each: Vec<usize> = (0..functions.bodies.len()).collect();
    functions.written(neighbours::order(&functions.bodies), &each)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::{Parser, Payload};

    /// Three functions: the first calls the last, and those two are alike.
    #[test]
    fn calls_find_their_functions() {
        let text = |callee: u8| {
            [
                0, 0x41, 1, 0x41, 2, 0x6A, 0x41, 3, 0x6A, 0x1A, 0x10, callee, 0x0B,
            ]
        };
        let (first, second, last) = (
            text(2),
            [0, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x0B],
            text(1),
        );
        let mut wasm =
            b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x04\x03\0\0\0\x07\x05\x01\x01a\0\0\x0A"
                .to_vec();
        let bodies = [&first[..], &second, &last];
        wasm.push((1 + bodies.iter().map(|body| body.len() + 1).sum::<usize>()) as u8);
        wasm.push(3);
        for body in bodies {
            wasm.push(body.len() as u8);
            wasm.extend(body);
        }
        let made = side_by_side(&wasm).unwrap();
        let found: Vec<Vec<u8>> = Parser::new(0)
            .parse_all(&made)
            .filter_map(|payload| match payload.unwrap() {
                Payload::CodeSectionEntry(body) => Some(body.as_bytes().to_vec()),
                _ => None,
            })
            .collect();
        // The last is the second now, and the second the last.
        assert_eq!(found, [text(1).to_vec(), text(2).to_vec(), second.to_vec()]);
    }
}
