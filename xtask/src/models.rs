//! Checks the shipped models: each manifest must list its folder's files as they are.

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

fn check_model(folder: &Path) -> Result<()> {
    let manifest: Manifest = read(&folder.join("manifest.json"))?;
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

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T> {
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
        let manifest = |bytes: u64, sha256: &str| {
            let text = format!(
                r#"{{"files": [{{"path": "config.json", "bytes": {bytes}, "sha256": "{sha256}"}}]}}"#
            );
            fs::write(model.join("manifest.json"), text).unwrap();
            check(&folder).map_err(|error| error.to_string())
        };
        // SHA-256 of "{}", from sha256sum.
        let right = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        assert_eq!(manifest(2, right), Ok(()));
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
