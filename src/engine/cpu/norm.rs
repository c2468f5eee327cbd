//! LayerNorm, with its own denominator or a frozen one.

/// See [`crate::engine::Engine::layer_norm`].
pub fn layer_norm(
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    epsilon: f32,
    width: usize,
) -> (Vec<f32>, Vec<f32>) {
    let scale: Vec<f32> = x
        .chunks_exact(width)
        .map(|row| {
            let mean = sum(row.iter().copied()) / width as f32;
            let variance = sum(row.iter().map(|x| (x - mean) * (x - mean))) / width as f32;
            1.0 / (variance + epsilon).sqrt()
        })
        .collect();
    (layer_norm_frozen(x, weight, bias, &scale, width), scale)
}

/// See [`crate::engine::Engine::layer_norm_frozen`].
pub fn layer_norm_frozen(
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    scale: &[f32],
    width: usize,
) -> Vec<f32> {
    let mut out = Vec::with_capacity(x.len());
    for (row, scale) in x.chunks_exact(width).zip(scale) {
        let mean = sum(row.iter().copied()) / width as f32;
        out.extend(
            row.iter()
                .zip(weight.iter().zip(bias))
                .map(|(x, (weight, bias))| (x - mean) * scale * weight + bias),
        );
    }
    out
}

/// A sum in eight lanes: quicker, and more exact than one running sum.
fn sum(values: impl ExactSizeIterator<Item = f32>) -> f32 {
    let mut lanes = [0.0; 8];
    for (i, value) in values.enumerate() {
        lanes[i % 8] += value;
    }
    lanes.iter().sum()
}
