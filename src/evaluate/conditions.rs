//! Does a condition that is not named have a feature of its own? A feature is chosen on one half of
//! the vignettes and judged on the other.

use super::Measure;
use super::asked::Exam;
use super::sweep::Sweep;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A condition has a feature where that tells it with this F1.
pub const TOLD: f64 = 0.8;

/// The questions that are looked at.
pub(super) const QUESTIONS: [&str; 2] = ["ask", "diagnosis"];

/// How often a feature fires on answering tokens: in all, and where each condition leads.
#[derive(Clone, Default)]
struct Firing {
    all: usize,
    by_condition: Vec<usize>,
}

/// One question on one half of the vignettes.
struct Half {
    /// Vignettes where each condition leads.
    leads: Vec<usize>,
    features: HashMap<u32, Firing>,
}

impl Half {
    /// How well a feature tells a condition, by F1: 2 right / (fires + leads).
    fn f1(&self, feature: u32, condition: usize) -> f64 {
        let Some(firing) = self.features.get(&feature) else {
            return 0.0;
        };
        let either = firing.all + self.leads[condition];
        2.0 * firing.by_condition[condition] as f64 / either as f64
    }
}

/// Shares of the conditions that have a feature firing on the answering token of just the vignettes
/// where they lead: for each question, and one feature for both. Features are chosen on vignettes
/// with even numbers and judged on the others; conditions that do not lead in both halves are left
/// out. Nothing in other domains.
pub fn measures(exam: &Exam, sweep: &Sweep) -> Vec<Measure> {
    let (conditions, leading) = numbered(exam);
    // (title, even half, odd half)
    let questions: Vec<(&str, Half, Half)> = QUESTIONS
        .iter()
        .filter_map(|name| {
            let question = exam.group(name)?;
            let active = answering(exam, sweep, question);
            let half = |odd| half(active, &leading, conditions.len(), odd);
            Some((&*exam.groups[question].title, half(0), half(1)))
        })
        .collect();
    let mut measures = Vec::new();
    for (i, (title, ..)) in questions.iter().enumerate() {
        let id = format!("conditions/{}", QUESTIONS[i]);
        let name = format!("{title}: conditions with a feature of their own (F1 ≥ {TOLD})");
        let share = share(id, name, &questions[i..=i], conditions.len());
        measures.extend(share.map(|share| share.to_be(exam.goals.conditions)));
    }
    if questions.len() == QUESTIONS.len() {
        let name = format!("both: conditions with one feature of their own (F1 ≥ {TOLD})");
        measures.extend(share(
            "conditions/both".into(),
            name,
            &questions,
            conditions.len(),
        ));
    }
    measures
}

/// The conditions that lead, in order, and which of them leads in each vignette.
fn numbered(exam: &Exam) -> (Vec<&str>, Vec<usize>) {
    let names: BTreeSet<&str> = exam.leading.iter().map(String::as_str).collect();
    let numbers: BTreeMap<&str, usize> = names.iter().copied().zip(0..).collect();
    let leading = exam.leading.iter().map(|name| numbers[&**name]).collect();
    (names.into_iter().collect(), leading)
}

/// The features that fire on the answering token of each vignette.
pub(super) fn answering<'a>(exam: &Exam, sweep: &'a Sweep, question: usize) -> &'a [Vec<u32>] {
    let first = question * exam.leading.len();
    &sweep.active[first..first + exam.leading.len()]
}

/// The features, as layer x features + index, that tell each condition on the answering token of
/// one question, with an F1 of [`TOLD`] or more; judged on the vignettes with even numbers alone. Conditions
/// without one are left out.
pub fn telling(exam: &Exam, sweep: &Sweep, question: usize) -> BTreeMap<String, Vec<u32>> {
    let (conditions, leading) = numbered(exam);
    let even = half(
        answering(exam, sweep, question),
        &leading,
        conditions.len(),
        0,
    );
    let each = conditions
        .iter()
        .enumerate()
        .filter_map(|(condition, name)| {
            let features = even.features.keys().copied();
            let mut told: Vec<u32> = features
                .filter(|feature| even.f1(*feature, condition) >= TOLD)
                .collect();
            told.sort_unstable();
            (!told.is_empty()).then(|| (name.to_string(), told))
        });
    each.collect()
}

