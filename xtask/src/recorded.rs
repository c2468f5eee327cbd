//! Recorded graphs: what the page draws of each model's examples while its engine is on its way. The native command line
//! makes them; no file of theirs is kept in the repository.

use crate::browser::command_line;
use crate::models::read;
use crate::packing::{base64, gzipped_well};
use crate::process::{program, run, target};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::thread;

/// Levels of a recorded plot: of 256, as live ones have, it would be twice as large.
const LEVELS: u64 = 32;
const FOLDER: &str = "recorded";

/// The recorded graphs of a model, and what the page must know before it asks for one.
pub struct Recorded {
    pub model: String,
    pub title: String,
    /// Of the model's examples, the first one's first.
    pub prompts: Vec<String>,
}

impl Recorded {
    /// Names of the files in the site, in the order of the examples.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        self.prompts.iter().enumerate().map(|(i, prompt)| {
            Path::new(FOLDER).join(match i {
                // Authors name it in their pages.
                0 => format!("{}.json", self.model),
                _ => format!("{}/{}.json", self.model, name_of(prompt)),
            })
        })
    }
}

/// Where the file of a name in the site is.
pub fn made(name: &Path) -> PathBuf {
    target(".").join(name)
}

/// Whether a file of the site is the recorded graph of another than its model's first example.
pub fn is_further(name: &Path) -> bool {
    name.starts_with(FOLDER) && name.components().count() > 2
}

/// Records the examples of each model that `index.json` in the folder names and that has a cross-layer transcoder. What was
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
    let (mut all, mut todo, mut stamps) = (Vec::new(), Vec::new(), Vec::new());
    for name in names.filter_map(Value::as_str) {
        let folder = models.join(name);
        let manifest: Value = read(&folder.join("manifest.json"))?;
        let examples = manifest["examples"].as_array().into_iter().flatten();
        let prompts = examples.filter_map(|example| example["prompt"].as_str());
        let recorded = Recorded {
            model: name.to_owned(),
            title: manifest["title"].as_str().unwrap_or(name).to_owned(),
            prompts: prompts.map(str::to_owned).collect(),
        };
        let files = files_of(&manifest);
        if recorded.prompts.is_empty() || !files.keys().any(|path| path.starts_with("transcoder/"))
        {
            continue;
        }
        let folder_made = made(Path::new(FOLDER)).join(name);
        let stamp = folder_made.with_extension("stamp");
        let mut hash = Sha256::new();
        hash.update(&binary);
        hash.update(fs::read(std::env::current_exe()?)?);
        hash.update(fs::read(folder.join("manifest.json"))?);
        let wanted = format!("{:x}", hash.finalize());
        if !fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
            if folder_made.exists() {
                fs::remove_dir_all(&folder_made)?;
            }
            fs::create_dir_all(&folder_made)?;
            todo.push((all.len(), folder, files));
            stamps.push((stamp, wanted));
        }
        all.push(recorded);
    }
    thread::scope(|scope| {
        let begun: Vec<_> = todo
            .iter()
            .flat_map(|(at, folder, files)| {
                let recorded = &all[*at];
                halves(&recorded.prompts).map(|half| (recorded, folder, files, half))
            })
            .map(|(recorded, folder, files, half)| {
                let cli = &cli;
                scope.spawn(move || record_some(cli, folder, recorded, half, files))
            })
            .collect();
        let mut done = begun.into_iter();
        done.try_for_each(|each| each.join().expect("a recording that ends"))
    })?;
    for (stamp, wanted) in stamps {
        fs::write(stamp, wanted)?;
    }
    Ok(all)
}

/// Prompts in two parts that take about as long to record, so that each has a core of its own.
fn halves(prompts: &[String]) -> [Range<usize>; 2] {
    let whole: usize = prompts.iter().map(String::len).sum();
    let mut before = 0;
    let first = prompts.iter().take_while(|prompt| {
        before += prompt.len();
        2 * before <= whole
    });
    let middle = first.count();
    [0..middle, middle..prompts.len()]
}

