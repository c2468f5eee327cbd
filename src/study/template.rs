//! A prompt about two numbers with the numbers left open.

use super::OPERANDS;
use super::sum_text::{self, Found};
use crate::model::Vocabulary;
use std::collections::HashMap;
use std::ops::Range;

/// A token of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Slot {
    /// The same whatever the operands are.
    Fixed(u32),
    /// By the first operand.
    First(Vec<u32>),
    /// By both, at `100 a + b`.
    Both(Vec<u32>),
}

/// A prompt that asks about two integers from 0 to 99, which are left open, and with them every number that follows
/// from them (a year, a carry).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    slots: Vec<Slot>,
    /// Position of the first operand.
    pub a_position: usize,
    /// Position of the second; no token before it depends on that.
    pub b_position: usize,
}

impl Template {
    /// Finds the two operands of a prompt: (template, a, b). `texts` are templates of texts that the model knows, with
    /// placeholders (see [`sum_text::fill`]); they are looked for first, wherever in the prompt they stand. A prompt that
    /// is none of them has operands if there are exactly two integers from 0 to 99 in it, each a token of its own. None
    /// where there are no operands, or the vocabulary has not a token for each.
    pub fn find<T: AsRef<str>>(
        ids: &[u32],
        vocabulary: &Vocabulary,
        texts: &[T],
    ) -> Option<(Template, usize, usize)> {
        let tokens: Vec<String> = ids.iter().map(|id| vocabulary.token(*id)).collect();
        let text = tokens.concat();
        let known = texts
            .iter()
            .filter_map(|template| sum_text::find(template.as_ref(), &text))
            // The longest tells most of the numbers; of equal ones the one that stands last.
            .max_by_key(|found| {
                (
                    found.places.len(),
                    found.places.first().map(|(_, at)| at.start),
                )
            })
            .and_then(|found| {
                let template = Template::known(ids, &tokens, vocabulary, &found)?;
                Some((template, found.a as usize, found.b as usize))
            });
        known.or_else(|| Template::two_numbers(ids, &tokens, vocabulary))
    }

    /// A text that the model knows.
    fn known(
        ids: &[u32],
        tokens: &[String],
        vocabulary: &Vocabulary,
        found: &Found<'_>,
    ) -> Option<Template> {
        let mut ends = Vec::with_capacity(tokens.len());
        let mut end = 0;
        for token in tokens {
            end += token.len();
            ends.push(end);
        }
        let mut slots: Vec<Slot> = ids.iter().map(|id| Slot::Fixed(*id)).collect();
        let (mut a_position, mut b_position) = (None, None);
        for (name, place) in &found.places {
            let first = ends.partition_point(|end| *end <= place.start);
            let last = ends.partition_point(|end| *end < place.end);
            let number = Number {
                tokens: tokens.get(first..=last)?,
                digits: place.len(),
                start: place.start - (ends[first] - tokens[first].len()),
            };
            let by_b = !matches!(*name, "a" | "a.ones" | "a.tens" | "start");
            let bs = if by_b { OPERANDS } else { 1 };
            let mut kept: HashMap<String, Vec<u32>> = HashMap::new();
            let mut columns = vec![Vec::with_capacity(OPERANDS * bs); number.tokens.len()];
            for (a, b) in (0..OPERANDS).flat_map(|a| (0..bs).map(move |b| (a, b))) {
                let value = sum_text::value(name, a as u32, b as u32)?;
                let ids = match kept.get(&value) {
                    Some(ids) => ids,
                    None => {
                        let ids = number.written(&value, vocabulary)?;
                        kept.entry(value).or_insert(ids)
                    }
                };
                for (column, id) in columns.iter_mut().zip(ids) {
                    column.push(*id);
                }
            }
            for (slot, column) in slots[first..].iter_mut().zip(columns) {
                // Two numbers in one token are not taken apart.
                let Slot::Fixed(_) = slot else { return None };
                *slot = if by_b {
                    Slot::Both(column)
                } else {
                    Slot::First(column)
                };
            }
            match *name {
                "a" | "start" => _ = a_position.get_or_insert(last),
                "b" => _ = b_position.get_or_insert(last),
                _ => {}
            }
        }
        let template = Template {
            slots,
            a_position: a_position?,
            b_position: b_position?,
        };
        let early = template.slots[..template.b_position].iter();
        (!early.into_iter().any(|slot| matches!(slot, Slot::Both(_)))).then_some(template)
    }

