//! The list of the site's files with their checksums, by which a browser keeps a version for use without a network.

use crate::site::{files_below, slashed};
use crate::{docs, recorded, sizes};
use anyhow::{Context, Result};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

const NAME: &str = "files.json";
/// The browser keeps it in a way of its own.
const SERVICE: &str = "service-worker.js";

#[derive(Serialize)]
struct Listed {
    path: String,
    bytes: usize,
    sha256: String,
}

#[derive(Serialize)]
struct Listing {
    /// Another one as soon as any file is another.
    version: String,
    /// What is kept as one: all of the page, and what says which models there are.
    page: Vec<Listed>,
    /// What the manifests list.
    models: Vec<Listed>,
}

/// What stands in frames of other pages, which nobody opens without them.
const FRAME: &str = "embed.html";

/// Writes the list of what is in `dist` beside it.
pub fn write(dist: &Path) -> Result<()> {
    let mut listing = Listing {
        version: String::new(),
        page: Vec::new(),
        models: Vec::new(),
    };
    let mut all = Sha256::new();
    for (name, file) in files_below(dist)? {
        let path = slashed(&name);
        // Where a page is kept, so is its engine, which is as fast; elements are kept for the studies.
        let others = path == FRAME || recorded::is_further(&name) || docs::is_picture(&name);
        if others
            || [NAME, SERVICE].contains(&path.as_str())
            || sizes::NOT_LOADED.contains(&path.as_str())
        {
            continue;
        }
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let sha256 = format!("{:x}", Sha256::digest(&bytes));
        all.update(format!("{path} {sha256}\n"));
        let list = if belongs_to_page(&path) {
            &mut listing.page
        } else {
            &mut listing.models
        };
        list.push(Listed {
            path,
            bytes: bytes.len(),
            sha256,
        });
    }
    listing.version = format!("{:x}", all.finalize())[..16].to_string();
    let path = dist.join(NAME);
    fs::write(&path, serde_json::to_vec(&listing)?)
        .with_context(|| format!("cannot write {}", path.display()))
}

fn belongs_to_page(path: &str) -> bool {
    let own = ["models/index.json", "/manifest.json", "/LICENSE"];
    !path.starts_with("models/") || own.iter().any(|end| path.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_tells_page_and_models_apart_and_its_version_follows_every_byte() {
        let dist = std::env::temp_dir().join(format!("attograph-listing-{}", std::process::id()));
        for folder in ["models/toy", "docs", "pictures"] {
            fs::create_dir_all(dist.join(folder)).unwrap();
        }
        for name in [
            "index.html",
            "service-worker.js",
            "screenshot.png",
            "docs/index.html",
            "pictures/stage.png",
            "models/index.json",
            "models/toy/manifest.json",
            "models/toy/model.safetensors",
        ] {
            fs::write(dist.join(name), "{}").unwrap();
        }
        let listed = || -> serde_json::Value {
            write(&dist).unwrap();
            serde_json::from_slice(&fs::read(dist.join(NAME)).unwrap()).unwrap()
        };
        let first = listed();
        let paths = |list: &str| -> Vec<String> {
            let files = first[list].as_array().unwrap().iter();
            files
                .map(|file| file["path"].as_str().unwrap().into())
                .collect()
        };
        assert_eq!(
            paths("page"),
            [
                "docs/index.html",
                "index.html",
                "models/index.json",
                "models/toy/manifest.json"
            ]
        );
        assert_eq!(paths("models"), ["models/toy/model.safetensors"]);
        // SHA-256 of "{}", from sha256sum.
        let sum = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        assert_eq!(first["page"][0]["sha256"], sum);
        assert_eq!(first["page"][0]["bytes"], 2);

        assert_eq!(listed(), first);
        fs::write(dist.join("service-worker.js"), "other").unwrap();
        assert_eq!(listed(), first);
        fs::write(dist.join("models/toy/model.safetensors"), "[]").unwrap();
        assert_ne!(listed()["version"], first["version"]);
        fs::remove_dir_all(dist).unwrap();
    }
}
