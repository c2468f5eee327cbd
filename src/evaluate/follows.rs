//! What a feature on the answering token follows: the condition that leads, the answer that is given, words of the vignette, or nothing
//! of these. It is
//! chosen on one half of the vignettes and judged on the other. What follows none of these may say any answer of a kind.

use super::NamedFeature;
use super::asked::Exam;
use super::conditions::{QUESTIONS, answering};
use super::says;
use super::sweep::Sweep;
use crate::model::Model;
use crate::study::HEDGE;
use std::collections::{BTreeMap, HashMap};

/// A name is given from this F1 on; it is hedged below [`SURE`].
const LEAST: f64 = 0.5;
const SURE: f64 = 0.8;
/// Most things that a feature is named after, and what each has to add to the F1.
const MOST_NAMED: usize = 3;
const RAISES: f64 = 0.03;
/// A word counts that is in so many vignettes of a half at least.
const LEAST_OFTEN: usize = 4;
/// A word that is in more than one vignette of so many tells nothing of them, such as “year”.
const COMMON: usize = 3;
/// A word of the vignette, or none of its own, has to tell a feature better than a condition or an answer by this: it is the poorer
/// explanation.
const BETTER: f64 = 0.05;

/// A kind of thing to follow, by how it is said.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Condition,
    Answer,
    Word,
    /// What is asked.
    Question,
    /// Every vignette.
    Any,
}

impl Kind {
    /// Whether a condition or an answer is to be preferred.
    fn is_poor(self) -> bool {
        matches!(self, Kind::Word | Kind::Question | Kind::Any)
    }

    /// Most things of this kind that a feature is named after.
    fn most(self) -> usize {
        match self {
            Kind::Any => 1,
            Kind::Question => ASKED.len() - 1,
            Kind::Condition | Kind::Answer | Kind::Word => MOST_NAMED,
        }
    }
}

/// Questions of a vignette, and what they ask for, after which features are named that follow one.
const ASKED: [(&str, &str); 3] = [
    ("ask", "a finding"),
    ("diagnosis", "the diagnosis"),
    ("alternative", "an alternative"),
];

/// Which things hold for each of some vignettes, by number.
struct Things {
    kind: Kind,
    names: Vec<String>,
    holds: Vec<Vec<usize>>,
    /// So many of them in a row are of one vignette, and belong to the same half.
    together: usize,
}

/// Some texts of a half, one bit each.
#[derive(Clone)]
struct Texts(Vec<u64>);

impl Texts {
    fn none(of: usize) -> Texts {
        Texts(vec![0; of.div_ceil(64)])
    }

    fn add(&mut self, text: usize) {
        self.0[text / 64] |= 1 << (text % 64);
    }

    fn or(&self, other: &Texts) -> Texts {
        Texts(self.0.iter().zip(&other.0).map(|(a, b)| a | b).collect())
    }

    fn count(&self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    fn in_both(&self, other: &Texts) -> usize {
        let both = self.0.iter().zip(&other.0).map(|(a, b)| a & b);
        both.map(|bits| bits.count_ones() as usize).sum()
    }
}

/// Of one half of the vignettes, in which each thing holds, and in which each feature fires.
struct Half {
    all: usize,
    things: Vec<Texts>,
    features: HashMap<u32, Texts>,
}

impl Half {
    fn new(things: &Things, active: &[Vec<u32>], odd: usize) -> Half {
        let own = |at: usize| at / things.together % 2 == odd;
        let all = (0..active.len()).filter(|at| own(*at)).count();
        let mut half = Half {
            all,
            things: vec![Texts::none(all); things.names.len()],
            features: HashMap::new(),
        };
        let each = active.iter().zip(&things.holds).enumerate();
        for (text, (_, (active, holds))) in each.filter(|(at, _)| own(*at)).enumerate() {
            for thing in holds {
                half.things[*thing].add(text);
            }
            for feature in active {
                let fires = half.features.entry(*feature);
                fires.or_insert_with(|| Texts::none(all)).add(text);
            }
        }
        half
    }

    /// In which of the texts any of some things holds.
    fn any(&self, things: &[usize]) -> Texts {
        let none = Texts::none(self.all);
        things
            .iter()
            .fold(none, |any, at| any.or(&self.things[*at]))
    }

    /// F1 of a feature for any of some things.
    fn f1(&self, feature: u32, any: &Texts) -> f64 {
        let Some(fires) = self.features.get(&feature) else {
            return 0.0;
        };
        2.0 * fires.in_both(any) as f64 / (fires.count() + any.count()).max(1) as f64
    }

    /// Whether a feature may be named after it.
    fn may_name(&self, thing: usize, kind: Kind) -> bool {
        let often = self.things[thing].count();
        kind != Kind::Word || (often >= LEAST_OFTEN && often * COMMON <= self.all)
    }

