//! Decimals in words, written by hand: the standard library's printing of them is several KB of the page's download.

/// With one decimal.
pub fn one(value: f64) -> String {
    let tenths = (value.abs() * 10.0).round() as u64;
    format!("{}{}.{}", minus(value, tenths), tenths / 10, tenths % 10)
}

/// With two decimals.
pub fn two(value: f64) -> String {
    let hundredths = (value.abs() * 100.0).round() as u64;
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    format!("{}{whole}.{rest:02}", minus(value, hundredths))
}

/// A number from 0 to 1 as `3e-6`.
pub fn tiny(value: f64) -> String {
    let mut power = 0;
    let mut digit = value;
    while digit > 0.0 && digit < 0.95 && power < 99 {
        digit *= 10.0;
        power += 1;
    }
    let digit = digit.round() as u64;
    match power {
        0 => digit.to_string(),
        power => format!("{digit}e-{power}"),
    }
}

fn minus(value: f64, digits: u64) -> &'static str {
    if value < 0.0 && digits > 0 { "−" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        assert_eq!(
            [0.0, 12.345, -0.04, -3.06].map(one),
            ["0.0", "12.3", "0.0", "−3.1"]
        );
        assert_eq!(
            [0.987, 1.005, -0.5, -0.001].map(two),
            ["0.99", "1.00", "−0.50", "0.00"]
        );
        assert_eq!(
            [3.2e-6, 9.6e-5, 0.0, 1.0].map(tiny),
            ["3e-6", "1e-4", "0", "1"]
        );
    }
}
