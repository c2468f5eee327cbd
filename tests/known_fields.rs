//! Every field and tensor that files are known to hold, by the loader's own tables, and what is done with it:
//! computed (another value gives another result, or is refused), of no effect (the same result, bit for bit),
//! refused. What is in no table is refused by its name.

use crate::common::folders::{
    CLT, CONFIG, INDEX, PLT, TRANSCODER, Tensor, WEIGHTS, assert_says, complaint, configure,
    configure_transcoder, each_known, edit, fixture, loaded, split, with_another_value,
    with_tensor,
};
use attograph::model::InMemory;
use attograph::model::known::{
    CHECKPOINT_TENSORS, CONFIG_FIELDS, HEAD_TENSORS, INDEX_FIELDS, Known, TRANSCODER_FIELDS,
    Treatment,
};
use serde_json::{Value, json};

/// What another value of a computed field or tensor leads to.
enum Then<'a> {
    AnotherResult,
    /// A sentence with these words.
    Refusal(&'a [&'a str]),
}
use Then::{AnotherResult, Refusal};

/// Values of every type.
fn some_values() -> [Value; 6] {
    [
        json!(7),
        json!(0.25),
        json!("some"),
        json!(true),
        json!([1, "a"]),
        json!({"a": {"b": 1}}),
    ]
}

#[track_caller]
fn assert_then(what: &str, before: &str, files: &InMemory, then: &Then<'_>) {
    match then {
        AnotherResult => assert!(loaded(files) != before, "{what} changes nothing"),
        Refusal(says) => assert_says(&complaint(files), says),
    }
}

