//! The same as in known_fields.rs, of the tensors of transcoders: by each of their names they say the same, and
//! what is in no table is refused.

use crate::common::folders::{
    CLT, PLT, Tensor, assert_says, complaint, configure_transcoder, each_known, edit, fixture,
    load, loaded, with_another_value, with_tensor,
};
use attograph::model::InMemory;
use attograph::model::known::{
    CROSS_LAYER_DECODERS, CROSS_LAYER_TENSORS, Known, PER_LAYER_TENSORS, Treatment,
};
use serde_json::json;

/// A fixture's files in which layer 1 has this tensor, by whichever of its names, with what it says the same as
/// before, and the file that holds it.
fn with_name(before: &InMemory, cross_layer: bool, name: &str) -> (InMemory, String) {
    let mut files = before.clone();
    let own = |i: usize, base: &str| match cross_layer {
        true => format!("{base}_{i}"),
        false => base.to_string(),
    };
    let threshold = if cross_layer {
        "threshold"
    } else {
        "activation_function.threshold"
    };
    let base = name.trim_end_matches("_*");
    let layers = load(before).unwrap().transcoder.layers.len();
    if name == "w_dec" && cross_layer {
        // In files that are listed, whole layers.
        let listed: Vec<String> = (0..layers)
            .map(|i| format!("whole/{i}.safetensors"))
            .collect();
        for (i, path) in listed.iter().enumerate() {
            let mut encoder = files
                .remove(&format!("transcoder/W_enc_{i}.safetensors"))
                .unwrap();
            let decoders = format!("transcoder/W_dec_{i}.safetensors");
            let decoders = files.remove(&decoders).unwrap();
            files.insert("part", decoders);
            let mut decoder = None;
            edit(&mut files, "part", |tensors| {
                decoder = tensors.remove(&own(i, "W_dec"))
            });
            let decoder = decoder.unwrap();
            let (features, width) = (decoder.shape[0], decoder.shape[2]);
            let values = decoder.values();
            let rows = values.chunks((layers - i) * width);
            let full: Vec<f32> = rows
                .flat_map(|row| [&vec![0.0; i * width], row].concat())
                .collect();
            files.insert("part", std::mem::take(&mut encoder));
            edit(&mut files, "part", |tensors| {
                tensors.insert(
                    name.to_string(),
                    Tensor::new(&[features, layers, width], &full),
                );
            });
            let whole = files.remove("part").unwrap();
            files.insert(format!("transcoder/{path}"), whole);
        }
        configure_transcoder(&mut files, "transcoders", Some(json!(listed)));
        return (files, "transcoder/whole/1.safetensors".to_string());
    }
    for i in 0..layers {
        let path = match (cross_layer, base) {
            (true, "W_dec") => format!("transcoder/W_dec_{i}.safetensors"),
            (true, _) => format!("transcoder/W_enc_{i}.safetensors"),
            (false, _) => format!("transcoder/layer_{i}.safetensors"),
        };
        edit(&mut files, &path, |tensors| {
            let new = name.replace('*', &i.to_string());
            let mut rename = |old: String, change: &dyn Fn(Tensor) -> Tensor| {
                let tensor = tensors.remove(&old).unwrap_or_else(|| panic!("no {old}"));
                tensors.insert(new.clone(), change(tensor));
            };
            match base {
                "w_enc" => rename(own(i, "W_enc"), &|tensor| tensor.transposed()),
                "w_dec" => rename(own(i, "W_dec"), &|tensor| tensor),
                "log_threshold" => rename(own(i, threshold), &|tensor| {
                    let logs: Vec<f32> = tensor.values().iter().map(|value| value.ln()).collect();
                    Tensor::new(&tensor.shape, &logs)
                }),
                "threshold" | "activation_function.threshold" => {
                    rename(own(i, threshold), &|tensor| tensor);
                }
                "affine_skip_connection" => {
                    rename(own(i, "W_skip"), &|tensor| match cross_layer {
                        true => tensor,
                        false => tensor.transposed(),
                    });
                }
                "k" => {
                    tensors.remove(&own(i, threshold));
                    tensors.insert(new, Tensor::number(2 + i as i64));
                }
                "W_enc" | "W_dec" | "b_enc" | "b_dec" | "W_skip" => {
                    rename(own(i, base), &|tensor| tensor);
                }
                _ => panic!("what is {name}?"),
            }
        });
    }
    let path = match (cross_layer, base) {
        (true, "W_dec") => "transcoder/W_dec_1.safetensors",
        (true, _) => "transcoder/W_enc_1.safetensors",
        (false, _) => "transcoder/layer_1.safetensors",
    };
    (files, path.to_string())
}