/// How many conditions have a feature that tells them on each of the questions.
fn share(
    id: String,
    name: String,
    questions: &[(&str, Half, Half)],
    conditions: usize,
) -> Option<Measure> {
    let (mut told, mut of) = (0, 0);
    for condition in 0..conditions {
        let leads = |half: &Half| half.leads[condition] > 0;
        if !questions
            .iter()
            .all(|(_, even, odd)| leads(even) && leads(odd))
        {
            continue;
        }
        of += 1;
        let worst = |feature: u32, odd: bool| {
            let each = questions.iter().map(|(_, even, other)| {
                let half = if odd { other } else { even };
                half.f1(feature, condition)
            });
            each.fold(1.0, f64::min)
        };
        // The lowest number among equals, so that it is the same each time.
        let features = questions[0].1.features.keys();
        let best = features.copied().max_by(|a, b| {
            let order = worst(*a, false).total_cmp(&worst(*b, false));
            order.then(b.cmp(a))
        });
        told += usize::from(best.is_some_and(|feature| worst(feature, true) >= TOLD));
    }
    Measure::share("Conditions", id, name, told, of)
}

/// Counts over the vignettes with even (0) or odd (1) numbers.
fn half(active: &[Vec<u32>], leading: &[usize], conditions: usize, odd: usize) -> Half {
    let mut half = Half {
        leads: vec![0; conditions],
        features: HashMap::new(),
    };
    for (active, condition) in active.iter().zip(leading).skip(odd).step_by(2) {
        half.leads[*condition] += 1;
        for feature in active {
            let firing = half.features.entry(*feature).or_default();
            firing.by_condition.resize(conditions, 0);
            firing.all += 1;
            firing.by_condition[*condition] += 1;
        }
    }
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Features 1, 2 and 3 on eight vignettes of conditions 0 and 1, and what two questions make of
    /// them.
    #[test]
    fn a_feature_is_chosen_on_one_half_and_judged_on_the_other() {
        let leading = [0, 0, 0, 0, 1, 1, 1, 1];
        let question = |active: [&[u32]; 8]| {
            let active: Vec<Vec<u32>> = active.iter().map(|one| one.to_vec()).collect();
            (
                "",
                half(&active, &leading, 2, 0),
                half(&active, &leading, 2, 1),
            )
        };
        // 1 tells condition 0 everywhere. 2 tells condition 1 where it is chosen, but not where it
        // is judged; 3 would tell it there.
        let ask = question([&[1], &[1], &[1], &[1], &[2], &[3], &[2], &[3]]);
        assert_eq!(ask.1.leads, [2, 2]);
        assert_eq!(ask.1.f1(1, 0), 1.0);
        assert_eq!(ask.2.f1(2, 1), 0.0);
        assert_eq!(ask.2.f1(7, 1), 0.0);
        let told = |questions: &[(&str, Half, Half)]| {
            let measure = share(String::new(), String::new(), questions, 2).unwrap();
            (measure.value, measure.of)
        };
        // 2 fires on three of the chosen, both of condition 1 among them: F1 = 4 / 5.
        let other = question([&[2], &[], &[1], &[], &[1, 2], &[], &[2], &[]]);
        assert_eq!(other.1.f1(2, 1), 0.8);
        assert_eq!(told(&[ask]), (50.0, Some(2)));
        assert_eq!(told(&[other]), (0.0, Some(2)));
        // The same feature has to tell a condition on both questions.
        let first = || question([&[1], &[1], &[1], &[1], &[2], &[2], &[2], &[2]]);
        let second = question([&[4], &[4], &[4], &[4], &[2], &[2], &[2], &[2]]);
        assert_eq!(told(&[first(), first()]), (100.0, Some(2)));
        assert_eq!(told(&[first(), second]), (50.0, Some(2)));
    }
}
