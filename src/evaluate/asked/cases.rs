//! Vignettes as prompts: each with every question, and with its twin.

use super::exam::{Exam, Group, Part, Prompt};
use super::file::Diagnosis;
use super::writer::Writer;
use crate::evaluate::goals;

/// A best answer counts where its chance leads the next one's by this much.
const CLEAR_LEAD: f64 = 0.10;

/// The exam that comes of it.
///
/// # Errors
/// As [`super::sums::exam`], or a twin of another length.
pub fn exam(diagnosis: &Diagnosis, writer: &Writer<'_>) -> Result<Exam, String> {
    let mut exam = Exam {
        leading: diagnosis
            .vignettes
            .iter()
            .map(|v| v.leading.clone())
            .collect(),
        chances: diagnosis
            .vignettes
            .iter()
            .map(|v| v.chances.clone())
            .collect(),
        ..Exam::empty(goals::DIAGNOSIS)
    };
    for (group, question) in diagnosis.questions.iter().enumerate() {
        let first = exam.prompts.len();
        for (i, vignette) in diagnosis.vignettes.iter().enumerate() {
            let text = vignette.texts.get(&question.name).unwrap_or(&question.text);
            let chances = &vignette.chances[&question.name];
            let next = chances.get(1).map_or(0.0, |(_, chance)| *chance);
            let (best, chance) = &chances[0];
            let best = writer.token(best)?;
            let ids = writer.ids(&format!("{}{text}", vignette.text))?;
            let twin = vignette.twin.as_ref();
            let twin = twin.map(|twin| writer.ids(&format!("{twin}{text}")));
            let twin = twin.transpose()?;
            if let Some(twin) = &twin
                && twin.len() != ids.len()
            {
                return Err(format!(
                    "vignettes[{i}].twin has {} tokens with the question {:?}, and the vignette {}: a twin \
                     differs in one finding of as many tokens",
                    twin.len(),
                    question.name,
                    ids.len()
                ));
            }
            exam.prompts.push(Prompt {
                ids,
                group,
                part: Part::HeldOut,
                answer: (chance - next >= CLEAR_LEAD).then_some(best),
                form: None,
                twin,
            });
        }
        exam.held_out
            .push(vec![(first..exam.prompts.len()).collect()]);
        exam.groups.push(Group {
            name: question.name.clone(),
            title: question.text.trim().to_string(),
        });
    }
    Ok(exam)
}
