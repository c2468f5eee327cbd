//! esbuild, and what it tells of the bundles that it makes.

use crate::npm;
use crate::process::{program, root, run};
use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names in the site: of what is in some bundles, and of these bundles with what each imports at once.
pub struct Bundles {
    pub inputs: BTreeSet<PathBuf>,
    pub outputs: BTreeMap<PathBuf, Vec<PathBuf>>,
}

impl Bundles {
    /// The bundles whose names begin so, up to the hash of their content, and all that they import at once.
    pub fn needed_by(&self, starts: &[&str]) -> Vec<PathBuf> {
        let is_one = |name: &PathBuf| {
            let name = name.to_string_lossy().replace(".js", "");
            let plain = name
                .rsplit_once('-')
                .map_or(name.as_str(), |(plain, _)| plain);
            starts
                .iter()
                .any(|start| [plain, &name].contains(&start.trim_end_matches(".js")))
        };
        let mut found: BTreeSet<PathBuf> = self
            .outputs
            .keys()
            .filter(|name| is_one(name))
            .cloned()
            .collect();
        for name in found.clone() {
            found.extend(self.at_once(&name));
        }
        found.into_iter().collect()
    }

    /// What a bundle imports at once, directly or not.
    pub fn at_once(&self, first: &Path) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = Vec::new();
        let mut queue = vec![first.to_path_buf()];
        while let Some(name) = queue.pop() {
            for import in self.outputs.get(&name).into_iter().flatten() {
                if !found.contains(import) {
                    found.push(import.clone());
                    queue.push(import.clone());
                }
            }
        }
        found
    }
}

/// Bundles files, and tells what is in the bundles.
pub fn bundle(sources: &Path, made: &Path, entries: &[&str], how: &[&str]) -> Result<Bundles> {
    #[derive(Deserialize)]
    struct Listing {
        inputs: BTreeMap<PathBuf, IgnoredAny>,
        outputs: BTreeMap<PathBuf, Output>,
    }
    #[derive(Deserialize)]
    struct Output {
        imports: Vec<Import>,
    }
    #[derive(Deserialize)]
    struct Import {
        path: PathBuf,
        kind: String,
    }
    let listing = made.join("listing.json");
    run(esbuild()
        .args(entries.iter().map(|name| sources.join(name)))
        .args(["--bundle", "--minify"])
        .args(how)
        .arg(option("--outbase=", sources))
        .arg(option("--outdir=", made))
        .arg(option("--metafile=", &listing)))?;
    let listed: Listing = serde_json::from_slice(&fs::read(listing)?)?;
    let below = |folder: &Path, path: &Path| {
        let name = root().join(path);
        name.strip_prefix(folder)
            .map(Path::to_path_buf)
            .with_context(|| format!("{} is none of the page's files", name.display()))
    };
    // Packages that are bundled too are nobody's files.
    let own = listed
        .inputs
        .keys()
        .filter(|path| !path.starts_with("node_modules"));
    let inputs = own.map(|path| below(sources, path));
    let outputs = listed.outputs.iter().map(|(path, output)| {
        let at_once = output
            .imports
            .iter()
            .filter(|import| import.kind == "import-statement");
        let imports = at_once.map(|import| below(made, &import.path));
        Ok((below(made, path)?, imports.collect::<Result<_>>()?))
    });
    Ok(Bundles {
        inputs: inputs.collect::<Result<_>>()?,
        outputs: outputs.collect::<Result<_>>()?,
    })
}

pub fn esbuild() -> Command {
    let mut esbuild = program(npm::bin("esbuild"));
    esbuild
        .args(["--format=esm", "--target=es2022"])
        .args(["--charset=utf8", "--legal-comments=none"])
        .arg("--log-level=warning");
    esbuild
}

pub fn option(name: &str, path: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push(path);
    option
}