    /// What a feature tells best, the best first.
    fn followed(&self, feature: u32, kind: Kind) -> Vec<usize> {
        let mut chosen: Vec<usize> = Vec::new();
        let mut any = Texts::none(self.all);
        let mut fit = 0.0;
        while chosen.len() < kind.most() {
            let left = (0..self.things.len()).filter(|at| !chosen.contains(at));
            let left = left.filter(|at| self.may_name(*at, kind));
            let with = left.map(|at| (at, self.f1(feature, &any.or(&self.things[at]))));
            let next = with.max_by(|(a, x), (b, y)| x.total_cmp(y).then(b.cmp(a)));
            let Some((next, better)) = next else {
                break;
            };
            if !chosen.is_empty() && better < fit + RAISES {
                break;
            }
            fit = better;
            any = any.or(&self.things[next]);
            chosen.push(next);
        }
        chosen
    }
}

/// The features of a transcoder that follow something, with what it is; and those of the last layer that say something, see [`says`].
pub fn named(exam: &Exam, sweep: &Sweep, model: &Model) -> Vec<NamedFeature> {
    let mut best = Best::new();
    for (number, name) in QUESTIONS.iter().enumerate() {
        let Some(question) = exam.group(name) else {
            continue;
        };
        let active = answering(exam, sweep, question);
        for things in things(exam, sweep, model, question) {
            // The words are the same whatever is asked.
            if things.kind != Kind::Word || number == 0 {
                choose(&mut best, &things, active);
            }
        }
    }
    // All questions together, a vignette's in the same half.
    let asked: Vec<(usize, &str)> = ASKED
        .iter()
        .filter_map(|(name, said)| Some((exam.group(name)?, *said)))
        .collect();
    let all = |kind, names: Vec<String>, holds: &dyn Fn(usize) -> usize| {
        let vignettes = 0..exam.leading.len();
        let each = |_| (0..asked.len()).map(holds).map(|it| vec![it]);
        Things {
            kind,
            names,
            holds: vignettes.flat_map(each).collect(),
            together: asked.len(),
        }
    };
    let active: Vec<Vec<u32>> = (0..exam.leading.len())
        .flat_map(|vignette| {
            let fires =
                |(question, _): &(usize, &str)| answering(exam, sweep, *question)[vignette].clone();
            asked.iter().map(fires).collect::<Vec<_>>()
        })
        .collect();
    let names = asked.iter().map(|(_, said)| (*said).to_owned()).collect();
    choose(
        &mut best,
        &all(Kind::Question, names, &|asked| asked),
        &active,
    );
    choose(
        &mut best,
        &all(Kind::Any, vec![String::new()], &|_| 0),
        &active,
    );
    let features = model.transcoder.features();
    let name = |(feature, (fit, name)): (u32, (f64, String))| NamedFeature {
        layer: feature as usize / features,
        index: feature as usize % features,
        name,
        fit: ((100.0 * fit).round() / 100.0) as f32,
    };
    // What is said tells less of a feature than what it follows, even in part.
    let says = says::saying(exam, sweep, model);
    let says = says.into_iter().filter(|it| {
        let feature = (it.layer * features + it.index) as u32;
        !best.contains_key(&feature)
    });
    let mut all: Vec<NamedFeature> = says.collect();
    all.extend(best.into_iter().map(name));
    all.sort_unstable_by_key(|it| (it.layer, it.index));
    all
}

/// The best name of each feature so far, with its fit.
type Best = BTreeMap<u32, (f64, String)>;

/// Names features after these things that have no better name.
fn choose(best: &mut Best, things: &Things, active: &[Vec<u32>]) {
    let kind = things.kind;
    let [even, odd] = [0, 1].map(|odd| Half::new(things, active, odd));
    for feature in even.features.keys() {
        let mut chosen = even.followed(*feature, kind);
        if kind == Kind::Question {
            chosen.sort_unstable(); // a question is not followed more than another
        }
        let fit = odd.f1(*feature, &odd.any(&chosen));
        let known = best.get(feature).map_or(0.0, |(fit, _)| *fit);
        let needed = known + if kind.is_poor() { BETTER } else { 0.0 };
        let least = if matches!(kind, Kind::Word | Kind::Question) {
            SURE
        } else {
            LEAST
        };
        if fit >= least && fit > needed {
            let names: Vec<&str> = chosen.iter().map(|at| things.names[*at].as_str()).collect();
            best.insert(*feature, (fit, said(kind, &names, fit)));
        }
    }
}

/// What may be followed where this question is asked: conditions first, then answers, then words.
fn things(exam: &Exam, sweep: &Sweep, model: &Model, question: usize) -> [Things; 3] {
    let vignettes = exam.leading.len();
    let first = question * vignettes;
    let answers = &sweep.tops[first..first + vignettes];
    let mut words = Numbered::default();
    let prompts = &exam.prompts[first..first + vignettes];
    // The first token is the BOS.
    let held = prompts.iter().map(|prompt| {
        let mut held: Vec<usize> = prompt
            .ids
            .iter()
            .skip(1)
            .filter(|id| {
                model
                    .vocabulary
                    .token(**id)
                    .chars()
                    .any(char::is_alphabetic)
            })
            .map(|id| words.number(model.vocabulary.token(*id).trim()))
            .collect();
        held.sort_unstable();
        held.dedup();
        held
    });
    let words_held = held.collect();
    let one = |kind, names: &mut dyn Iterator<Item = String>| {
        let mut all = Numbered::default();
        let holds = names.map(|name| vec![all.number(&name)]).collect();
        Things {
            kind,
            names: all.names,
            holds,
            together: 1,
        }
    };
    let said = |answer: &u32| model.vocabulary.token(*answer).trim().to_owned();
    [
        one(Kind::Condition, &mut exam.leading.iter().cloned()),
        one(Kind::Answer, &mut answers.iter().map(said)),
        Things {
            kind: Kind::Word,
            names: words.names,
            holds: words_held,
            together: 1,
        },
    ]
}

/// Names in the order in which they first came.
#[derive(Default)]
struct Numbered {
    names: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Numbered {
    fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), self.names.len() - 1);
        self.names.len() - 1
    }
}

