//! A second opinion: the other kind of transcoder, and the paths that it tells otherwise.

use super::grades::{figure, finish, graded};
use crate::common::cases::{doubles, each, largest, near, run, trace};
use crate::common::fixtures::{load, root};
use crate::common::statistics::pearson;
use attograph::engine::cpu::Cpu;
use attograph::model::TranscoderKind;
use attograph::network::Network;
use attograph::study::grade::Grading;
use attograph::trace::{Graph, Targets, Tracer};
use std::path::{Path, PathBuf};

#[test]
fn the_same_transcoder_is_of_the_same_opinion() {
    each(
        || Cpu,
        &Targets::default(),
        |case, about| {
            let grading = graded(&case.tracer, &case.ids);
            let grade = finish(&grading, &case.tracer, Some(&case.tracer));
            let second = grade.second.clone().unwrap();
            let kind = case.model.transcoder.kind;
            assert_eq!(second.per_layer, kind == TranscoderKind::PerLayer);
            assert_eq!(second.features, case.graph.features.len());
            let scores = case.graph.scores();
            let found = [second.replacement, second.completeness];
            assert_eq!(found, [scores.replacement, scores.completeness], "{about}");
            assert_eq!(second.path_lengths[0], second.path_lengths[1], "{about}");
            near(about, &[second.agreement.unwrap()], &[1.0], 1e-9, 0.0);
            let paths = &second.paths;
            assert_eq!(paths.effects[0], paths.effects[1], "{about}");
            assert_eq!(paths.middle[0], paths.middle[1], "{about}");
            assert!(paths.differ.is_empty(), "{about}");
            near(
                about,
                &[figure(&grade, "second/paths")],
                &[100.0],
                1e-9,
                0.0,
            );
            assert_eq!(
                figure(&grade, "second/length"),
                figure(&grade, "path/length")
            );
            near(
                about,
                &[figure(&grade, "second/agreement")],
                &[1.0],
                1e-9,
                0.0,
            );
            assert!(finish(&grading, &case.tracer, None).second.is_none());
        },
    );
}

#[test]
fn a_second_opinion_is_the_other_transcoders_graph() {
    let folder = |name: &str| root().join("tests/fixtures").join(name);
    let model = folder("clt_jump_relu").join("model");
    let [across, within] = ["clt_jump_relu", "plt_jump_relu_ln2"].map(|name| {
        let model = load(&model, &folder(name).join("transcoder"));
        Tracer::new(Network::new(Cpu, model))
    });
    let ids = [0, 5, 17, 8, 3];
    for (here, there, per_layer) in [(&across, &within, true), (&within, &across, false)] {
        let grading = graded(here, &ids);
        let grade = finish(&grading, here, Some(there));
        let [token, minus] = [0, 1].map(|target: usize| grading.graph().targets[target].token);
        let of_tokens = [here, there].map(|tracer| {
            let graph = trace(tracer, &ids, &Targets::Difference { token, minus });
            let [_, tokens, logits] = graph.starts();
            graph.effects(&[1.0])[tokens..logits].to_vec()
        });
        let graphs = [here, there].map(|tracer| trace(tracer, &ids, &Targets::default()));
        let second = grade.second.clone().unwrap();
        assert_eq!(second.per_layer, per_layer);
        assert_eq!(second.features, graphs[1].features.len());
        let scores = graphs[1].scores();
        let found = doubles(&[second.replacement, second.completeness]);
        let expected = doubles(&[scores.replacement, scores.completeness]);
        near("scores", &found, &expected, 1e-5, 0.0);
        let lengths = [graphs[0].path_length(), graphs[1].path_length()];
        near("lengths", &second.path_lengths, &lengths, 1e-5, 0.0);
        assert_ne!(lengths[0], lengths[1]);
        let agreement = pearson(&of_tokens[0], &of_tokens[1]);
        near(
            "agreement",
            &[second.agreement.unwrap()],
            &[agreement],
            1e-4,
            0.0,
        );
        assert_eq!(figure(&grade, "second/length"), second.path_lengths[1]);
        assert_eq!(
            figure(&grade, "second/agreement"),
            second.agreement.unwrap()
        );
        let said = grade
            .findings
            .iter()
            .find(|one| one.about == "second")
            .unwrap();
        let other = ["a cross-layer transcoder", "per-layer transcoders"][usize::from(per_layer)];
        assert!(said.text.contains(other), "{}", said.text);
    }
}