/// Records some of a model's examples, and writes a file of each.
fn record_some(
    cli: &Path,
    folder: &Path,
    recorded: &Recorded,
    some: Range<usize>,
    files: &Map<String, Value>,
) -> Result<()> {
    let raw = target(&format!(
        "{FOLDER}/{}.raw-{}.json",
        recorded.model, some.start
    ));
    run(program(cli)
        .args(["--quiet", "record", "--model"])
        .arg(folder)
        .arg(format!("--skip={}", some.start))
        .arg(format!("--take={}", some.len()))
        .arg("--json")
        .arg(&raw))?;
    write(recorded, some.start, read(&raw)?, files)?;
    Ok(fs::remove_file(raw)?)
}

/// Writes a file of each recording, the first of which is of this example.
fn write(
    recorded: &Recorded,
    first: usize,
    raw: Vec<Value>,
    files: &Map<String, Value>,
) -> Result<()> {
    let names: Vec<PathBuf> = recorded.files().collect();
    for (at, raw) in (first..).zip(raw) {
        let (name, prompt) = (&names[at], &recorded.prompts[at]);
        if raw["prompt"] != prompt.as_str() || names[..at].contains(name) {
            bail!(
                "{}: the example {prompt:?} has no recording of a name of its own",
                recorded.model
            );
        }
        let packed = packed(raw, &recorded.model, files.clone())?;
        fs::write(made(name), serde_json::to_vec(&packed)?)?;
    }
    Ok(())
}

/// The line of the page's head that tells its scripts what is recorded; the site's first model comes first.
pub fn line(all: &[Recorded]) -> String {
    let told = all.iter().map(|it| {
        let others: Vec<String> = it.prompts[1..].iter().map(|text| name_of(text)).collect();
        json!({ "model": it.model, "title": it.title, "prompt": it.prompts[0], "others": others })
    });
    let text = Value::from_iter(told).to_string();
    let text = text
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;");
    format!("<meta name=\"recorded\" content=\"{text}\">")
}

/// What the recording of a prompt is called, so that the page need not know all prompts: its FNV-1a of 32 bits, as
/// `www/lab/recorded/listed.js` has it.
fn name_of(prompt: &str) -> String {
    let hash = prompt.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("{hash:08x}")
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
            OWN.contains(path)
                || path.starts_with("transcoder/")
                || ["samples.json", "features.json"].contains(path)
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

    fn one(title: &str) -> Recorded {
        Recorded {
            model: "a".into(),
            title: title.into(),
            prompts: vec!["1+1=".into(), "foobar".into()],
        }
    }

    #[test]
    fn a_line_of_the_head_keeps_its_quotes() {
        let line = line(&[one("\"<b>\" & c")]);
        assert!(line.starts_with("<meta name=\"recorded\" content=\"[{&quot;"));
        assert!(line.contains("\\&quot;&lt;b>\\&quot; &amp; c"), "{line}");
    }

    /// The same text and name are in tests/unit/recorded.test.mjs.
    #[test]
    fn recordings_are_called_by_their_model_and_their_prompt() {
        let names: Vec<_> = one("b").files().collect();
        assert_eq!(
            names,
            ["recorded/a.json", "recorded/a/bf9cf968.json"].map(PathBuf::from)
        );
        assert!(line(&[one("b")]).contains("&quot;others&quot;:[&quot;bf9cf968&quot;]"));
        assert_eq!(
            names
                .iter()
                .map(|name| is_further(name))
                .collect::<Vec<_>>(),
            [false, true]
        );
    }

    #[test]
    fn each_example_has_a_file_and_none_is_another_ones() {
        let other = json!({ "prompt": "1+2=", "operands": null });
        let error = write(&one("b"), 0, vec![other], &Map::new()).unwrap_err();
        assert!(error.to_string().contains("1+1="), "{error}");
    }
}
