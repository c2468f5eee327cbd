//! Sums as prompts: all pairs of operands in every wording of every context.

use super::exam::{Exam, Form, Group, Part, Prompt};
use super::file::{Addition, OPERANDS};
use super::writer::Writer;
use crate::evaluate::goals;
use crate::study::sum_text;
use std::collections::BTreeSet;

/// The exam that comes of it.
///
/// # Errors
/// A clause that says what does not fit the model or its tokenizer.
pub fn exam(addition: &Addition, writer: &Writer<'_>) -> Result<Exam, String> {
    let everywhere: BTreeSet<(u32, u32)> = addition.held_out.everywhere.iter().copied().collect();
    let mut exam = Exam::empty(goals::ADDITION);
    for (group, context) in addition.contexts.iter().enumerate() {
        let only = addition.held_out.only.get(&context.name);
        let only: BTreeSet<(u32, u32)> = only.into_iter().flatten().copied().collect();
        let mut wordings = Vec::new();
        for text in &context.templates {
            let mut held_out = Vec::new();
            let first_form = exam.forms.len();
            for (a, b) in (0..OPERANDS).flat_map(|a| (0..OPERANDS).map(move |b| (a, b))) {
                let (prompt, answer) = sum_text::fill(text, a, b)?;
                let ids = writer.ids(&prompt)?;
                let answer = writer.next(&prompt, &ids, &answer)?;
                let part = match (everywhere.contains(&(a, b)), only.contains(&(a, b))) {
                    (true, _) => Part::HeldOut,
                    (_, true) => Part::HeldOutHere,
                    _ => Part::Trained,
                };
                if part == Part::HeldOut {
                    held_out.push(exam.prompts.len());
                }
                let form = Some(form(&mut exam.forms, first_form, &ids));
                exam.prompts.push(Prompt {
                    ids,
                    group,
                    part,
                    answer: Some(answer),
                    form,
                    twin: None,
                });
            }
            wordings.push(held_out);
        }
        exam.held_out.push(wordings);
        exam.groups.push(Group {
            name: context.name.clone(),
            title: context.title.clone(),
        });
    }
    for text in &addition.explanations {
        for (a, b) in &everywhere {
            let (prompt, expected) = sum_text::fill(text, *a, *b)?;
            exam.explanations
                .push(writer.explanation(&prompt, &expected)?);
        }
    }
    Ok(exam)
}

/// The form of a sum among those of its wording, which are from `first` on.
fn form(forms: &mut Vec<Form>, first: usize, ids: &[u32]) -> usize {
    let mut same = forms[first..].iter_mut();
    match same.position(|form| form.ids.len() == ids.len()) {
        Some(place) => {
            let form = &mut forms[first + place];
            let pairs = form.ids.iter().zip(ids);
            for (operand, (a, b)) in form.operands.iter_mut().zip(pairs) {
                *operand |= a != b;
            }
            first + place
        }
        None => {
            forms.push(Form {
                ids: ids.to_vec(),
                operands: vec![false; ids.len()],
            });
            forms.len() - 1
        }
    }
}
