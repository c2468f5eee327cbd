//! What stands on a line: texts in quotes, and what stands without quotes.

use super::Reader;
use serde_json::{Number, Value};
use std::borrow::Cow;

/// What stands on a line: a text in quotes, or one without, which may be a number.
pub(super) struct Scalar<'a> {
    pub text: Cow<'a, str>,
    pub quoted: bool,
}

impl Scalar<'_> {
    /// What it stands for.
    pub fn value(self) -> Result<Value, &'static str> {
        match self.quoted {
            true => Ok(Value::String(self.text.into_owned())),
            false => plain(&self.text),
        }
    }
}

impl<'a> Reader<'a> {
    /// A key or a value on this line, up to what ends it.
    pub(super) fn scalar(&mut self, in_flow: bool) -> Result<Scalar<'a>, String> {
        match self.peek() {
            Some(b'"') => self.double_quoted(),
            Some(b'\'') => self.single_quoted(),
            Some(b'&' | b'*') => Err(self.wrong("has an anchor (& or *), which is not read here")),
            Some(b'!') => Err(self.wrong("has a tag (!), which is not read here")),
            Some(b'|' | b'>') => {
                Err(self.wrong("begins a text of several lines (| or >), which is not read here"))
            }
            _ => self.unquoted(in_flow),
        }
    }

    fn unquoted(&mut self, in_flow: bool) -> Result<Scalar<'a>, String> {
        let rest = self.rest();
        let indicator = rest.starts_with([',', '[', ']', '{', '}', '#', '%', '@', '`'])
            || in_flow && rest.starts_with(['?', ':']);
        if indicator || ['-', '?', ':'].iter().any(|mark| self.is_alone(*mark)) {
            return Err(self.wrong("has a sign where a value is needed"));
        }
        let mut end = rest.len();
        let mut before = ' ';
        for (at, character) in rest.char_indices() {
            let after = rest[at + character.len_utf8()..].chars().next();
            let ends = match character {
                '\n' | '\r' => true,
                ':' if in_flow && after.is_some_and(|after| ",?[]{}".contains(after)) => {
                    return Err(self.wrong("has a colon without a space behind it"));
                }
                ':' => after.is_none_or(|after| after.is_ascii_whitespace()),
                '#' => at > 0 && matches!(before, ' ' | '\t'),
                ',' | '[' | ']' | '{' | '}' => in_flow,
                _ => false,
            };
            if ends {
                end = at;
                break;
            }
            before = character;
        }
        let text = rest[..end].trim_end_matches([' ', '\t']);
        self.at += text.len();
        match text.is_empty() {
            true => Err(self.wrong("has a sign where a value is needed")),
            false => Ok(Scalar {
                text: text.into(),
                quoted: false,
            }),
        }
    }

    fn single_quoted(&mut self) -> Result<Scalar<'a>, String> {
        let mut text = String::new();
        self.at += 1;
        loop {
            let rest = self.rest();
            let end = rest.find(['\'', '\n', '\r']).unwrap_or(rest.len());
            text.push_str(&rest[..end]);
            self.at += end;
            if self.peek() != Some(b'\'') {
                return Err(self.wrong("has a quote that it does not close"));
            }
            self.at += 1;
            if self.peek() != Some(b'\'') {
                return Ok(Scalar {
                    text: text.into(),
                    quoted: true,
                });
            }
            text.push('\'');
            self.at += 1;
        }
    }

    fn double_quoted(&mut self) -> Result<Scalar<'a>, String> {
        let mut text = String::new();
        self.at += 1;
        loop {
            let rest = self.rest();
            let end = rest.find(['"', '\\', '\n', '\r']).unwrap_or(rest.len());
            text.push_str(&rest[..end]);
            self.at += end;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Scalar {
                        text: text.into(),
                        quoted: true,
                    });
                }
                Some(b'\\') => text.push(self.escaped()?),
                _ => return Err(self.wrong("has a quote that it does not close")),
            }
        }
    }

    /// The character that a backslash and what follows it stand for.
    fn escaped(&mut self) -> Result<char, String> {
        let mark = self.text.as_bytes().get(self.at + 1).copied();
        self.at += 1 + usize::from(mark.is_some_and(|mark| mark.is_ascii()));
        let digits = match mark {
            Some(b'x') => 2,
            Some(b'u') => 4,
            Some(b'U') => 8,
            _ => 0,
        };
        let character = match mark {
            Some(b'"' | b'\\' | b'/' | b' ') => mark.map(char::from),
            Some(b't') => Some('\t'),
            Some(b'n') => Some('\n'),
            Some(b'r') => Some('\r'),
            _ if digits > 0 => {
                let number = self
                    .rest()
                    .get(..digits)
                    .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
                let number = number.and_then(|digits| u32::from_str_radix(digits, 16).ok());
                number.and_then(char::from_u32)
            }
            _ => None,
        };
        match character {
            Some(character) => {
                self.at += digits;
                Ok(character)
            }
            None => Err(self.wrong("has a backslash before what stands for no character here")),
        }
    }
}

/// What a text without quotes stands for.
fn plain(text: &str) -> Result<Value, &'static str> {
    const RANGE: &str = "has a number that is out of range";
    match text {
        "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = unsigned.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && !unsigned.is_empty() {
        // As with other readers, `007` is a name.
        if unsigned.len() > 1 && unsigned.starts_with('0') {
            return Ok(Value::String(text.to_string()));
        }
        let number = text.parse::<u64>().map(Number::from).ok();
        let number = number.or_else(|| text.parse::<i64>().map(Number::from).ok());
        return number.map(Value::Number).ok_or(RANGE);
    }
    let begins_as_number =
        unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    if !begins_as_number {
        return Ok(Value::String(text.to_string()));
    }
    for (base, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        let digits = unsigned.strip_prefix(base);
        if digits.is_some_and(|digits| digits.chars().all(|digit| digit.is_digit(radix))) {
            return Err("has a number that is not in tens");
        }
    }
    if matches!(
        unsigned,
        ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN"
    ) {
        return Err(RANGE);
    }
    Ok(fraction(text).unwrap_or_else(|| Value::String(text.to_string())))
}

/// A number with a point or an exponent, by the reader of JSON, so to its last bit but one: a second reader would be 13 KB of the page's download.
fn fraction(text: &str) -> Option<Value> {
    let sign = if text.starts_with('-') { "-" } else { "" };
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let end = unsigned.find(['e', 'E']).unwrap_or(unsigned.len());
    let (digits, exponent) = unsigned.split_at(end);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let other = |text: &str| text.bytes().any(|byte| !byte.is_ascii_digit());
    if matches!(digits, "" | ".") || other(whole) || other(part) {
        return None;
    }
    // In JSON a digit stands on both sides of a point, and no needless zero in front.
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let part = if part.is_empty() { "0" } else { part };
    serde_json::from_str(&format!("{sign}{whole}.{part}{exponent}")).ok()
}
