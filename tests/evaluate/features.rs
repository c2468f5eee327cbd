//! Errors, active and dead features, and explanations, against plain computations.

use super::asked::{EVERYWHERE, HERE, addition, find, folder, measured, plain_sum};
use super::plain::{Plain, close, percent};
use crate::common::reference::Reference;
use crate::common::scratch::Scratch;
use safetensors::SafeTensors;
use serde_json::json;
use std::path::Path;

#[test]
fn errors_and_active_features_are_those_of_a_plain_computation() {
    let mut asked = addition();
    // One context, so that its held-out prompts are all.
    asked["contexts"].as_array_mut().unwrap().truncate(1);
    let scratch = Scratch::new("evaluate-errors");
    let folder = folder(&scratch, &asked);
    silence(&folder.join("transcoder/W_enc_1.safetensors"), "b_enc_1", 3);
    silence(&folder.join("per-layer/layer_0.safetensors"), "b_enc", 5);
    let measures = measured(&folder, 1);
    for (transcoder, kind) in [("transcoder", "cross-layer"), ("per-layer", "per-layer")] {
        let plain = Plain::new(&folder, transcoder);
        let prompts: Vec<Vec<u32>> = EVERYWHERE
            .iter()
            .chain(&HERE)
            .map(|(a, b)| plain.ids(&plain_sum(*a, *b).0))
            .collect();
        let runs: Vec<Reference> = prompts
            .iter()
            .map(|ids| Reference::new(plain.model(), ids))
            .collect();
        let mut all_active = 0;
        for layer in 0..plain.model().transcoder.layers.len() {
            for (place, first) in [("all", 1), ("last", prompts[0].len() - 1)] {
                let (mut outputs, mut errors, mut active) = (Vec::new(), 0.0, 0);
                for run in &runs {
                    let written = run.reconstruct();
                    let active_here = run.activations[layer].iter();
                    let outputs_here = run.outputs[layer].iter().zip(&written[layer]);
                    for ((output, written), features) in outputs_here.zip(active_here).skip(first) {
                        let pairs = output.iter().zip(written);
                        errors += pairs.map(|(a, b)| (a - b).powi(2)).sum::<f64>();
                        outputs.push(output.clone());
                        active += features.iter().filter(|x| **x != 0.0).count();
                    }
                }
                let tokens = outputs.len() as f64;
                let variance: f64 = (0..outputs[0].len())
                    .map(|i| {
                        let mean = outputs.iter().map(|row| row[i]).sum::<f64>() / tokens;
                        outputs
                            .iter()
                            .map(|row| (row[i] - mean).powi(2))
                            .sum::<f64>()
                    })
                    .sum();
                let id = format!("error/{place}/{layer}");
                let found = find(&measures, &id, Some(kind));
                close(&id, found.value, 100.0 * errors / variance, 1e-4);
                assert_eq!(found.of, Some(outputs.len()));
                let id = format!("active/{place}/{layer}");
                let found = find(&measures, &id, Some(kind)).value;
                close(&id, found, active as f64 / tokens, 1e-9);
                if place == "all" {
                    all_active += active;
                }
            }
        }
        let layers = plain.model().transcoder.layers.len();
        let tokens = prompts.len() * (prompts[0].len() - 1) * layers;
        let found = find(&measures, "active/all", Some(kind)).value;
        close("active", found, all_active as f64 / tokens as f64, 1e-9);
        let dead = never_fire(&plain);
        assert!(dead >= 3);
        let found = find(&measures, "dead", Some(kind)).value;
        let of = layers * plain.model().transcoder.features();
        close("dead", found, percent(dead, of), 1e-9);
    }
}

/// Keeps the first features of a layer from ever firing.
fn silence(file: &Path, bias: &str, features: usize) {
    let mut bytes = std::fs::read(file).unwrap();
    let start = {
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let data = tensors.tensor(bias).unwrap().data();
        data.as_ptr().addr() - bytes.as_ptr().addr()
    };
    for value in bytes[start..start + 4 * features].chunks_exact_mut(4) {
        value.copy_from_slice(&(-1000.0f32).to_le_bytes());
    }
    std::fs::write(file, bytes).unwrap();
}

/// How many features fire neither after any of the plain sums nor in the explanations.
fn never_fire(plain: &Plain) -> usize {
    let network = &plain.tracer.network;
    let features = plain.model().transcoder.features();
    let mut fired = vec![false; features * network.config().layers];
    let sums = (0..100).flat_map(|a| (0..100).map(move |b| plain_sum(a, b).0));
    let told = EVERYWHERE.iter().map(|(a, b)| {
        let ones = a % 10 + b % 10;
        format!("{} t{ones} t{}", plain_sum(*a, *b).0, ones / 10)
    });
    for text in sums.chain(told) {
        let ids = plain.ids(&text);
        let layers = network.encode(&network.forward(&ids, 1, None));
        for (fired, active) in fired.chunks_exact_mut(features).zip(&layers) {
            for row in active.chunks_exact(features).skip(1) {
                for (fired, active) in fired.iter_mut().zip(row) {
                    *fired |= *active > 0.0;
                }
            }
        }
    }
    fired.iter().filter(|fired| !**fired).count()
}

#[test]
fn explanations_are_written_token_by_token() {
    let scratch = Scratch::new("evaluate-explanations");
    let folder = folder(&scratch, &addition());
    let plain = Plain::new(&folder, "transcoder");
    let mut right = 0;
    for (a, b) in EVERYWHERE {
        let mut ids = plain.ids(&plain_sum(a, b).0);
        let given = ids.len();
        for _ in 0..2 {
            ids.push(plain.top(&ids) as u32);
        }
        let ones = a % 10 + b % 10;
        // Token numbers are what the tokens say, but for the BOS, which says nothing.
        right += usize::from(ids[given..] == [ones as u32, ones as u32 / 10]);
    }
    let measures = measured(&folder, 1);
    let measure = find(&measures, "explanations", None);
    assert_eq!((measure.value, measure.of), (percent(right, 5), Some(5)));

    // With what the model does say as the expected text, all are right.
    let mut asked = addition();
    let mut ids = plain.ids(&plain_sum(36, 59).0);
    for _ in 0..3 {
        ids.push(plain.top(&ids) as u32);
    }
    let said: Vec<String> = ids[1..]
        .iter()
        .map(|id| plain.model().vocabulary.token(*id))
        .collect();
    let (prompt, answer) = said.split_at(4);
    asked["explanations"] = json!([format!("{}| {}", prompt.join(" "), answer.join(" "))]);
    std::fs::write(folder.join("evaluation.json"), asked.to_string()).unwrap();
    let measures = measured(&folder, 1);
    assert_eq!(find(&measures, "explanations", None).value, 100.0);
}
