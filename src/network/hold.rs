//! What keeps the values that it had when a prompt was run, while something else changes.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// Layers, from one on to before another. The final norm counts as a layer after the last.
pub type Layers = Range<usize>;

/// Sites of a network that keep recorded values: in a forward pass they are put in, on the way back
/// they are constants. Freezing as in "Circuit Tracing", 2025, section 3.2, is all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Attention patterns of these layers.
    pub patterns: Layers,
    /// 1 / denominator of the norms of these layers.
    pub norms: Layers,
    /// What the MLPs of these layers write.
    pub mlps: Layers,
}

impl Hold {
    /// Every layer, and the final norm.
    pub const ALL: Layers = 0..usize::MAX;
    /// No layer.
    pub const NONE: Layers = 0..0;

    /// Nothing keeps its value: the model as it is.
    pub const NOTHING: Hold = Hold {
        patterns: Hold::NONE,
        norms: Hold::NONE,
        mlps: Hold::NONE,
    };

    /// Whether all that a layer's attention does but for what its values are is held: its patterns and its norm.
    pub(crate) fn attention(&self, layer: usize) -> bool {
        self.patterns.contains(&layer) && self.norms.contains(&layer)
    }
}

/// Of a graph: what its edges take as given. MLPs' outputs always are, since what features, errors
/// and biases write is what edges begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reading {
    /// Whether attention patterns are held.
    pub patterns: bool,
    /// Whether the norms' denominators are held.
    pub norms: bool,
}

impl Reading {
    /// What the prompt's values are made of: patterns and denominators are held, rows add up, and the
    /// numbers are circuit-tracer's.
    pub const HELD: Reading = Reading {
        patterns: true,
        norms: true,
    };
    /// What would change: an edge is the derivative of its target by how much its source writes.
    pub const LIVE: Reading = Reading {
        patterns: false,
        norms: false,
    };

    /// Whether every row adds up to its target's pre-activation.
    pub fn adds_up(self) -> bool {
        self == Reading::HELD
    }
}

impl Default for Reading {
    fn default() -> Self {
        Reading::HELD
    }
}

impl From<Reading> for Hold {
    fn from(reading: Reading) -> Hold {
        let layers = |held| if held { Hold::ALL } else { Hold::NONE };
        Hold {
            patterns: layers(reading.patterns),
            norms: layers(reading.norms),
            mlps: Hold::ALL,
        }
    }
}

/// What is held: `patterns,norms`, one of the two, or `nothing`.
impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.patterns, self.norms) {
            (true, true) => "patterns,norms",
            (true, false) => "patterns",
            (false, true) => "norms",
            (false, false) => "nothing",
        })
    }
}

impl FromStr for Reading {
    type Err = String;

    fn from_str(text: &str) -> Result<Reading, String> {
        let mut reading = Reading::LIVE;
        if text.trim() == "nothing" {
            return Ok(reading);
        }
        for site in text.split(',') {
            match site.trim() {
                "patterns" => reading.patterns = true,
                "norms" => reading.norms = true,
                _ => {
                    return Err(format!(
                        "{text:?} holds nothing that there is: use patterns,norms (the default), patterns, norms or nothing"
                    ));
                }
            }
        }
        Ok(reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_are_read_as_they_are_written() {
        for patterns in [true, false] {
            for norms in [true, false] {
                let reading = Reading { patterns, norms };
                assert_eq!(reading.to_string().parse(), Ok(reading));
            }
        }
        assert_eq!("norms, patterns".parse(), Ok(Reading::HELD));
        for wrong in ["", "all", "patterns,", "patterns;norms", "nothing,norms"] {
            assert!(wrong.parse::<Reading>().is_err(), "{wrong:?}");
        }
    }
}