fn check_transcoder(before: &InMemory, cross_layer: bool, table: &[Known]) {
    let result = loaded(before);
    each_known(table, |treatment, name| match treatment {
        Treatment::Computed => {
            let (files, path) = with_name(before, cross_layer, name);
            let own = name.replace('*', "1");
            match name.trim_end_matches("_*") {
                // It tells another function than what was there.
                "k" => {
                    assert!(loaded(&files).contains("gate: TopK(3)"), "{name}");
                    let more = with_tensor(&files, &path, &own, Tensor::number(4));
                    assert!(loaded(&more).contains("gate: TopK(4)"), "{name}");
                }
                // The logarithm is rounded, and so is its exponential.
                "log_threshold" => {
                    let gates = |files| {
                        load(files)
                            .unwrap()
                            .transcoder
                            .layers
                            .into_iter()
                            .map(|layer| layer.gate)
                    };
                    for (found, expected) in gates(&files).zip(gates(before)) {
                        use attograph::model::Gate::Threshold;
                        let (Threshold(found), Threshold(expected)) = (found, expected) else {
                            panic!("{name}: TopK");
                        };
                        for (found, expected) in found.iter().zip(expected) {
                            assert!(
                                (found - expected).abs() <= 4e-7 * expected,
                                "{found}, {expected}"
                            );
                        }
                    }
                    let files = with_another_value(&files, &path, &own);
                    assert!(loaded(&files) != result, "{name} changes nothing");
                }
                _ => {
                    assert!(loaded(&files) == result, "{name} says something else");
                    let files = with_another_value(&files, &path, &own);
                    assert!(loaded(&files) != result, "{name} changes nothing");
                }
            }
        }
        Treatment::Refused(instead) => {
            let path = match cross_layer {
                true => "transcoder/W_enc_1.safetensors",
                false => "transcoder/layer_1.safetensors",
            };
            let files = with_tensor(before, path, name, Tensor::zeros(&[2]));
            assert_says(&complaint(&files), &[path, name, instead]);
        }
        _ => panic!("{name}: no tensor of a transcoder is passed over"),
    });
}

/// Gives each layer of a transcoder what it lacks, so that all tensors are there.
fn complete(name: &str, cross_layer: bool) -> InMemory {
    let mut files = fixture(name);
    let model = load(&files).unwrap();
    let (width, features) = (model.language.config.width, model.transcoder.features());
    for i in 0..model.transcoder.layers.len() {
        let (path, skip, threshold) = match cross_layer {
            true => (
                format!("transcoder/W_enc_{i}.safetensors"),
                format!("W_skip_{i}"),
                format!("threshold_{i}"),
            ),
            false => (
                format!("transcoder/layer_{i}.safetensors"),
                "W_skip".to_string(),
                "activation_function.threshold".to_string(),
            ),
        };
        edit(&mut files, &path, |tensors| {
            let values: Vec<f32> = (0..width * width)
                .map(|j| (j % 7) as f32 / 8.0 - 0.3)
                .collect();
            tensors
                .entry(skip)
                .or_insert(Tensor::new(&[width, width], &values));
            let values: Vec<f32> = (0..features).map(|j| 0.1 + (j % 5) as f32 / 10.0).collect();
            tensors
                .entry(threshold)
                .or_insert(Tensor::new(&[features], &values));
        });
    }
    files
}

#[test]
fn tensors_of_transcoders() {
    let (cross_layer, per_layer) = (complete(CLT, true), complete(PLT, false));
    check_transcoder(&cross_layer, true, CROSS_LAYER_TENSORS);
    check_transcoder(&cross_layer, true, CROSS_LAYER_DECODERS);
    check_transcoder(&per_layer, false, PER_LAYER_TENSORS);
    for (files, path) in [
        (&cross_layer, "transcoder/W_enc_1.safetensors"),
        (&cross_layer, "transcoder/W_dec_1.safetensors"),
        (&per_layer, "transcoder/layer_1.safetensors"),
    ] {
        for unknown in [
            "W_gate",
            "b_gate",
            "r_mag",
            "scaling_factor",
            "W_enc_01",
            "threshold_",
            "",
        ] {
            let files = with_tensor(files, path, unknown, Tensor::zeros(&[2]));
            let says = [
                path,
                &format!("a tensor {unknown}, which is not known"),
                "take it out",
            ];
            assert_says(&complaint(&files), &says);
        }
    }
    // Known, but not there.
    for (path, name) in [
        ("transcoder/W_enc_1.safetensors", "W_enc_0"),
        ("transcoder/W_enc_1.safetensors", "threshold_2"),
        ("transcoder/W_dec_1.safetensors", "W_dec_2"),
    ] {
        let files = with_tensor(&cross_layer, path, name, Tensor::zeros(&[2]));
        assert_says(&complaint(&files), &[path, name, "layers 1 to 1"]);
    }
    for (path, name) in [
        ("transcoder/W_dec_1.safetensors", "threshold_1"),
        ("transcoder/W_enc_1.safetensors", "W_dec_1"),
        ("transcoder/W_enc_1.safetensors", "W_skip"),
    ] {
        let files = with_tensor(&cross_layer, path, name, Tensor::zeros(&[2]));
        assert_says(&complaint(&files), &[path, name, "not known"]);
    }
}
