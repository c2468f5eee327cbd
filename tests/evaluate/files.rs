//! What is printed and written into a folder, and how files that are spoilt are named.

use super::asked::{MANIFEST, addition, diagnosis, folder, run};
use crate::common::scratch::Scratch;
use serde_json::{Value, json};

#[test]
fn results_are_printed_and_written_and_nothing_else_changes() {
    let scratch = Scratch::new("evaluate-manifest");
    let folder = folder(&scratch, &diagnosis());
    let manifest = || std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let printed = |more: &[&str]| {
        let output = run(&folder, more);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        assert!(said.contains("prompts: 48 of 48"), "{said}");
        String::from_utf8(output.stdout).unwrap()
    };
    printed(&["--no-write"]);
    assert_eq!(manifest(), MANIFEST);
    let only = folder.join("per-layer");
    let text = printed(&["--transcoder", only.to_str().unwrap()]);
    assert_eq!(manifest(), MANIFEST);
    assert!(!text.contains("cross-layer"), "{text}");

    let text = printed(&[]);
    for part in [
        "Right answers",
        "(cross-layer)",
        "(per-layer)",
        "≥ 97",
        "MB",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    let written = manifest();
    let (before, after) = MANIFEST
        .split_once("[\n    {\n      \"name\": \"old\"\n    }\n  ]")
        .unwrap();
    assert!(
        written.starts_with(before) && written.ends_with(after),
        "{written}"
    );
    let value: Value = serde_json::from_str(&written).unwrap();
    assert!(value["likeness"]["surprise"].as_f64().unwrap() >= 4.0);
    assert!(value["likeness"]["after"].is_array());
    let quality = value["quality"].as_array().unwrap();
    let first = &quality[0];
    assert_eq!(first["measure"], "right/ask/held-out");
    assert_eq!(first["target"], json!({"at_least": 97.0}));
    assert_eq!(first["unit"], "%");
    assert_eq!(first["of"], 24);
    assert!(first.get("transcoder").is_none());
    for measure in quality {
        for field in ["group", "measure", "name", "unit", "how"] {
            assert!(measure[field].is_string(), "{field} of {measure}");
        }
        assert!(measure["value"].is_f64(), "{measure}");
        let how = measure["how"].as_str().unwrap();
        assert!(
            how.starts_with("cargo run --release -- evaluate --model "),
            "{how}"
        );
        assert!(how.ends_with(" --prompts 4"), "{how}");
    }
    // Indented as the rest is.
    assert!(
        written.contains("\n    {\n      \"group\": \"Right answers\",\n"),
        "{written}"
    );
    // What is written once can be written over, and comes out the same.
    printed(&[]);
    assert_eq!(manifest(), written);
}

#[test]
fn spoilt_files_are_named_in_one_sentence() {
    let scratch = Scratch::new("evaluate-spoilt");
    let folder = folder(&scratch, &addition());
    let complaint = |file: &str, parts: &[&str]| {
        let output = run(&folder, &[]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && !said.contains("panicked"),
            "{said}"
        );
        assert_eq!(said.trim().lines().count(), 1, "{said}");
        assert!(said.trim().ends_with('.'), "{said}");
        for part in parts.iter().chain([&file]) {
            assert!(said.contains(part), "no {part:?} in {said}");
        }
    };
    let put = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    type Spoil = fn(&mut Value);
    let sums: [(&[&str], Spoil); 12] = [
        (&["contexts"], |v| {
            drop(v.as_object_mut().unwrap().remove("contexts"))
        }),
        (&["contexts is empty"], |v| v["contexts"] = json!([])),
        (&["calc", "templates"], |v| {
            v["contexts"][0]["templates"] = json!([])
        }),
        (&["{c}", "{carry}"], |v| {
            v["contexts"][0]["templates"] = json!(["t{c}| t1"])
        }),
        (&["needs one |"], |v| {
            v["contexts"][0]["templates"] = json!(["t{a.ones}"])
        }),
        (&["not one token"], |v| {
            v["contexts"][0]["templates"] = json!(["t1| t1 t2"])
        }),
        (&["held_out.everywhere", "[3, 400]"], |v| {
            v["held_out"]["everywhere"][0] = json!([3, 400]);
        }),
        (&["held_out.only", "nowhere"], |v| {
            v["held_out"]["only"] = json!({"nowhere": []})
        }),
        (&["same name"], |v| v["contexts"][1]["name"] = json!("calc")),
        (&["domain"], |v| {
            drop(v.as_object_mut().unwrap().remove("domain"))
        }),
        (&["cooking", "addition"], |v| v["domain"] = json!("cooking")),
        (&["16 tokens", "at most 12"], |v| {
            v["explanations"] = json!([format!("t1|{}", " t2".repeat(14))]);
        }),
    ];
    for (parts, spoil) in sums {
        let mut asked = addition();
        spoil(&mut asked);
        put("evaluation.json", &asked.to_string());
        complaint("evaluation.json", parts);
    }
    let cases: [(&[&str], Spoil); 6] = [
        (&["vignettes[3].chances.ask is empty"], |v| {
            v["vignettes"][3]["chances"]["ask"] = json!([]);
        }),
        (&["vignettes[3].chances.ask", "best answer first"], |v| {
            v["vignettes"][3]["chances"]["ask"] = json!([["t1", 0.1], ["t2", 0.2]]);
        }),
        (&["t1 t2", "2 tokens"], |v| {
            v["vignettes"][3]["chances"]["ask"] = json!([["t1 t2", 0.1]]);
        }),
        (&["vignettes[3].texts", "nothing"], |v| {
            v["vignettes"][3]["texts"] = json!({"nothing": ""});
        }),
        (
            &["vignettes[3].twin has", "\"ask\"", "as many tokens"],
            |v| {
                v["vignettes"][3]["twin"] = json!("t1 t2");
            },
        ),
        (&["leading"], |v| {
            drop(v["vignettes"][3].as_object_mut().unwrap().remove("leading"));
        }),
    ];
    for (parts, spoil) in cases {
        let mut asked = diagnosis();
        spoil(&mut asked);
        put("evaluation.json", &asked.to_string());
        complaint("evaluation.json", parts);
    }
    put("evaluation.json", "{ not json");
    complaint("evaluation.json", &["line 1"]);
    std::fs::remove_file(folder.join("evaluation.json")).unwrap();
    complaint("evaluation.json", &["missing"]);

    put("evaluation.json", &addition().to_string());
    put("manifest.json", "{}");
    complaint("manifest.json", &["quality"]);
    std::fs::remove_file(folder.join("manifest.json")).unwrap();
    complaint("manifest.json", &["missing"]);
    std::fs::remove_file(folder.join("per-layer/layer_1.safetensors")).unwrap();
    put("manifest.json", MANIFEST);
    let output = run(&folder, &[]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("layer_1.safetensors"));
    assert_eq!(
        std::fs::read_to_string(folder.join("manifest.json")).unwrap(),
        MANIFEST
    );
}