/// Checks what a table of fields says; `computed` gives another value for each computed field.
fn check_fields(
    table: &[Known],
    file: &str,
    before: &InMemory,
    set: impl Fn(&mut InMemory, &str, Value),
    computed: impl Fn(&str) -> (Value, Then<'static>),
) {
    let result = loaded(before);
    let with = |field: &str, value: Value| {
        let mut files = before.clone();
        set(&mut files, field, value);
        files
    };
    each_known(table, |treatment, field| match treatment {
        Treatment::Computed => {
            let (value, then) = computed(field);
            let files = with(field, value);
            assert_then(field, &result, &files, &then);
        }
        Treatment::NoEffect(reason) => {
            assert!(!reason.is_empty());
            for value in some_values() {
                let files = with(field, value.clone());
                assert!(
                    loaded(&files) == result,
                    "{field} = {value} changes something"
                );
            }
        }
        Treatment::Only(harmless) => {
            let harmless: Value = serde_json::from_str(harmless).unwrap();
            assert!(loaded(&with(field, harmless.clone())) == result, "{field}");
            for value in some_values().into_iter().filter(|value| *value != harmless) {
                let says = [
                    file,
                    &format!("{field} = "),
                    &format!("{harmless} is expected"),
                ];
                assert_says(&complaint(&with(field, value)), &says);
            }
        }
        Treatment::Refused(instead) => {
            for value in some_values() {
                let says = [file, &format!("a field {field},"), instead];
                assert_says(&complaint(&with(field, value)), &says);
            }
        }
    });
    for unknown in ["an_unknown_field", "rope_theta", "N_LAYER", ""] {
        for value in some_values() {
            let says = [
                file,
                &format!("a field {unknown}, which is not known"),
                "take it out",
            ];
            assert_says(&complaint(&with(unknown, value)), &says);
        }
        // Nothing is said by it.
        assert!(loaded(&with(unknown, Value::Null)) == result);
    }
}

#[test]
fn fields_of_config_json() {
    let set = |files: &mut InMemory, field: &str, value| configure(files, field, Some(value));
    check_fields(
        CONFIG_FIELDS,
        CONFIG,
        &fixture(CLT),
        set,
        |field| match field {
            "model_type" => (
                json!("gpt_neo"),
                Refusal(&[CONFIG, "model_type = \"gpt_neo\""]),
            ),
            "architectures" => (json!(["GPTNeoModel"]), Refusal(&[CONFIG, "GPTNeoModel"])),
            "vocab_size" => (json!(41), Refusal(&["wte.weight", "[41, 16]"])),
            "n_positions" => (json!(11), Refusal(&["wpe.weight", "[11, 16]"])),
            "n_embd" => (json!(8), Refusal(&["wte.weight", "[40, 8]"])),
            "n_layer" => (json!(2), Refusal(&["transformer.h.2.", "layers 0 to 1"])),
            "n_head" => (json!(4), AnotherResult),
            "n_inner" => (json!(32), Refusal(&["mlp.c_fc.weight", "[16, 32]"])),
            "max_position_embeddings" => (
                json!(11),
                Refusal(&["max_position_embeddings = 11", "n_positions = 12"]),
            ),
            "hidden_size" => (json!(8), Refusal(&["hidden_size = 8", "n_embd = 16"])),
            "num_hidden_layers" => (json!(2), Refusal(&["num_hidden_layers = 2", "n_layer = 3"])),
            "num_attention_heads" => (
                json!(4),
                Refusal(&["num_attention_heads = 4", "n_head = 2"]),
            ),
            "activation_function" => (json!("gelu"), AnotherResult),
            "layer_norm_epsilon" => (json!(1e-6), AnotherResult),
            "scale_attn_weights" => (json!(false), AnotherResult),
            "scale_attn_by_inverse_layer_idx" => (json!(true), AnotherResult),
            "tie_word_embeddings" => (json!(false), Refusal(&[WEIGHTS, "lm_head.weight"])),
            "bos_token_id" => (json!(3), AnotherResult),
            _ => panic!("how is {field} computed?"),
        },
    );
}

#[test]
fn fields_of_config_yaml() {
    let set = |files: &mut InMemory, field: &str, value: Value| {
        let field = if field.is_empty() { "\"\"" } else { field };
        configure_transcoder(files, field, Some(value));
    };
    check_fields(
        TRANSCODER_FIELDS,
        TRANSCODER,
        &fixture(CLT),
        set,
        |field| match field {
            "model_kind" => (
                json!("transcoder_set"),
                Refusal(&["layer_0.safetensors is missing"]),
            ),
            "feature_input_hook" => (json!("mlp.hook_in"), AnotherResult),
            "feature_output_hook" => (
                json!("hook_resid_post"),
                Refusal(&[TRANSCODER, "hook_resid_post"]),
            ),
            // The fixture has thresholds.
            "activation" => (
                json!("relu"),
                Refusal(&["threshold_0", "activation: relu", TRANSCODER]),
            ),
            "k" => (
                json!(3),
                Refusal(&[TRANSCODER, "k = 3", "activation: topk"]),
            ),
            "transcoders" => (
                json!(["a.safetensors"]),
                Refusal(&[TRANSCODER, "has 1 layers", "(n_layer) 3"]),
            ),
            "apply_b_dec_to_input" => (json!(true), AnotherResult),
            _ => panic!("how is {field} computed?"),
        },
    );
}

#[test]
fn fields_of_an_index() {
    let mut files = fixture(CLT);
    split(&mut files);
    let set = |files: &mut InMemory, field: &str, value: Value| {
        let bytes = files.remove(INDEX).unwrap();
        let mut fields: Value = serde_json::from_slice(&bytes).unwrap();
        fields[field] = value;
        files.insert(INDEX, serde_json::to_vec(&fields).unwrap());
    };
    check_fields(INDEX_FIELDS, INDEX, &files, set, |field| match field {
        "weight_map" => (
            json!({"a": "b.safetensors"}),
            Refusal(&["b.safetensors", "is missing"]),
        ),
        _ => panic!("how is {field} computed?"),
    });
}

#[test]
fn tensors_of_a_checkpoint() {
    // An untied one, whose unembedding is in the file.
    let before = fixture(PLT);
    let result = loaded(&before);
    let check = |treatment, name: &str, prefix: &str| {
        let name = format!("{prefix}{}", name.replace('*', "1"));
        match treatment {
            Treatment::Computed => {
                let files = with_another_value(&before, WEIGHTS, &name);
                assert_then(&name, &result, &files, &AnotherResult);
                let mut files = before.clone();
                edit(&mut files, WEIGHTS, |tensors| drop(tensors.remove(&name)));
                assert_says(&complaint(&files), &[WEIGHTS, "no tensor", &name]);
            }
            Treatment::NoEffect(reason) => {
                assert!(!reason.is_empty());
                for tensor in [Tensor::zeros(&[2, 3]), Tensor::number(3)] {
                    let files = with_tensor(&before, WEIGHTS, &name, tensor);
                    assert!(loaded(&files) == result, "{name} changes something");
                }
            }
            Treatment::Refused(instead) => {
                let files = with_tensor(&before, WEIGHTS, &name, Tensor::zeros(&[2]));
                assert_says(&complaint(&files), &[WEIGHTS, &name, instead]);
            }
            Treatment::Only(_) => panic!("tensors have no one value"),
        }
    };
    each_known(CHECKPOINT_TENSORS, |treatment, name| {
        check(treatment, name, "transformer.")
    });
    each_known(HEAD_TENSORS, |treatment, name| check(treatment, name, ""));
    for name in [
        "lm_head.bias",
        "transformer.h.0.mlp.c_gate.weight",
        "transformer.h.01.ln_1.weight",
        "transformer.h.0.attn.c_attn.weight.lora_A",
        "transformer.lm_head.weight",
        // The others have a prefix.
        "wpe.weight",
        "",
    ] {
        let files = with_tensor(&before, WEIGHTS, name, Tensor::zeros(&[2]));
        let says = [
            WEIGHTS,
            &format!("a tensor {name}, which is not known"),
            "take it out",
        ];
        assert_says(&complaint(&files), &says);
    }
    let beyond = with_tensor(
        &before,
        WEIGHTS,
        "transformer.h.2.ln_1.bias",
        Tensor::zeros(&[24]),
    );
    assert_says(
        &complaint(&beyond),
        &[WEIGHTS, "transformer.h.2.ln_1.bias", "layers 0 to 1"],
    );
}
