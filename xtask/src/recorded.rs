//! Recorded graphs: what the page draws of each model's first example while its engine is on its way. The native command line
//! makes them; no file of theirs is kept in the repository.

use crate::browser::command_line;
use crate::models::read;
use crate::packing::{base64, gzipped_well};
use crate::process::{program, run, target};
use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// Levels of a recorded plot: of 256, as live ones have, it would be twice as large.
const LEVELS: u64 = 32;

/// A recorded graph: its file, and what the page must know before it asks for that.
pub struct Recorded {
    pub model: String,
    pub title: String,
    pub prompt: String,
    pub file: PathBuf,
}

/// Records the first example of each model that `index.json` in the folder names and that has a cross-layer transcoder. What was
/// recorded of the same model by the same command line is not recorded again.
pub fn record(models: &Path) -> Result<Vec<Recorded>> {
    let index = models.join("index.json");
    if !index.exists() {
        return Ok(Vec::new());
    }
    let index = read::<Value>(&index)?;
    let cli = command_line()?;
    let binary = fs::read(&cli)?;
    let names = index["models"].as_array().into_iter().flatten();
    let mut all = Vec::new();
    for name in names.filter_map(Value::as_str) {
        let folder = models.join(name);
        let manifest: Value = read(&folder.join("manifest.json"))?;
        let example = &manifest["examples"][0]["prompt"];
        let files = files_of(&manifest);
        let Some(prompt) = example.as_str() else {
            continue;
        };
        if !files.keys().any(|path| path.starts_with("transcoder/")) {
            continue;
        }
        let file = target("recorded").join(name).with_extension("json");
        let stamp = file.with_extension("stamp");
        let mut hash = Sha256::new();
        hash.update(&binary);
        hash.update(fs::read(std::env::current_exe()?)?);
        hash.update(fs::read(folder.join("manifest.json"))?);
        let wanted = format!("{:x}", hash.finalize());
        if !file.exists() || !fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
            fs::create_dir_all(target("recorded"))?;
            let raw = file.with_extension("raw.json");
            run(program(&cli)
                .args(["--quiet", "record", "--model"])
                .arg(&folder)
                .arg("--json")
                .arg(&raw))?;
            let packed = packed(read(&raw)?, name, files)?;
            fs::write(&file, serde_json::to_vec(&packed)?)?;
            fs::remove_file(raw)?;
            fs::write(stamp, wanted)?;
        }
        all.push(Recorded {
            model: name.to_owned(),
            title: manifest["title"].as_str().unwrap_or(name).to_owned(),
            prompt: prompt.to_owned(),
            file,
        });
    }
    Ok(all)
}

/// The line of the page's head that tells its scripts what is recorded; the site's first model comes first.
pub fn line(all: &[Recorded]) -> String {
    let told = all
        .iter()
        .map(|it| json!({ "model": it.model, "title": it.title, "prompt": it.prompt }));
    let text = Value::from_iter(told).to_string();
    let text = text
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;");
    format!("<meta name=\"recorded\" content=\"{text}\">")
}

/// Of the model's files, those that a recording depends on, with their sums: its own, the cross-layer transcoder's, the sample texts.
fn files_of(manifest: &Value) -> Map<String, Value> {
    const OWN: [&str; 5] = [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
    ];
    let files = manifest["files"].as_array().into_iter().flatten();
    let pairs = files.filter_map(|file| Some((file["path"].as_str()?, file["sha256"].as_str()?)));
    pairs
        .filter(|(path, _)| {
            OWN.contains(path) || path.starts_with("transcoder/") || *path == "samples.json"
        })
        .map(|(path, sum)| (path.to_owned(), sum.into()))
        .collect()
}

/// What the command line wrote, with the pixels of all plots in a row, gzipped, in base64, and the sums of the model's files.
fn packed(mut raw: Value, model: &str, files: Map<String, Value>) -> Result<Value> {
    raw["model"] = model.into();
    raw["files"] = files.into();
    if raw["operands"].is_null() {
        return Ok(raw);
    }
    raw["operands"]["levels"] = LEVELS.into();
    let mut pixels = Vec::new();
    let plots = raw["operands"]["plots"]
        .as_array_mut()
        .context("a recording has no plots")?;
    for plot in plots {
        let taken = plot["pixels"].take();
        let values = taken
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_u64);
        pixels.extend(values.map(|value| ((value * (LEVELS - 1) + 127) / 255) as u8));
        plot.as_object_mut()
            .context("a plot is no object")?
            .remove("pixels");
    }
    raw["operands"]["pixels"] = base64(&gzipped_well(&pixels)?).into();
    Ok(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_head_keeps_its_quotes() {
        let one = Recorded {
            model: "a".into(),
            title: "\"<b>\" & c".into(),
            prompt: "1+1=".into(),
            file: PathBuf::new(),
        };
        let line = line(&[one]);
        assert!(line.starts_with("<meta name=\"recorded\" content=\"[{&quot;"));
        assert!(line.contains("\\&quot;&lt;b>\\&quot; &amp; c"), "{line}");
    }
}
