//! Checks the shipped models: each manifest must list its folder's files as they are, and hold what
//! `evaluate` measured.

use crate::site::files_below;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
struct Index {
    models: Vec<String>,
}

#[derive(Deserialize)]
struct Manifest {
    files: Vec<Listed>,
    quality: Vec<Measure>,
}

/// What the page shows of a measured figure; `evaluate` writes it.
#[derive(Deserialize)]
struct Measure {
    group: String,
    measure: String,
    name: String,
    value: f64,
    how: String,
}

#[derive(Deserialize)]
struct Listed {
    path: PathBuf,
    bytes: u64,
    sha256: String,
}

/// Checks every model that `index.json` in the folder names; a folder without one has no models.
pub fn check(folder: &Path) -> Result<()> {
    let index = folder.join("index.json");
    if !index.exists() {
        println!(
            "There is no {}: the site will have no models",
            index.display()
        );
        return Ok(());
    }
    let index: Index = read(&index)?;
    for model in index.models {
        check_model(&folder.join(model))?;
    }
    Ok(())
}

/// A model without a card cannot be judged.
fn check_quality(folder: &Path, measures: &[Measure]) -> Result<()> {
    let folder = folder.display();
    if measures.is_empty() {
        bail!("{folder} was not measured: run `cargo run --release -- evaluate --model {folder}`");
    }
    for one in measures {
        let words = [&one.group, &one.measure, &one.name, &one.how];
        if words.iter().any(|word| word.is_empty()) || !one.value.is_finite() {
            bail!(
                "{folder}: the measure {:?} lacks a word or a finite value",
                one.name
            );
        }
    }
    Ok(())
}

fn check_model(folder: &Path) -> Result<()> {
    let manifest: Manifest = read(&folder.join("manifest.json"))?;
    check_quality(folder, &manifest.quality)?;
    let mut unlisted: BTreeSet<PathBuf> = files_below(folder)?.into_keys().collect();
    unlisted.remove(Path::new("manifest.json"));
    for listed in manifest.files {
        let path = folder.join(&listed.path);
        let bytes = fs::read(&path).with_context(|| {
            format!(
                "the manifest lists {}, which cannot be read",
                path.display()
            )
        })?;
        if bytes.len() as u64 != listed.bytes {
            bail!(
                "{} has {} bytes, but its manifest says {}: write the manifest anew",
                path.display(),
                bytes.len(),
                listed.bytes
            );
        }
        if format!("{:x}", Sha256::digest(&bytes)) != listed.sha256 {
            bail!(
                "{} is not the file of its manifest (SHA-256): write the manifest anew",
                path.display()
            );
        }
        unlisted.remove(&listed.path);
    }
    if let Some(name) = unlisted.first() {
        bail!(
            "{} is not in its folder's manifest.json",
            folder.join(name).display()
        );
    }
    Ok(())
}

/// A JSON file; the error names it.
pub fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is not as it should be", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_must_match_its_folder() {
        let folder = std::env::temp_dir().join(format!("attograph-models-{}", std::process::id()));
        let model = folder.join("toy");
        fs::create_dir_all(&model).unwrap();
        fs::write(folder.join("index.json"), r#"{"models": ["toy"]}"#).unwrap();
        fs::write(model.join("config.json"), "{}").unwrap();
        let measured = r#"{"group": "a", "measure": "b", "name": "c", "value": 1, "how": "d"}"#;
        let write = |bytes: u64, sha256: &str, quality: &str| {
            let text = format!(
                r#"{{"quality": [{quality}],
                "files": [{{"path": "config.json", "bytes": {bytes}, "sha256": "{sha256}"}}]}}"#
            );
            fs::write(model.join("manifest.json"), text).unwrap();
            check(&folder).map_err(|error| error.to_string())
        };
        let manifest = |bytes, sha256: &str| write(bytes, sha256, measured);
        // SHA-256 of "{}", from sha256sum.
        let right = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        assert_eq!(manifest(2, right), Ok(()));
        assert!(write(2, right, "").unwrap_err().contains("not measured"));
        let nameless = measured.replace('c', "");
        assert!(write(2, right, &nameless).unwrap_err().contains("lacks"));
        assert!(manifest(3, right).unwrap_err().contains("has 2 bytes"));
        assert!(
            manifest(2, &right.replace('4', "5"))
                .unwrap_err()
                .contains("SHA-256")
        );
        fs::write(model.join("extra.bin"), "x").unwrap();
        assert!(
            manifest(2, right)
                .unwrap_err()
                .contains("extra.bin is not in")
        );
        fs::remove_file(model.join("extra.bin")).unwrap();
        fs::remove_file(model.join("config.json")).unwrap();
        assert!(manifest(2, right).unwrap_err().contains("cannot be read"));
        fs::remove_dir_all(folder).unwrap();
    }
}
