//! Answers of more than one token: which of the answers that a model was trained to give a token begins, and how
//! probable all of it is.

use crate::model::Vocabulary;
use crate::trace::Answer;
use serde::Serialize;

/// An answer that a model was trained to give, as its tokens write it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct WholeAnswer {
    pub text: String,
    /// How many tokens it is.
    pub tokens: usize,
    /// The product of its tokens' probabilities, each after those before it.
    pub probability: f32,
}

/// What is known of the answer that some tokens begin.
#[derive(Clone, Debug, PartialEq)]
pub enum Begun {
    /// There is none.
    Nothing,
    /// They are all of it.
    Whole(WholeAnswer),
    /// It goes on with this one of the most probable next tokens.
    On(usize),
    /// The next tokens decide.
    Ask,
}

/// What is known of the answer that tokens begin, each with its probability, of those that are `known`. `next` are the
/// most probable tokens behind them, once they were asked for.
///
/// Where several answers begin alike, the model decides: its most probable token must go on with one of them. Once a
/// single one is left it is followed to its end, however probable, by the first token that writes more of it.
pub fn begun(
    vocabulary: &Vocabulary,
    known: &[String],
    tokens: &[(u32, f32)],
    next: Option<&[u32]>,
) -> Begun {
    let text: String = tokens.iter().map(|(id, _)| vocabulary.token(*id)).collect();
    let mut longer = Vec::new();
    let mut ends = false;
    for answer in known {
        match answer.strip_prefix(&text[..]) {
            Some("") => ends = true,
            Some(rest) => longer.push(rest),
            None => (),
        }
    }
    let next = match next {
        None if !longer.is_empty() => return Begun::Ask,
        next => next.unwrap_or_default(),
    };
    let choice = match !ends && longer.len() == 1 {
        true => next.len(),
        false => 1,
    };
    let goes_on = next.iter().take(choice).position(|id| {
        let token = vocabulary.token(*id);
        // A token without a text would never lead to an end.
        !token.is_empty() && longer.iter().any(|rest| rest.starts_with(&token))
    });
    match goes_on {
        Some(place) => Begun::On(place),
        None if ends => Begun::Whole(WholeAnswer {
            text,
            tokens: tokens.len(),
            probability: tokens.iter().map(|(_, probability)| probability).product(),
        }),
        None => Begun::Nothing,
    }
}

/// The answer that a token of this probability begins, of those that are `known`; none where it begins none of them.
/// `next` gives the most probable tokens after the prompt and some more, or none where the context is full.
///
/// # Errors
/// Those of `next`.
pub async fn whole_answer<X>(
    vocabulary: &Vocabulary,
    known: &[String],
    first: (u32, f32),
    next: impl AsyncFn(&[u32]) -> Result<Vec<Answer>, X>,
) -> Result<Option<WholeAnswer>, X> {
    let mut tokens = vec![first];
    let mut answers: Option<Vec<Answer>> = None;
    loop {
        let ids = |answers: &Vec<Answer>| answers.iter().map(|one| one.token).collect::<Vec<_>>();
        let likely = answers.as_ref().map(ids);
        match begun(vocabulary, known, &tokens, likely.as_deref()) {
            Begun::Nothing => return Ok(None),
            Begun::Whole(whole) => return Ok(Some(whole)),
            Begun::On(place) => {
                let taken = answers.take().into_iter().flatten().nth(place);
                tokens.extend(taken.map(|one| (one.token, one.probability)));
            }
            Begun::Ask => {
                let ids: Vec<u32> = tokens.iter().map(|(id, _)| *id).collect();
                answers = Some(next(&ids).await?);
            }
        }
    }
}
