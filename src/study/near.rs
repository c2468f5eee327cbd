//! The prompt that a model knows and that is near to what somebody typed about two numbers.

use super::OPERANDS;
use super::sum_text::value;

/// Longer texts, in bytes, are no questions about two numbers.
const LONGEST: usize = 200;

/// Words that ask for a sum, in lower case.
const ADDING: [&str; 7] = ["plus", "add", "added", "adding", "sum", "total", "together"];
/// Signs and words that ask for something else.
const OTHER_SIGNS: &str = "-\u{2212}\u{2013}*\u{d7}\u{b7}/\u{f7}^%<>";
const OTHER_WORDS: [&str; 6] = ["minus", "less", "times", "by", "over", "divided"];

/// The known form that is near to a prompt about two numbers below 100, as a prompt with these numbers.
///
/// `templates` are texts that the model knows (see [`super::sum_text::fill`]), the most usual first. A
/// prompt that, capitals and spaces aside, one of them begins with and that breaks off before the answer
/// is asked is led on to there: by a template with its own capitals and spaces if there is one, and by the
/// shortest of several. A prompt that adds two numbers in another way is put as the first template puts
/// it. A prompt that is a template's own has none, unless it is known to be `unlike` and its capitals or
/// spaces differ; nor has one that goes on from there.
pub fn near<T: AsRef<str>>(prompt: &str, templates: &[T], unlike: bool) -> Option<String> {
    let (a, b) = two_numbers(prompt)?;
    let typed = plain(prompt);
    let (mut first, mut known, mut longer) = (None, None, None::<String>);
    let mut goes_on = false;
    for template in templates {
        let Some(form) = asked(template.as_ref(), a, b) else {
            continue;
        };
        match prompt.strip_prefix(&form) {
            Some("") => return None,
            Some(rest) => goes_on |= rest.bytes().any(|byte| byte.is_ascii_alphanumeric()),
            None => {}
        }
        let here = plain(&form);
        if here == typed {
            known.get_or_insert(form);
        } else if here.starts_with(&typed) {
            let rank = |form: &str| (!form.starts_with(prompt), form.len());
            if longer
                .as_ref()
                .is_none_or(|other| rank(&form) < rank(other))
            {
                longer = Some(form);
            }
        } else if first.is_none() {
            first = Some(form);
        }
    }
    match known {
        Some(known) => unlike.then_some(known),
        None => longer.or_else(|| first.filter(|_| !goes_on && adds(prompt))),
    }
}

/// A template's prompt about two numbers, as far as its answer; none where it does not name both, or is
/// no template.
fn asked(template: &str, a: u32, b: u32) -> Option<String> {
    let (prompt, _) = template.split_once('|')?;
    let mut parts = prompt.split('{');
    let mut form = parts.next()?.to_string();
    let (mut first, mut second) = (false, false);
    for part in parts {
        let (name, after) = part.split_once('}')?;
        first |= name == "a";
        second |= name == "b";
        form.push_str(&value(name, a, b)?);
        form.push_str(after);
    }
    (first && second && form.len() <= LONGEST).then_some(form)
}

/// The two numbers of a prompt, where there are exactly two and both are operands.
fn two_numbers(prompt: &str) -> Option<(u32, u32)> {
    if prompt.len() > LONGEST {
        return None;
    }
    let runs = prompt.split(|c: char| !c.is_ascii_digit());
    let mut numbers = runs.filter(|run| !run.is_empty());
    let mut next = || {
        let number: u32 = numbers.next()?.parse().ok()?;
        (number < OPERANDS as u32).then_some(number)
    };
    let two = (next()?, next()?);
    numbers.next().is_none().then_some(two)
}

/// A text without its spaces, in lower case.
fn plain(text: &str) -> String {
    let letters = text.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let letters = letters.map(|byte| byte.to_ascii_lowercase());
    // No part of a longer character is a space or a letter, so it stays whole.
    String::from_utf8(letters.collect()).unwrap_or_default()
}

/// Whether a prompt with two numbers asks for their sum, and for nothing else.
fn adds(prompt: &str) -> bool {
    let from = prompt.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let signs = prompt[from..].chars();
    let lower = prompt.to_ascii_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphabetic());
    let has = |known: &[&str]| words.clone().any(|word| known.contains(&word));
    let negative = prompt[..from].trim_end().ends_with(['-', '\u{2212}']);
    let other = negative || signs.clone().any(|c| OTHER_SIGNS.contains(c)) || has(&OTHER_WORDS);
    !other && (signs.clone().any(|c| c == '+') || has(&ADDING))
}

