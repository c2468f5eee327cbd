//! Minifies the page's scripts and styles, and bundles them: what a worker loads into one file, and what the page loads into one for
//! the first graph and one for each part that is asked for later.

use crate::npm;
use crate::process::{program, root, run, target};
use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The page's first script. What it imports when asked becomes a file of its own, named by its content, in the same folder.
const PAGE: &str = "lab/main.js";
/// What another page imports to have a lab of its own, or the engine alone; they share files with the page's first script, and on one page
/// the engine.
const LAB: &str = "lab/create.js";
const HOST: &str = "lab/engine-host.js";
const CHUNKS: &str = "--chunk-names=lab/[name]-[hash]";

/// The stylesheet and the scripts of the workers: all that they import becomes a part of them. They stand
/// one folder deep, as all that they import does, so that addresses beside a module are the same in the bundle.
const ENTRIES: [&str; 5] = [
    "style/all.css",
    "talk/speaker-page.js",
    "worker/main.js",
    "worker/second-worker.js",
    "lab/offline.js",
];

/// In place of every script and stylesheet among `files` (names in the site, and where each is now) its
/// minified form, below `target/minified`. Returns what the page's first script imports at once, as names in the site.
pub fn minify(files: &mut BTreeMap<PathBuf, PathBuf>) -> Result<Vec<PathBuf>> {
    npm::install()?;
    let folder = target("minified");
    let (sources, made) = (folder.join("sources"), folder.join("made"));
    empty(&made)?;
    let names = copy_code(files, &sources)?;
    let page = bundle(&sources, &bundles(), &[PAGE, LAB, HOST], &["--splitting", CHUNKS])?;
    let others = bundle(&sources, &bundles(), &ENTRIES, &[])?;
    let bundled: BTreeSet<&PathBuf> = page.inputs.iter().chain(&others.inputs).collect();
    let (bundle, names): (Vec<PathBuf>, Vec<PathBuf>) =
        names.into_iter().partition(|name| bundled.contains(name));
    // The engine's own script keeps its names: tests put faults into its classes.
    let (engine, rest): (Vec<&PathBuf>, Vec<&PathBuf>) = names
        .iter()
        .partition(|name| name.ends_with("wasm/engine.js"));
    for (part, how) in [
        (rest, &["--minify"][..]),
        (engine, &["--minify-whitespace", "--minify-syntax"]),
    ] {
        run(esbuild()
            .args(part.iter().map(|name| sources.join(name)))
            .args(how)
            .arg(option("--outbase=", &sources))
            .arg(option("--outdir=", &made)))?;
    }
    for name in bundle {
        files.remove(&name);
    }
    for name in names {
        let path = made.join(&name);
        files.insert(name, path);
    }
    for name in page.outputs.keys().chain(others.outputs.keys()) {
        files.insert(name.clone(), bundles().join(name));
    }
    Ok(page.at_once(Path::new(PAGE)))
}

/// Names in the site: of what is in some bundles, and of these bundles with what each imports at once.
struct Bundles {
    inputs: BTreeSet<PathBuf>,
    outputs: BTreeMap<PathBuf, Vec<PathBuf>>,
}

impl Bundles {
    /// What a bundle imports at once, directly or not.
    fn at_once(&self, first: &Path) -> Vec<PathBuf> {
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

/// A folder with nothing in it.
fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(fs::create_dir_all(folder)?)
}

/// Copies scripts and styles, which come from several folders: esbuild keeps the tree below one. Tells their names.
fn copy_code(files: &BTreeMap<PathBuf, PathBuf>, sources: &Path) -> Result<Vec<PathBuf>> {
    empty(sources)?;
    let names: Vec<PathBuf> = files.keys().filter(|name| is_code(name)).cloned().collect();
    for name in &names {
        let copy = sources.join(name);
        fs::create_dir_all(copy.parent().expect("a file below a folder"))?;
        fs::copy(&files[name], &copy)
            .with_context(|| format!("cannot copy {}", files[name].display()))?;
    }
    Ok(names)
}

/// The bundles of the single file.
pub struct SingleBundles {
    pub page: String,
    pub style: String,
    pub worker: String,
    pub second: String,
}

/// How the parts of the single file are found, in place of how those of the site are.
pub const SINGLE_DELIVERY: &str = "lab/delivery-single.js";

/// Bundles `files` for the single file.
pub fn bundle_single(files: &BTreeMap<PathBuf, PathBuf>) -> Result<SingleBundles> {
    npm::install()?;
    let folder = target("minified/single");
    let (sources, made) = (folder.join("sources"), folder.join("bundled"));
    empty(&made)?;
    copy_code(files, &sources)?;
    fs::copy(
        sources.join(SINGLE_DELIVERY),
        sources.join("lab/delivery.js"),
    )?;
    bundle(&sources, &made, &[PAGE], &[])?;
    bundle(&sources, &made, &ENTRIES, &[])?;
    // Chromium starts no module worker from a page without an origin, as a file is. That the engine's script cannot tell where it
    // is does not matter: it is given its wasm.
    run(esbuild()
        .args(["worker/main.js", "worker/second-worker.js"].map(|name| made.join(name)))
        .args(["--format=iife", "--minify"])
        .arg("--log-override:empty-import-meta=silent")
        .arg("--allow-overwrite")
        .arg(option("--outbase=", &made))
        .arg(option("--outdir=", &made)))?;
    let read = |name: &str| -> Result<String> {
        let text = fs::read_to_string(made.join(name))?;
        Ok(text.trim_end().to_string())
    };
    let [style, _, worker, second, _] = ENTRIES;
    Ok(SingleBundles {
        page: read(PAGE)?,
        style: read(style)?,
        worker: read(worker)?,
        second: read(second)?,
    })
}

/// Bundles files, and tells what is in the bundles.
fn bundle(sources: &Path, made: &Path, entries: &[&str], how: &[&str]) -> Result<Bundles> {
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
    let inputs = listed.inputs.keys().map(|path| below(sources, path));
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

fn bundles() -> PathBuf {
    target("minified/bundled")
}

fn esbuild() -> Command {
    let mut esbuild = program(npm::bin("esbuild"));
    esbuild
        .args(["--format=esm", "--target=es2022"])
        .args(["--charset=utf8", "--legal-comments=none"])
        .arg("--log-level=warning");
    esbuild
}

fn is_code(name: &Path) -> bool {
    ["js", "css"]
        .map(OsStr::new)
        .contains(&name.extension().unwrap_or_default())
}

fn option(name: &str, path: &Path) -> std::ffi::OsString {
    let mut option = std::ffi::OsString::from(name);
    option.push(path);
    option
}