/// Each token's influence on the targets, and the part of it along paths that pass through no feature between the first
/// layer and the last: [tokens] each.
fn past_the_middle(graph: &Graph) -> [Vec<f64>; 2] {
    let (nodes, features) = (graph.nodes(), graph.features.len());
    let [_, tokens, logits] = graph.starts();
    [false, true].map(|past| {
        let mut influence = vec![0.0; nodes];
        for (node, target) in (logits..nodes).zip(&graph.targets) {
            influence[node] = f64::from(target.probability);
        }
        for node in (logits..nodes).chain((0..features).rev()) {
            if past
                && node < features
                && ![0, graph.layers - 1].contains(&graph.features[node].layer)
            {
                continue;
            }
            let inputs = graph.inputs(node).unwrap();
            let sum: f64 = inputs.iter().map(|edge| f64::from(edge.abs())).sum();
            for (source, edge) in inputs.iter().enumerate().filter(|(_, edge)| **edge != 0.0) {
                influence[source] += influence[node] * f64::from(edge.abs()) / sum;
            }
        }
        influence[tokens..logits].to_vec()
    })
}

/// Checks what is said of a prompt's paths with the first of these and the second as the other opinion, and counts those
/// that are told otherwise.
fn told_otherwise(about: &str, tracers: &[Tracer<Cpu>; 2], ids: &[u32]) -> usize {
    let run = run(&tracers[0], ids);
    let ids = &run.ids().to_vec();
    let grading = pollster::block_on(Grading::new(&tracers[0], run)).unwrap();
    let paths = pollster::block_on(grading.second(&tracers[1]))
        .unwrap()
        .paths;
    let [token, minus] = [0, 1].map(|target: usize| grading.graph().targets[target].token);
    let mut expected = Vec::new();
    for (i, tracer) in tracers.iter().enumerate() {
        // Both explain the answers that the first one's language model gives.
        let graph = trace(tracer, ids, &Targets::default());
        let [influence, past] = past_the_middle(&graph);
        let middle = influence.iter().zip(&past);
        let middle: Vec<f64> = middle
            .map(|(all, past)| if *all > 0.0 { 1.0 - past / all } else { 0.0 })
            .collect();
        near(about, &paths.middle[i], &middle, 1e-3, 1e-4);
        let graph = trace(tracer, ids, &Targets::Difference { token, minus });
        let [_, tokens, logits] = graph.starts();
        let effects = graph.effects(&[1.0])[tokens..logits].to_vec();
        near(
            about,
            &paths.effects[i],
            &effects,
            1e-3,
            1e-4 * largest(&effects),
        );
        let sum: f64 = influence.iter().sum();
        let shares: Vec<f64> = influence.iter().map(|share| share / sum).collect();
        expected.push((effects, middle, shares));
    }
    let [here, there] = [&expected[0], &expected[1]];
    let most = largest(&[&here.0[..], &there.0[..]].concat());
    let differ = (0..ids.len()).filter(|token| {
        let (a, b) = (here.0[*token], there.0[*token]);
        let turned = a.signum() != b.signum() && (a - b).abs() > 0.1 * most;
        let skips = (here.1[*token] - there.1[*token]).abs() > 0.1;
        (turned || skips) && here.2[*token].max(there.2[*token]) > 0.01
    });
    assert_eq!(paths.differ, differ.collect::<Vec<_>>(), "{about}");
    let apart: f64 = paths.differ.iter().map(|token| here.2[*token]).sum();
    near(about, &[paths.agreement], &[1.0 - apart], 1e-3, 1e-6);
    paths.differ.len()
}

#[test]
fn paths_that_the_other_kind_of_transcoder_tells_otherwise_are_found() {
    let load = |model: &Path, transcoders: [PathBuf; 2]| {
        transcoders.map(|folder| Tracer::new(Network::new(Cpu, load(model, &folder))))
    };
    let folder = |name: &str| root().join("tests/fixtures").join(name);
    let pair = ["clt_jump_relu", "plt_jump_relu_ln2"].map(|name| folder(name).join("transcoder"));
    let random = load(&folder("clt_jump_relu").join("model"), pair);
    let differ = told_otherwise("random", &random, &[0, 5, 17, 8, 3]);
    assert!(differ > 0, "random transcoders tell everything alike");
    for name in ["addition", "diagnosis"] {
        let folder = root().join("www/models").join(name);
        let tracers = load(
            &folder,
            ["transcoder", "per-layer"].map(|each| folder.join(each)),
        );
        let text = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut tokens = 0;
        let mut differ = 0;
        for example in manifest["examples"].as_array().unwrap().iter().take(8) {
            let ids: Vec<u32> = serde_json::from_value(example["ids"].clone()).unwrap();
            differ += told_otherwise(&format!("{name}, {}", example["title"]), &tracers, &ids);
            tokens += ids.len();
        }
        assert!(differ < tokens / 2, "{name}: {differ} of {tokens}");
    }
}