    /// Any other prompt with exactly two integers from 0 to 99.
    fn two_numbers(
        ids: &[u32],
        tokens: &[String],
        vocabulary: &Vocabulary,
    ) -> Option<(Template, usize, usize)> {
        let digit = |at: Option<&String>, last: bool| {
            let bytes = at.map_or(&[][..], |token| token.as_bytes());
            let byte = if last { bytes.last() } else { bytes.first() };
            byte.is_some_and(u8::is_ascii_digit)
        };
        let mut found = ids.iter().enumerate().filter_map(|(position, id)| {
            let number = vocabulary.number(*id)? as usize;
            (number < OPERANDS).then_some((position, number))
        });
        let (a_position, a) = found.next()?;
        let (b_position, b) = found.next()?;
        // Some digits of a number, as 1 is of 1959, are no operand.
        let is_part = |position: usize| {
            digit(position.checked_sub(1).and_then(|p| tokens.get(p)), true)
                || digit(tokens.get(position + 1), false)
        };
        if found.next().is_some() || is_part(a_position) || is_part(b_position) {
            return None;
        }
        let numbers: Vec<u32> = (0..OPERANDS as u32)
            .map(|number| vocabulary.id_of_number(number))
            .collect::<Option<_>>()?;
        let mut slots: Vec<Slot> = ids.iter().map(|id| Slot::Fixed(*id)).collect();
        slots[b_position] = Slot::Both(numbers.repeat(OPERANDS));
        slots[a_position] = Slot::First(numbers);
        let template = Template {
            slots,
            a_position,
            b_position,
        };
        Some((template, a, b))
    }

    /// How many tokens its prompts have.
    pub fn tokens(&self) -> usize {
        self.slots.len()
    }

    /// The token at a position of the prompt about `a` and `b`, each below 100.
    pub fn token(&self, position: usize, a: usize, b: usize) -> u32 {
        match &self.slots[position] {
            Slot::Fixed(id) => *id,
            Slot::First(ids) => ids[a],
            Slot::Both(ids) => ids[OPERANDS * a + b],
        }
    }

    /// The same for every prompt of the template.
    pub fn key(&self) -> String {
        let slots = self.slots.iter().enumerate().map(|(position, slot)| {
            let open = if matches!(slot, Slot::Fixed(_)) {
                ""
            } else {
                "*"
            };
            format!("{}{open}", self.token(position, 0, 0))
        });
        let slots: Vec<String> = slots.collect();
        format!(
            "{}:{}:{}",
            self.a_position,
            self.b_position,
            slots.join(",")
        )
    }
}

/// A number as a prompt has it, and how another one would stand there.
struct Number<'a> {
    /// The tokens that hold it; what is before and after it in them stays.
    tokens: &'a [String],
    digits: usize,
    /// Byte of the first digit in the first token.
    start: usize,
}

impl Number<'_> {
    /// The tokens with other digits in place of the number's; none where they would be others in number, or the
    /// vocabulary lacks one.
    fn written(&self, digits: &str, vocabulary: &Vocabulary) -> Option<Vec<u32>> {
        let text = self.tokens.concat();
        let whole = |end: Range<usize>| text.get(end);
        let (before, after) = (
            whole(0..self.start)?,
            whole(self.start + self.digits..text.len())?,
        );
        let other = format!("{before}{digits}{after}");
        if let [_] = self.tokens {
            return Some(vec![id(vocabulary, &other)?]);
        }
        // Only the last part of a longer number may be cut elsewhere: numbers of one length are cut alike.
        if digits.len() != self.digits {
            return None;
        }
        let mut rest = other.as_str();
        let ids = self.tokens.iter().map(|token| {
            let (part, more) = rest.split_at_checked(token.len())?;
            rest = more;
            id(vocabulary, part)
        });
        ids.collect()
    }
}

/// The token with this text.
fn id(vocabulary: &Vocabulary, text: &str) -> Option<u32> {
    let number: Option<u32> = text.parse().ok();
    // Numbers are found faster.
    match number.filter(|number| number.to_string() == text) {
        Some(number) => vocabulary.id_of_number(number),
        None => vocabulary.id(text),
    }
}
