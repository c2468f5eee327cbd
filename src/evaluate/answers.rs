//! How often the model is right, and how often the replaced model says the same.

use super::asked::{Exam, Part, Prompt};
use super::sweep::Sweep;
use super::{Goal, Measure, goals};

const RIGHT: &str = "Right answers";
const REPLACED: &str = "Every MLP replaced";

/// Right answers in each context, or agreement with the best answer to each question.
pub fn right(exam: &Exam, sweep: &Sweep) -> Vec<Measure> {
    let is_right = |i: usize, prompt: &Prompt| prompt.answer == Some(sweep.tops[i]);
    let mut measures = Vec::new();
    for (g, group) in exam.groups.iter().enumerate() {
        let mut add = |id: &str, what: &str, part: Part, goal: Option<Goal>| {
            let asked = |prompt: &Prompt| {
                prompt.group == g && prompt.part == part && prompt.answer.is_some()
            };
            let (right, of) = count(exam, asked, is_right);
            let (id, name) = (
                format!("right/{}/{id}", group.name),
                format!("{}: {what}", group.title),
            );
            let measure = Measure::share(RIGHT, id, name, right, of);
            measures.extend(measure.map(|measure| measure.to_be(goal)));
        };
        if exam.is_diagnosis() {
            let what = "best answer, where it leads by 10 % or more";
            add("held-out", what, Part::HeldOut, Some(exam.goals.agreement));
            continue;
        }
        let goal = Some(goals::in_context(&group.name));
        add(
            "trained",
            "trained pairs",
            Part::Trained,
            exam.goals.trained,
        );
        add("held-out", "held-out pairs", Part::HeldOut, goal);
        let here = "pairs held out here alone";
        add("held-out-here", here, Part::HeldOutHere, goal);
    }
    measures
}

/// How often the model with every MLP replaced has the original's most likely token, in each
/// context or question.
pub fn replaced(exam: &Exam, sweep: &Sweep) -> Vec<Measure> {
    let agrees = |i: usize, _: &Prompt| sweep.replaced[i] == sweep.tops[i];
    let mut measures = Vec::new();
    for (g, group) in exam.groups.iter().enumerate() {
        for (id, what, trained) in [
            ("trained", "trained pairs", true),
            ("held-out", "held-out prompts", false),
        ] {
            let asked =
                |prompt: &Prompt| prompt.group == g && (prompt.part == Part::Trained) == trained;
            let (agree, of) = count(exam, asked, agrees);
            let (id, name) = (
                format!("replaced/{}/{id}", group.name),
                format!("{}: the original's answer, {what}", group.title),
            );
            let measure = Measure::share(REPLACED, id, name, agree, of);
            measures.extend(measure.map(|measure| measure.to_be(exam.goals.replaced)));
        }
    }
    measures
}

/// How many of the prompts asked about are as wanted, and how many there are.
fn count(
    exam: &Exam,
    asked: impl Fn(&Prompt) -> bool,
    wanted: impl Fn(usize, &Prompt) -> bool,
) -> (usize, usize) {
    let prompts = exam.prompts.iter().enumerate();
    let asked: Vec<(usize, &Prompt)> = prompts.filter(|(_, prompt)| asked(prompt)).collect();
    let right = asked
        .iter()
        .filter(|(i, prompt)| wanted(*i, prompt))
        .count();
    (right, asked.len())
}
