//! Puts the static site together in `dist/`: the page, the models and the wasm modules.

use crate::process::{root, target};
use crate::{docs, listing, minify, models, previews, recorded, sizes, studies, wasm};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const MARKUP: &str = "lab/markup.html";

/// Builds `dist/` and returns its path. Files that have not changed are left as they are.
pub fn build() -> Result<PathBuf> {
    build_for(None)
}

/// The same, for a site that will stand at this address.
pub fn build_for(url: Option<&str>) -> Result<PathBuf> {
    let page = root().join("www");
    let mut wanted = sources()?;
    models::check(&page.join("models"))?;
    // It takes another's place in the single file.
    wanted.remove(Path::new(minify::SINGLE_DELIVERY));
    let first = minify::minify(&mut wanted)?;
    let recordings = recorded::record(&page.join("models"))?;
    let mut head: Vec<String> = first
        .page
        .iter()
        .map(|name| format!("<link rel=\"modulepreload\" href=\"{}\">", name.display()))
        .collect();
    let nodes: Vec<_> = first
        .nodes
        .iter()
        .map(|name| name.to_string_lossy())
        .collect();
    head.push(format!(
        "<meta name=\"nodes\" content=\"{}\">",
        nodes.join(" ")
    ));
    head.extend(previews::lines(
        &fs::read_to_string(page.join("index.html"))?,
        url,
    )?);
    if !recordings.is_empty() {
        head.push(recorded::line(&recordings));
    }
    for name in recordings.iter().flat_map(recorded::Recorded::files) {
        let made = recorded::made(&name);
        wanted.insert(name, made);
    }
    wanted.insert("index.html".into(), whole_page(&page, &head)?);
    wanted.insert(MARKUP.into(), markup_for_others(&page)?);
    wanted.extend(studies::make()?);
    let pages = docs::make(&wanted.keys().cloned().collect())?;
    wanted.extend(pages);
    for name in [
        "lit",
        "lit-html",
        "lit-element",
        "@lit/reactive-element",
        "@preact/signals-core",
    ] {
        let licence = root().join("node_modules").join(name).join("LICENSE");
        let plain = name.replace(['@', '/'], "");
        wanted.insert(format!("elements/licences/{plain}.txt").into(), licence);
    }
    let dist = root().join("dist");
    mirror(&wanted, &dist)?;
    listing::write(&dist)?;
    sizes::report(&dist, &first)?;
    println!("Built {}", dist.display());
    Ok(dist)
}

/// The files that the site is made of, by their names in it.
pub fn sources() -> Result<BTreeMap<PathBuf, PathBuf>> {
    let modules = wasm::build()?;
    let mut wanted = files_below(&root().join("www"))?;
    // Types are for those who write the page; no browser reads them.
    wanted.retain(|name, _| !name.to_string_lossy().ends_with(".d.ts"));
    for file in modules {
        let name = file.file_name().expect("a file").to_os_string();
        wanted.insert(Path::new("wasm").join(name), file);
    }
    Ok(wanted)
}

/// A path below a folder as addresses write it.
pub fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// The page with these lines in its head, in front of its scripts, and with the lab's markup in its body.
fn whole_page(page: &Path, lines: &[String]) -> Result<PathBuf> {
    const SCRIPT: &str = "<script ";
    let path = page.join("index.html");
    let text = fs::read_to_string(&path)?;
    let (start, end) = text
        .split_once(SCRIPT)
        .with_context(|| format!("{} has no script", path.display()))?;
    let text = format!("{start}{}\n    {SCRIPT}{end}", lines.join("\n    "));
    let made = target("minified/index.html");
    fs::write(&made, with_markup(&text, page)?)?;
    Ok(made)
}

/// The lab's markup for pages of others: beside them stand no documentation and no studies.
fn markup_for_others(page: &Path) -> Result<PathBuf> {
    let text = fs::read_to_string(page.join(MARKUP))?;
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !docs::leads_to_docs(line) && !studies::leads_to_studies(line))
        .collect();
    let made = target("minified/markup.html");
    fs::write(&made, lines.join("\n") + "\n")?;
    Ok(made)
}

/// The text of a page with the lab's markup, which other pages fetch, in the place of the comment that names it.
pub fn with_markup(text: &str, page: &Path) -> Result<String> {
    let (before, after) = text
        .split_once(&format!("<!-- {MARKUP} -->\n"))
        .with_context(|| format!("the page has no place for {MARKUP}"))?;
    Ok(format!(
        "{before}{}{after}",
        fs::read_to_string(page.join(MARKUP))?
    ))
}

/// The path of `dist/`, if there is something in it.
pub fn built() -> Result<PathBuf> {
    let dist = root().join("dist");
    if !dist.join("index.html").exists() {
        bail!(
            "there is no site in {}: run `cargo xtask build` first",
            dist.display()
        );
    }
    Ok(dist)
}

/// Every file below a folder, by its path in it. Hidden files are left out.
pub fn files_below(folder: &Path) -> Result<BTreeMap<PathBuf, PathBuf>> {
    let mut found = BTreeMap::new();
    let mut queue = vec![PathBuf::new()];
    while let Some(below) = queue.pop() {
        let path = folder.join(&below);
        let entries =
            fs::read_dir(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = below.join(entry.file_name());
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if entry.path().is_dir() {
                queue.push(name);
            } else {
                found.insert(name, entry.path());
            }
        }
    }
    Ok(found)
}

/// Makes `folder` hold exactly these files.
pub fn mirror(wanted: &BTreeMap<PathBuf, PathBuf>, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    for (name, path) in files_below(folder)? {
        if !wanted.contains_key(&name) {
            fs::remove_file(path)?;
        }
    }
    for (name, source) in wanted {
        let path = folder.join(name);
        let bytes =
            fs::read(source).with_context(|| format!("cannot read {}", source.display()))?;
        if fs::read(&path).is_ok_and(|present| present == bytes) {
            continue;
        }
        fs::create_dir_all(path.parent().expect("a file below a folder"))?;
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirror_adds_changes_and_removes() {
        let scratch = std::env::temp_dir().join(format!("attograph-mirror-{}", std::process::id()));
        let (source, copy) = (scratch.join("source"), scratch.join("copy"));
        fs::create_dir_all(source.join("deep")).unwrap();
        fs::create_dir_all(&copy).unwrap();
        fs::write(source.join("deep/new.txt"), "new").unwrap();
        fs::write(source.join("changed.txt"), "after").unwrap();
        fs::write(copy.join("changed.txt"), "before").unwrap();
        fs::write(copy.join("gone.txt"), "gone").unwrap();

        let wanted = files_below(&source).unwrap();
        mirror(&wanted, &copy).unwrap();

        let names: Vec<_> = files_below(&copy).unwrap().into_keys().collect();
        let expected = ["changed.txt", "deep/new.txt"].map(PathBuf::from);
        assert_eq!(names, expected);
        assert_eq!(fs::read(copy.join("changed.txt")).unwrap(), b"after");
        fs::remove_dir_all(scratch).unwrap();
    }
}
