//! Texts about a sum: templates with placeholders such as `{a.ones}`, filled in for two numbers.

/// Fills a template in: the prompt before the `|`, and what is to follow it. `a` and `b` are below
/// 100.
///
/// # Errors
/// A clause that says what is wrong with the template.
pub fn fill(template: &str, a: u32, b: u32) -> Result<(String, String), String> {
    let mut filled = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let (before, inside) = rest.split_at(start);
        let Some(end) = inside.find('}') else {
            return Err(format!("the template {template:?} has a {{ without a }}"));
        };
        filled.push_str(before);
        match value(&inside[1..end], a, b) {
            Some(value) => filled.push_str(&value),
            None => {
                let name = &inside[..=end];
                let known = "{a}, {b}, {sum}, {a.ones}, {a.tens}, {b.ones}, {b.tens}, {ones}, \
                             {digit}, {carry}, {tens}, {start}, {end.head} and {end.tail}";
                return Err(format!(
                    "the template {template:?} has the placeholder {name}, and only {known} are known"
                ));
            }
        }
        rest = &inside[end + 1..];
    }
    filled.push_str(rest);
    match filled.split_once('|') {
        Some((prompt, expected)) if !expected.contains('|') => {
            Ok((prompt.to_string(), expected.to_string()))
        }
        _ => Err(format!(
            "the template {template:?} needs one | between the prompt and what is to follow"
        )),
    }
}

/// A placeholder's value. Years are 1900 + a and that many years later.
fn value(name: &str, a: u32, b: u32) -> Option<String> {
    let ones = a % 10 + b % 10;
    let carry = ones / 10;
    let end = 1900 + a + b;
    let number = match name {
        "a" => a,
        "b" => b,
        "sum" => a + b,
        "a.ones" => a % 10,
        "a.tens" => a / 10,
        "b.ones" => b % 10,
        "b.tens" => b / 10,
        "ones" => ones,
        "digit" => ones % 10,
        "carry" => carry,
        "tens" => a / 10 + b / 10 + carry,
        "start" => 1900 + a,
        "end.head" => end / 1000,
        "end.tail" => return Some(format!("{:03}", end % 1000)),
        _ => return None,
    };
    Some(number.to_string())
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn every_placeholder_has_its_value() {
        let whole = |template: &str, a, b| {
            let (prompt, expected) = fill(template, a, b).unwrap();
            format!("{prompt}|{expected}")
        };
        assert_eq!(whole("calc: {a}+{b}=|{sum}", 36, 59), "calc: 36+59=|95");
        assert_eq!(
            whole(
                "|{a.ones}+{b.ones}={ones}, {digit}, {carry}; {a.tens}+{b.tens}+{carry}={tens}",
                36,
                59
            ),
            "|6+9=15, 5, 1; 3+5+1=9"
        );
        assert_eq!(
            whole("${a} {start}-|{end.head}{end.tail}", 40, 65),
            "$40 1940-|2005"
        );
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (template, part) in [
            ("{c}|", "{c}"),
            ("{a", "without"),
            ("{a}", "one |"),
            ("a|b|", "one |"),
        ] {
            assert!(
                fill(template, 1, 2).unwrap_err().contains(part),
                "{template}"
            );
        }
    }
}
