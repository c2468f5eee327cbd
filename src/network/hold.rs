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

/// Of a graph: what its edges take as given. Where anything is held, errors are too: what MLPs write beyond the features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reading {
    /// What the prompt's values are made of: patterns and denominators are held, rows add up, and the
    /// numbers are circuit-tracer's.
    #[default]
    Held,
    /// Attention patterns are held, norms' denominators answer.
    Patterns,
    /// Denominators are held, patterns answer.
    Norms,
    /// Patterns and denominators answer, and errors alone are held: the local replacement model's derivative.
    Errors,
    /// What would change: nothing is held. An edge is the derivative of its target by how much its source writes, and
    /// all paths together are the original's own derivative.
    Nothing,
}

impl Reading {
    /// From the one that holds most.
    pub const ALL: [Reading; 5] = [
        Reading::Held,
        Reading::Patterns,
        Reading::Norms,
        Reading::Errors,
        Reading::Nothing,
    ];

    /// Whether attention patterns are held.
    pub fn patterns(self) -> bool {
        matches!(self, Reading::Held | Reading::Patterns)
    }

    /// Whether the norms' denominators are held.
    pub fn norms(self) -> bool {
        matches!(self, Reading::Held | Reading::Norms)
    }

    /// Whether errors are held.
    pub fn errors(self) -> bool {
        self != Reading::Nothing
    }

    /// Whether every row adds up to its target's pre-activation.
    pub fn adds_up(self) -> bool {
        self == Reading::Held
    }

    fn name(self) -> &'static str {
        match self {
            Reading::Held => "patterns,norms",
            Reading::Patterns => "patterns",
            Reading::Norms => "norms",
            Reading::Errors => "errors",
            Reading::Nothing => "nothing",
        }
    }
}

impl From<Reading> for Hold {
    /// MLPs that are held write what features, errors and biases write; others answer beyond them.
    fn from(reading: Reading) -> Hold {
        let layers = |held| if held { Hold::ALL } else { Hold::NONE };
        Hold {
            patterns: layers(reading.patterns()),
            norms: layers(reading.norms()),
            mlps: layers(reading.errors()),
        }
    }
}

/// What is held: `patterns,norms`, one of the two, `errors`, or `nothing`.
impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Reading {
    type Err = String;

    fn from_str(text: &str) -> Result<Reading, String> {
        let text: Vec<&str> = text.split(',').map(str::trim).collect();
        let same = |reading: &Reading| {
            let name: Vec<&str> = reading.name().split(',').collect();
            text == name || text.iter().rev().eq(&name)
        };
        Reading::ALL.into_iter().find(same).ok_or_else(|| {
            format!(
                "{:?} holds nothing that there is: use patterns,norms (the default), patterns, norms, errors or nothing",
                text.join(",")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_are_read_as_they_are_written() {
        for reading in Reading::ALL {
            assert_eq!(reading.to_string().parse(), Ok(reading));
        }
        assert_eq!("norms, patterns".parse(), Ok(Reading::Held));
        for wrong in [
            "",
            "all",
            "patterns,",
            "patterns;norms",
            "nothing,norms",
            "norms,norms",
        ] {
            assert!(wrong.parse::<Reading>().is_err(), "{wrong:?}");
        }
    }
}