/// `preeclampsia`, `answers “visual”`, `the text has “weeks”`; hedged where it fits in part.
fn said(kind: Kind, names: &[&str], fit: f64) -> String {
    let hedge = if fit < SURE { HEDGE } else { "" };
    let quoted: Vec<String> = names.iter().map(|name| format!("“{name}”")).collect();
    let quoted: Vec<&str> = quoted.iter().map(String::as_str).collect();
    match kind {
        Kind::Condition => format!("{hedge}{}", listed(names)),
        Kind::Answer => format!("{hedge}answers {}", listed(&quoted)),
        Kind::Word => format!("the text has {}", listed(&quoted)),
        Kind::Question => format!("asked for {}", listed(names)),
        Kind::Any => "active at most answers".to_owned(),
    }
}

/// `a`, `a or b`, `a, b or c`.
fn listed(names: &[&str]) -> String {
    match names {
        [before @ .., last] if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        names => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_followed_is_chosen_on_one_half_and_judged_on_the_other() {
        let things = Things {
            kind: Kind::Condition,
            names: ["a", "b", "c"].map(str::to_owned).to_vec(),
            holds: [0, 0, 1, 1, 2, 2].map(|it| vec![it]).to_vec(),
            together: 1,
        };
        // 7 follows a and b; 8 follows c where it is chosen alone.
        let active: Vec<Vec<u32>> = [&[7][..], &[7], &[7], &[7], &[8], &[]]
            .map(<[u32]>::to_vec)
            .to_vec();
        let [even, odd] = [0, 1].map(|odd| Half::new(&things, &active, odd));
        assert_eq!(even.followed(7, Kind::Condition), [0, 1]);
        assert_eq!(odd.f1(7, &odd.any(&[0, 1])), 1.0);
        assert_eq!(even.followed(8, Kind::Condition), [2]);
        assert_eq!(odd.f1(8, &odd.any(&[2])), 0.0);
    }

    /// Vignettes may have two words at once, which count once; one that nearly all have tells nothing.
    #[test]
    fn any_of_some_words_is_followed_but_none_that_most_texts_have() {
        let words = |text: usize| match text / 2 % 8 {
            0 => vec![0, 1, 2],
            1 => vec![0, 1],
            2 => vec![0, 2],
            _ => vec![0],
        };
        let things = Things {
            kind: Kind::Word,
            names: ["year", "rash", "fever"].map(str::to_owned).to_vec(),
            holds: (0..32 * LEAST_OFTEN).map(words).collect(),
            together: 1,
        };
        let fires = |holds: &Vec<usize>| if holds.len() > 1 { vec![7, 9] } else { vec![9] };
        let active: Vec<Vec<u32>> = things.holds.iter().map(fires).collect();
        let half = Half::new(&things, &active, 0);
        let mut followed = half.followed(7, Kind::Word);
        followed.sort_unstable();
        assert_eq!(followed, [1, 2]);
        assert_eq!(half.f1(7, &half.any(&[1, 2])), 1.0);
        assert_eq!(half.f1(9, &half.any(&[0])), 1.0);
        assert!(!half.followed(9, Kind::Word).contains(&0));
    }

    #[test]
    fn names_say_what_they_are_and_how_sure() {
        assert_eq!(said(Kind::Condition, &["a", "b", "c"], 0.9), "a, b or c");
        assert_eq!(
            said(Kind::Answer, &["fever"], 0.6),
            "mostly answers “fever”"
        );
        assert_eq!(said(Kind::Word, &["weeks"], 1.0), "the text has “weeks”");
        assert_eq!(
            said(Kind::Question, &["the diagnosis", "a finding"], 1.0),
            "asked for the diagnosis or a finding"
        );
    }
}
