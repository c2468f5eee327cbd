//! What comes next without a graph, tokens by their text, and targets of any kind.

use crate::common::fixtures::Fixture;
use attograph::engine::cpu::Cpu;
use attograph::study;
use attograph::trace::{Graph, Options, Targets, TraceError, Tracer};

fn trace(tracer: &Tracer<Cpu>, ids: &[u32], targets: Targets) -> Result<Graph, TraceError> {
    let options = Options {
        targets,
        ..Options::default()
    };
    pollster::block_on(tracer.trace(ids, &options, |_| {}))
}

const SUM: &str = "calc: 36+59=";

#[test]
fn the_next_tokens_are_those_that_a_graph_lists() {
    let fixture = Fixture::shipped("addition");
    let (tracer, ids) = (fixture.tracer(Cpu), fixture.ids(SUM));
    let next = pollster::block_on(study::next(&tracer, &ids)).unwrap();
    let graph = trace(&tracer, &ids, Targets::default()).unwrap();
    assert_eq!(next, graph.answers);
    assert_eq!(next.len(), 10);
    assert_eq!(tracer.network.model.vocabulary.token(next[0].token), "95");

    let wrong = pollster::block_on(study::next(&tracer, &[0, 1_000_000]));
    assert!(matches!(wrong, Err(TraceError::UnknownToken { .. })));
    let empty = pollster::block_on(study::next(&tracer, &[]));
    assert_eq!(empty, Err(TraceError::Empty));
}

#[test]
fn a_token_is_found_by_its_text_or_with_a_space_in_front() {
    let tracer = Fixture::shipped("addition").tracer(Cpu);
    let model = &tracer.network.model;
    for id in 0..model.language.config.vocabulary as u32 {
        let text = model.vocabulary.token(id);
        let found = study::token(model, &text).unwrap();
        assert_eq!(model.vocabulary.token(found), text);
        if let Some(bare) = text.strip_prefix(' ').filter(|bare| !bare.is_empty()) {
            let found = model.vocabulary.token(study::token(model, bare).unwrap());
            assert!(found == bare || found == text, "{bare:?} gives {found:?}");
        }
    }
    assert_eq!(study::token(model, "no token has this text"), None);
    assert_eq!(study::token(model, ""), None);
}

#[test]
fn targets_are_the_tokens_or_the_difference_asked_for() {
    let fixture = Fixture::shipped("addition");
    let (tracer, ids) = (fixture.tracer(Cpu), fixture.ids(SUM));
    let [a, b] = ["85", "95"].map(|text| study::token(&tracer.network.model, text).unwrap());
    let both = trace(&tracer, &ids, Targets::Tokens(vec![a, b, a])).unwrap();
    let names: Vec<&str> = both.targets.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["85", "95"]);

    let (token, minus) = (b, a);
    let difference = trace(&tracer, &ids, Targets::Difference { token, minus }).unwrap();
    assert_eq!(difference.targets.len(), 1);
    assert_eq!(difference.targets[0].name, "95 − 85");
    // Both graphs have the same sources, and all is linear.
    let row = |graph: &Graph, logit: usize| -> Vec<f32> {
        let [errors, _, logits] = graph.starts();
        assert_eq!(errors, both.features.len());
        graph.inputs(logits + logit).unwrap()[..logits].to_vec()
    };
    let (minuend, subtrahend) = (row(&both, 1), row(&both, 0));
    for (i, edge) in row(&difference, 0).iter().enumerate() {
        let expected = minuend[i] - subtrahend[i];
        assert!((edge - expected).abs() < 1e-4, "{edge}, not {expected}");
    }

    let same = trace(&tracer, &ids, Targets::Difference { token, minus: b });
    assert_eq!(
        same.unwrap_err(),
        TraceError::SameTokens {
            token: tracer.network.model.vocabulary.token(b)
        }
    );
    let none = trace(&tracer, &ids, Targets::Tokens(Vec::new()));
    assert_eq!(none.unwrap_err(), TraceError::NoTargets);
}
