//! Minifies the page's scripts and styles, file by file: what is served stays the modules that were written.

use crate::npm;
use crate::process::{program, run, target};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// In place of every script and stylesheet among `files` (names in the site, and where each is now) its
/// minified form, below `target/minified`.
pub fn minify(files: &mut BTreeMap<PathBuf, PathBuf>) -> Result<()> {
    npm::install()?;
    let folder = target("minified");
    let (sources, made) = (folder.join("sources"), folder.join("made"));
    for stale in [&sources, &made] {
        if stale.exists() {
            fs::remove_dir_all(stale)?;
        }
        fs::create_dir_all(stale)?;
    }
    // The files come from several folders; esbuild keeps the tree below one.
    let names: Vec<PathBuf> = files.keys().filter(|name| is_code(name)).cloned().collect();
    for name in &names {
        let copy = sources.join(name);
        fs::create_dir_all(copy.parent().expect("a file below a folder"))?;
        fs::copy(&files[name], &copy)
            .with_context(|| format!("cannot copy {}", files[name].display()))?;
    }
    // The wasm modules' own scripts keep their names: tests put faults into their classes.
    let (wasm, page): (Vec<&PathBuf>, Vec<&PathBuf>) =
        names.iter().partition(|name| name.starts_with("wasm"));
    for (part, how) in [
        (page, &["--minify"][..]),
        (wasm, &["--minify-whitespace", "--minify-syntax"]),
    ] {
        run(program(npm::bin("esbuild"))
            .args(part.iter().map(|name| sources.join(name)))
            .args(how)
            .args(["--format=esm", "--target=es2022"])
            .args(["--charset=utf8", "--legal-comments=none"])
            .args(["--log-level=warning"])
            .arg(option("--outbase=", &sources))
            .arg(option("--outdir=", &made)))?;
    }
    for name in names {
        let path = made.join(&name);
        files.insert(name, path);
    }
    Ok(())
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
