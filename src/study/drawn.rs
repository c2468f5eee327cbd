//! Operand plots for tests, drawn from functions of the operands.

use super::{OPERANDS, Plot};

/// The plot of this function of the operands, from 0 to 1.
pub fn plot(value: impl Fn(i32, i32) -> f32) -> Plot {
    let numbers = 0..OPERANDS as i32;
    let values = numbers
        .clone()
        .flat_map(|a| numbers.clone().map(move |b| (a, b)))
        .map(|(a, b)| value(a, b));
    Plot {
        pixels: values.map(|value| (255.0 * value).round() as u8).collect(),
        max: 1.0,
    }
}

/// 1 where the condition holds.
pub fn if_so(condition: bool) -> f32 {
    f32::from(u8::from(condition))
}

/// A band of this half width.
pub fn band(number: i32, centre: i32, half: i32) -> f32 {
    (1.0 - (number - centre).abs() as f32 / (2 * half) as f32).max(0.0)
}
