//! How the text goes on.

use super::steered::{SUM, intervention, tokens};
use crate::common::cases::{Case, doubles, each, gpu, near};
use crate::common::fixtures::Fixture;
use crate::common::random::{CONTEXT, VOCABULARY};
use crate::common::statistics;
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::study::{self, Intervention, Mode, StudyError, intervene, steered_next};
use attograph::trace::{Answer, TraceError, Tracer};

#[test]
fn without_interventions_the_next_tokens_are_the_models() {
    let fixture = Fixture::shipped("addition");
    let (tracer, ids) = (fixture.tracer(Cpu), fixture.ids(SUM));
    for mode in [Mode::Free, Mode::Direct] {
        next_as_ever(&tracer, &ids, &mode);
    }
    each(
        || Cpu,
        &tokens(),
        |case, _| next_as_ever(&case.tracer, &case.ids, &Mode::Free),
    );
    each(gpu, &tokens(), |case, _| {
        next_as_ever(&case.tracer, &case.ids, &Mode::Free)
    });
}

fn next_as_ever<E: Engine>(tracer: &Tracer<E>, ids: &[u32], mode: &Mode) {
    let steered = pollster::block_on(steered_next(tracer, ids, &[], mode)).unwrap();
    let plain = pollster::block_on(study::next(tracer, ids)).unwrap();
    let tokens =
        |answers: &[Answer]| -> Vec<u32> { answers.iter().map(|answer| answer.token).collect() };
    assert_eq!(tokens(&steered), tokens(&plain));
    for (steered, plain) in steered.iter().zip(&plain) {
        let pair = |answer: &Answer| doubles(&[answer.probability, answer.logit]);
        near("an answer", &pair(steered), &pair(plain), 1e-5, 1e-6);
    }
}

/// Settings stay at their positions while the text grows.
#[test]
fn text_goes_on_as_interventions_on_the_longer_prompt_say() {
    each(|| Cpu, &tokens(), goes_on);
    each(gpu, &tokens(), goes_on);
}

fn goes_on<E: Engine>(case: &Case<E>, about: &str) {
    let network = &case.tracer.network;
    let features = case.graph.features.iter().step_by(2);
    let set: Vec<Intervention> = features
        .map(|feature| intervention(feature, -3.0 * feature.activation))
        .collect();
    for mode in [Mode::Free, Mode::PatternsFrozen] {
        let (mut ids, mut without) = (case.ids.clone(), case.ids.clone());
        while ids.len() <= CONTEXT {
            let next = steered_next(&case.tracer, &ids, &set, &mode);
            let next = pollster::block_on(next).unwrap();
            let outcome = pollster::block_on(intervene(network, &ids, &set, &mode)).unwrap();
            let logits = doubles(outcome.last_logits(VOCABULARY));
            let best = statistics::largest(&logits);
            assert_eq!(next[0].token as usize, best, "{about}, {mode:?}");
            let share = statistics::shares(&logits)[best];
            let found = f64::from(next[0].probability);
            near(about, &[found], &[share], 1e-5, 1e-7);
            assert_eq!(next.len(), 10);
            ids.push(next[0].token);
            let plain = pollster::block_on(study::next(&case.tracer, &without)).unwrap();
            without.push(plain[0].token);
        }
        assert_ne!(ids, without, "{about}: nothing is said differently");
        let full = pollster::block_on(steered_next(&case.tracer, &ids, &set, &mode));
        let too_long = TraceError::TooLong {
            tokens: CONTEXT + 1,
            limit: CONTEXT,
        };
        assert_eq!(full, Err(StudyError::Trace(too_long)));
    }
}
