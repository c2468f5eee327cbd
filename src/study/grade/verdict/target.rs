//! What had better be explained: the answer alone, or its difference from the runner-up.

use super::numbers::two;
use super::{CLEARLY, Finding, Trust, off, say, trust};
use crate::study::Rung;
use crate::study::grade::Grade;
use serde::Serialize;

/// What had better be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum BetterTarget {
    /// The answer's logit less the runner-up's.
    Difference,
    /// The answer's logit.
    Answer,
}

/// The target that is clearly foretold better with nothing frozen, if one is.
pub fn better_target(grade: &Grade) -> Option<BetterTarget> {
    let [difference, answer] = foretold(grade)?;
    if difference > answer + CLEARLY {
        Some(BetterTarget::Difference)
    } else if answer > difference + CLEARLY {
        Some(BetterTarget::Answer)
    } else {
        None
    }
}

/// How well the difference and the answer are foretold with nothing frozen.
fn foretold(grade: &Grade) -> Option<[f64; 2]> {
    let figure = |about| off(grade, Rung::Everything, about);
    Some([figure("difference")?, figure("answer")?])
}

/// The answer alone beside the difference.
pub fn alone(grade: &Grade, versus: &str) -> Option<Finding> {
    let [difference, answer] = foretold(grade)?;
    let (sure, text) = match better_target(grade) {
        Some(BetterTarget::Difference) => {
            let text = format!(
                "The logit of the answer alone is foretold worse (r = {} against {}): a norm’s denominator scales all logits together. The difference {versus} is the better target.",
                two(answer),
                two(difference)
            );
            (Trust::Partly, text)
        }
        Some(BetterTarget::Answer) => {
            let text = format!(
                "The logit of the answer alone is foretold better than the difference {versus} (r = {} against {}): here it is the better target.",
                two(answer),
                two(difference)
            );
            (trust(answer), text)
        }
        None => {
            let text = format!(
                "The logit of the answer alone is foretold about as well as the difference {versus} (r = {} and {}): either target will do.",
                two(answer),
                two(difference)
            );
            (trust(answer), text)
        }
    };
    Some(say(sure, "target", text))
}

#[cfg(test)]
mod tests {
    use super::super::kit::{ALL, ALONE, NONE, find, grade, says};
    use super::*;

    #[test]
    fn the_better_target_is_the_one_that_is_foretold_better() {
        for (answer, difference, trust, words) in [
            (0.6, 0.95, Trust::Partly, "yes − no is the better target"),
            (0.91, 0.95, Trust::Partly, "worse (r = 0.91 against 0.95)"),
            (0.93, 0.95, Trust::Yes, "either target will do"),
            (0.95, 0.93, Trust::Yes, "either target will do"),
            (0.5, 0.5, Trust::No, "either target will do"),
            (
                0.88,
                0.63,
                Trust::Partly,
                "better than the difference yes − no",
            ),
            (0.95, 0.63, Trust::Yes, "here it is the better target"),
        ] {
            let grade = grade(&[(ALONE, answer), (ALL, difference)], NONE);
            says(&grade, "target", trust, &[words]);
            let better = match answer - difference {
                gap if gap > CLEARLY => Some(BetterTarget::Answer),
                gap if gap < -CLEARLY => Some(BetterTarget::Difference),
                _ => None,
            };
            assert_eq!(
                better_target(&grade),
                better,
                "{answer} against {difference}"
            );
        }
        assert_eq!(find(&grade(&[(ALL, 0.9)], NONE), "target"), None);
    }
}
