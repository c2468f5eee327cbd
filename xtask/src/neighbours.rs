//! Finds the order of texts that gzip packs well: each after those that are like it.

use std::collections::{BTreeSet, HashMap, VecDeque};

/// The bytes that are compared at once: two or three instructions.
const PIECE: usize = 6;
/// How far back gzip looks, in bytes.
const WINDOW: usize = 32 << 10;
/// Pieces that a text has in its favour when its share of pieces met before is told: of two texts with
/// the same share the longer comes first, as it gains more.
const HANDICAP: usize = 64;

/// The numbers of the texts, in an order in which each has the most in common with those before it that gzip
/// still sees, and more so with the last one.
pub fn order(texts: &[&[u8]]) -> Vec<usize> {
    let mut order = Vec::with_capacity(texts.len());
    let mut seen = Seen::new(texts);
    let mut next = (!texts.is_empty()).then_some(0);
    while let Some(text) = next {
        order.push(text);
        next = seen.next_after(text);
    }
    order
}

/// What gzip still sees, and what the texts that are left have in common with it.
struct Seen<'t> {
    texts: &'t [&'t [u8]],
    /// The pieces of each text, as numbers, each once.
    pieces: Vec<Vec<usize>>,
    /// The texts that have each piece.
    having: Vec<Vec<usize>>,
    left: Vec<bool>,
    window: VecDeque<usize>,
    /// The bytes of the texts in the window.
    bytes: usize,
    /// How many texts in the window have each piece.
    counts: Vec<usize>,
    /// What each text that is left has in common with the window.
    shared: Vec<f64>,
}

impl<'t> Seen<'t> {
    fn new(texts: &'t [&'t [u8]]) -> Seen<'t> {
        let mut numbers = HashMap::new();
        let mut having: Vec<Vec<usize>> = Vec::new();
        let mut pieces = Vec::with_capacity(texts.len());
        for (text, bytes) in texts.iter().enumerate() {
            let distinct: BTreeSet<&[u8]> = bytes.windows(PIECE).collect();
            let numbered = distinct.into_iter().map(|piece| {
                let number = *numbers.entry(piece).or_insert(having.len());
                if number == having.len() {
                    having.push(Vec::new());
                }
                having[number].push(text);
                number
            });
            pieces.push(numbered.collect());
        }
        Seen {
            texts,
            pieces,
            left: vec![true; texts.len()],
            window: VecDeque::new(),
            bytes: 0,
            counts: vec![0; having.len()],
            shared: vec![0.0; texts.len()],
            having,
        }
    }

    /// Appends a text, and returns that which is best to come next.
    fn next_after(&mut self, text: usize) -> Option<usize> {
        self.left[text] = false;
        self.window.push_back(text);
        self.bytes += self.texts[text].len();
        let mut with_last = vec![0.0; self.texts.len()];
        for piece in &self.pieces[text] {
            self.counts[*piece] += 1;
            let weight = weight(&self.having[*piece]);
            for other in &self.having[*piece] {
                with_last[*other] += weight;
                if self.counts[*piece] == 1 {
                    self.shared[*other] += weight;
                }
            }
        }
        while self.bytes > WINDOW {
            self.forget_first();
        }
        let alike = |other: &usize| {
            let size = self.pieces[*other].len() + HANDICAP;
            (self.shared[*other] + with_last[*other]) / size as f64
        };
        // Of equal ones the first, so that every build gives the same.
        (0..self.texts.len())
            .filter(|other| self.left[*other])
            .max_by(|a, b| alike(a).total_cmp(&alike(b)).then(b.cmp(a)))
    }

    fn forget_first(&mut self) {
        let Some(text) = self.window.pop_front() else {
            return;
        };
        self.bytes -= self.texts[text].len();
        for piece in &self.pieces[text] {
            self.counts[*piece] -= 1;
            if self.counts[*piece] == 0 {
                let weight = weight(&self.having[*piece]);
                for other in &self.having[*piece] {
                    self.shared[*other] -= weight;
                }
            }
        }
    }
}

/// What a piece counts: less, the more texts have it, as it is then met again anyway.
fn weight(having: &[usize]) -> f64 {
    1.0 / (having.len() as f64).sqrt().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `length` bytes that are alike for the same `kind`, and have nothing in common with others.
    fn text(kind: u8, length: u8) -> Vec<u8> {
        (0..length).map(|byte| byte ^ kind).collect()
    }

    #[test]
    fn texts_that_are_alike_are_side_by_side() {
        let kinds = [0x00, 0x40, 0x80, 0x00, 0x80, 0x40];
        let texts = kinds.map(|kind| text(kind, 60));
        let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
        assert_eq!(order(&texts), [0, 3, 1, 5, 2, 4]);
    }

    #[test]
    fn what_gzip_sees_no_more_is_forgotten() {
        let wide = vec![0xFF; WINDOW];
        let (near, far) = (text(0x40, 60), text(0x00, 60));
        let texts = [&far[..], &near, &wide];
        let mut seen = Seen::new(&texts);
        seen.next_after(0);
        assert!(seen.shared[0] > 0.0);
        seen.next_after(2);
        assert_eq!(seen.window, [2]);
        assert_eq!(seen.shared[0], 0.0);
    }

    #[test]
    fn nothing_has_an_order_too() {
        assert!(order(&[]).is_empty());
    }
}
