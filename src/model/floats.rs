//! Numbers of half precision, as f32.

/// The numbers that these bytes hold, `SIZE` bytes each.
pub(super) fn floats<const SIZE: usize>(
    bytes: &[u8],
    float: impl Fn([u8; SIZE]) -> f32,
) -> Vec<f32> {
    let (chunks, _) = bytes.as_chunks::<SIZE>();
    chunks.iter().map(|&chunk| float(chunk)).collect()
}

/// An f16 as an f32, exactly. Free of branches, so that it is compiled to SIMD also for wasm: there the `half`
/// crate's conversion, which branches, takes ten times as long.
pub(super) fn widen_f16(bits: u16) -> f32 {
    // The exponents' biases are 15 and 127. A subnormal number stays one before this product, and is right after.
    const SCALE: f32 = f32::from_bits((127 + 127 - 15) << 23);
    let magnitude = f32::from_bits(u32::from(bits & 0x7FFF) << 13) * SCALE;
    let sign = u32::from(bits & 0x8000) << 16;
    let not_finite = if bits & 0x7C00 == 0x7C00 {
        0x7F80_0000
    } else {
        0
    };
    f32::from_bits(magnitude.to_bits() | sign | not_finite)
}

/// A bf16 as an f32: its upper half.
pub(super) fn widen_bf16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(ours: f32, theirs: f32) -> bool {
        ours.to_bits() == theirs.to_bits() || ours.is_nan() && theirs.is_nan()
    }

    #[test]
    fn every_half_precision_number_is_widened_exactly() {
        for bits in 0..=u16::MAX {
            assert!(
                same(widen_f16(bits), half::f16::from_bits(bits).to_f32()),
                "f16 {bits:#06x}"
            );
            assert!(
                same(widen_bf16(bits), half::bf16::from_bits(bits).to_f32()),
                "bf16 {bits:#06x}"
            );
        }
    }
}