#[cfg(test)]
mod tests {
    use super::near;

    const KNOWN: [&str; 8] = [
        "calc: {a}+{b}=|{sum}",
        "calc:{a}+{b}=|{sum}",
        "{a}+{b}=|{sum}",
        "What is {a} plus {b}?|{sum}",
        "What is {a} plus {b}? Answer:|{sum}",
        "How did you get {a}+{b}?| I added the ones: {a.ones}+{b.ones}={ones}.",
        "Founded: {start}. Volume: {b}. Year: {end.head}|{end.tail}",
        "pen ${a}, ink ${b}, total $|{sum}",
    ];

    #[test]
    fn what_somebody_typed_is_led_to_a_form_that_the_model_knows() {
        for (typed, form) in [
            ("36+59", "36+59="),
            ("calc: 36+59", "calc: 36+59="),
            ("CALC:36 + 59", "calc:36+59="),
            ("calc:36+59", "calc:36+59="),
            ("What is 36 plus 59", "What is 36 plus 59?"),
            ("What is 36 plus 59? Ans", "What is 36 plus 59? Answer:"),
            ("pen $36, ink $59", "pen $36, ink $59, total $"),
            ("add 7 and 8", "calc: 7+8="),
            ("waht is 7 plus 8", "calc: 7+8="),
            ("The SUM of 36 and 59 is", "calc: 36+59="),
            ("36 + 59 = ?", "calc: 36+59="),
            ("calc: 36+59==", "calc: 36+59="),
            ("\u{1f98a} 36+59!", "calc: 36+59="),
        ] {
            for unlike in [false, true] {
                assert_eq!(
                    near(typed, &KNOWN, unlike).as_deref(),
                    Some(form),
                    "{typed}"
                );
            }
        }
        // Without a template for bare sums, the first that there is.
        assert_eq!(near("36+59=", &KNOWN[..1], false).unwrap(), "calc: 36+59=");
    }

    #[test]
    fn a_form_that_is_there_is_offered_only_where_it_was_not_recognised() {
        for known in [
            "calc: 36+59=",
            "What is 36 plus 59?",
            "What is 36 plus 59? Answer:",
        ] {
            assert_eq!(near(known, &KNOWN, false), None);
            assert_eq!(near(known, &KNOWN, true), None);
        }
        assert_eq!(near("calc :36 +59=", &KNOWN, false), None);
        assert_eq!(near("calc :36 +59=", &KNOWN, true).unwrap(), "calc: 36+59=");
        // The model's own account, as far as it has got.
        assert_eq!(near("How did you get 36+59? I added", &KNOWN, true), None);
    }

    #[test]
    fn what_is_no_sum_of_two_operands_has_no_near_form() {
        for typed in [
            "",
            "hello world",
            "36",
            "36+",
            "36+59+12",
            "136+59",
            "36+259=",
            "59-36=",
            "-36+59=",
            "36*59",
            "36 \u{d7} 59",
            "3.6+5.9",
            "36 minus 59",
            "what is 36 times 59?",
            "36 and 59",
            "36, 59",
            "99999999999999999999+1",
            "\u{663}\u{666}+59",
            "a 32-year-old plus 4",
        ] {
            assert_eq!(near(typed, &KNOWN, true), None, "{typed}");
        }
        let long = format!("36+59{}", " ".repeat(1000));
        assert_eq!(near(&long, &KNOWN, true), None);
    }

    #[test]
    fn templates_that_are_none_are_passed_over() {
        let long = format!("{{a}}+{{b}}{}|", "x".repeat(1000));
        let wrong = [
            "",
            "|",
            "{a",
            "{a}{b}",
            "{a}+{b}|{c}",
            "{c}{a}+{b}|",
            "{a}|{b}",
            "|{a}+{b}",
            "a|b|",
            &long,
        ];
        assert_eq!(near("36+59", &wrong, true), None);
        let none: [&str; 0] = [];
        assert_eq!(near("36+59", &none, true), None);
        let mixed = ["{a", "\u{1f98a}{a} und {b} =|{sum}"];
        assert_eq!(near("36+59", &mixed, true).unwrap(), "\u{1f98a}36 und 59 =");
    }
}
