//! Pages of the site that are written as Markdown, once: in the repository they lead to one another as they do in `dist/docs/`.

use crate::markdown::{Document, Target, Whereto};
use crate::page_head::page_head;
use crate::process::{root, target};
use crate::site::files_below;
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A file of the repository that is a page.
struct Page {
    file: &'static str,
    /// What its page is called in `docs/`, without the ending.
    name: &'static str,
    /// What it is called in the navigation.
    label: &'static str,
}

const fn page(file: &'static str, name: &'static str, label: &'static str) -> Page {
    Page { file, name, label }
}

/// All pages in the order of the navigation, under its headings.
const GROUPS: [(&str, &[Page]); 2] = [
    (
        "Documentation",
        &[
            page("docs/README.md", "index", "Overview"),
            page("docs/reading.md", "reading", "Reading a graph"),
            page("docs/lab.md", "lab", "Working in the lab"),
            page("docs/trust.md", "trust", "How far to trust it"),
            page("docs/figures.md", "figures", "Figures"),
            page("docs/command-line.md", "command-line", "Command line"),
            page("docs/files.md", "files", "Files and addresses"),
            page("docs/embedding.md", "embedding", "In a page of your own"),
            page("docs/talks.md", "talks", "Talks"),
            page("docs/offline.md", "offline", "Privacy, offline use"),
            page("docs/browsers.md", "browsers", "Browsers and limits"),
            page("docs/models.md", "models", "Models and training"),
        ],
    ),
    (
        "For those who work on it",
        &[
            page("ARCHITECTURE.md", "architecture", "Architecture"),
            page("CONTRIBUTING.md", "contributing", "Contributing"),
            page("CHANGELOG.md", "changes", "Changes"),
            page("training/README.md", "training", "Training"),
            page(
                "training/diagnosis/README.md",
                "training-diagnosis",
                "The diagnosis texts",
            ),
            page("npm/README.md", "npm", "The npm package"),
            page("tests/oracle/README.md", "oracle", "The oracle"),
        ],
    ),
];

/// The folder of the pages, and that of what they show.
const FOLDER: &str = "docs";
const PICTURES: &str = "pictures";
const STYLE: &str = "style/docs.css";
const POLICY: &str = "style-src 'self'; img-src 'self'";

/// How the lab's markup leads to the pages, in a line of its own. They stand beside the site's page alone.
const LINK: &str = "href=\"docs/";

/// Whether a file of the site belongs to these pages.
pub fn is_of_docs(name: &Path) -> bool {
    name.starts_with(FOLDER) || name.starts_with(PICTURES) || name == Path::new(STYLE)
}

/// Whether a file of the site is a picture that these pages show: it is not kept for use without a network.
pub fn is_picture(name: &Path) -> bool {
    name.starts_with(PICTURES)
}

/// Whether a line of the lab's markup leads to the pages.
pub fn leads_to_docs(line: &str) -> bool {
    line.contains(LINK)
}

/// Makes all pages of files of the repository. Tells their names in the site, with those of what they show, and where each is now.
/// `site` are the names of the other files in the site.
pub fn make(site: &BTreeSet<PathBuf>) -> Result<BTreeMap<PathBuf, PathBuf>> {
    let repository = Repository::read(&root(), site.clone())?;
    let folder = target(FOLDER);
    fs::create_dir_all(&folder)?;
    let mut made = BTreeMap::new();
    for page in pages() {
        let path = folder.join(format!("{}.html", page.name));
        fs::write(&path, repository.html(page)?)?;
        made.insert(address(page), path);
    }
    for (name, path) in files_below(&root().join(PICTURES))? {
        made.insert(Path::new(PICTURES).join(name), path);
    }
    Ok(made)
}

fn pages() -> impl Iterator<Item = &'static Page> {
    GROUPS.iter().flat_map(|(_, pages)| pages.iter())
}

fn address(page: &Page) -> PathBuf {
    Path::new(FOLDER).join(format!("{}.html", page.name))
}

/// The pages' texts, and what they can lead to.
struct Repository {
    root: PathBuf,
    /// By the file.
    documents: BTreeMap<&'static str, Document>,
    site: BTreeSet<PathBuf>,
}

impl Repository {
    fn read(root: &Path, site: BTreeSet<PathBuf>) -> Result<Repository> {
        let mut documents = BTreeMap::new();
        for page in pages() {
            documents.insert(page.file, read(root, page.file)?);
        }
        Ok(Repository {
            root: root.to_path_buf(),
            documents,
            site,
        })
    }

    fn html(&self, page: &Page) -> Result<String> {
        let document = &self.documents[page.file];
        let text = document
            .html(&|target| self.whereto(page.file, target))
            .with_context(|| format!("{} cannot be a page", page.file))?;
        Ok(include_str!("docs.html")
            .replace("{head}", &page_head(&document.title()?, POLICY, "docs"))
            .replace("{pages}", &navigation(page, document))
            .replace("{text}", &text))
    }

    /// Where a link or a picture of a file leads on the site. An error if that is nowhere.
    fn whereto(&self, file: &str, target: Target) -> Result<Whereto> {
        let to = target.to;
        if to.starts_with("https://") || to.starts_with("http://") {
            return Ok(Whereto::Address(to.to_string()));
        }
        let (path, anchor) = to.split_once('#').map_or((to, None), |(path, anchor)| {
            (path, Some(format!("#{anchor}")))
        });
        let named = if path.is_empty() {
            file.to_string()
        } else {
            joined(file, path)?
        };
        if !self.root.join(&named).exists() {
            bail!("{to} leads to {named}, which does not exist");
        }
        let page = pages().find(|page| page.file == named);
        if let Some(anchor) = &anchor {
            let found = page.is_some_and(|page| self.documents[page.file].has_anchor(&anchor[1..]));
            if !found {
                bail!("{to} leads to a heading that {named} does not have");
            }
        }
        if let Some(page) = page {
            let name = format!("{}.html", page.name);
            let name = if path.is_empty() { "" } else { &name };
            return Ok(Whereto::Address(
                name.to_string() + &anchor.unwrap_or_default(),
            ));
        }
        let name = named.strip_prefix("www/").unwrap_or(&named);
        if name.starts_with(PICTURES) || self.site.contains(Path::new(name)) {
            let (of_dark, size) = if target.is_picture {
                let path = self.root.join(&named);
                (dark(&path, name), Some(size(&path)?))
            } else {
                (None, None)
            };
            return Ok(match size {
                Some(size) => Whereto::Picture {
                    address: format!("../{name}"),
                    of_dark,
                    size,
                },
                None => Whereto::Address(format!("../{name}")),
            });
        }
        if target.is_picture {
            bail!("{to} is no picture of the site");
        }
        Ok(Whereto::Nowhere)
    }
}

fn read(root: &Path, file: &str) -> Result<Document> {
    let path = root.join(file);
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Document::new(text))
}

/// All pages, this one with its sections.
fn navigation(current: &Page, document: &Document) -> String {
    let mut html = String::new();
    for (heading, pages) in GROUPS {
        html += &format!("        <h2>{heading}</h2>\n        <ul>\n");
        for page in pages {
            let here = page.name == current.name;
            let mark = if here { " aria-current=\"page\"" } else { "" };
            html += &format!(
                "          <li><a href=\"{}.html\"{mark}>{}</a>",
                page.name, page.label
            );
            if here {
                html += &document.sections();
            }
            html += "</li>\n";
        }
        html += "        </ul>\n";
    }
    html
}

/// The path, from the repository's root, of what a file names beside itself.
fn joined(file: &str, relative: &str) -> Result<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts
                    .pop()
                    .with_context(|| format!("{relative} leads out of the repository"))?;
            }
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// The picture that stands in for one on a dark page: `x-dark.png` for `x-light.png`.
fn dark(path: &Path, name: &str) -> Option<String> {
    let stem = name.strip_suffix("-light.png")?;
    let file = path.file_name()?.to_string_lossy();
    let other = path.with_file_name(file.replace("-light.png", "-dark.png"));
    other.exists().then(|| format!("../{stem}-dark.png"))
}

/// Width and height of a PNG.
fn size(path: &Path) -> Result<(u32, u32)> {
    let bytes = fs::read(path)?;
    let at = |from: usize| -> Option<u32> {
        Some(u32::from_be_bytes(
            bytes.get(from..from + 4)?.try_into().ok()?,
        ))
    };
    match (bytes.starts_with(b"\x89PNG"), at(16), at(20)) {
        (true, Some(width), Some(height)) => Ok((width, height)),
        _ => bail!("{} is no PNG", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::slashed;

    /// The site as far as documents lead to it: what stands in `www/`.
    fn repository() -> Repository {
        let site = files_below(&root().join("www")).unwrap();
        Repository::read(&root(), site.into_keys().collect()).unwrap()
    }

    #[test]
    fn every_link_of_the_pages_and_the_readme_leads_to_a_file_and_a_heading_that_are_there() {
        let repository = repository();
        for page in pages() {
            let html = repository.html(page).unwrap();
            assert!(!html.contains(".md\""), "{} leads to Markdown", page.file);
            assert!(!html.contains("style=\""), "{} has a style", page.file);
        }
        let readme = read(&root(), "README.md").unwrap();
        readme
            .html(&|target| repository.whereto("README.md", target))
            .unwrap();
    }

    #[test]
    fn every_document_is_a_page_and_the_overview_names_each_of_its_group() {
        let names: BTreeSet<String> = files_below(&root().join("docs"))
            .unwrap()
            .keys()
            .map(|name| format!("docs/{}", slashed(name)))
            .collect();
        let listed: BTreeSet<String> = GROUPS[0].1.iter().map(|page| page.file.into()).collect();
        assert_eq!(names, listed);
        let overview = repository().html(&GROUPS[0].1[0]).unwrap();
        let (main, _) = overview.split_once("<nav").unwrap();
        for page in &GROUPS[0].1[1..] {
            let link = format!("href=\"{}.html\"", page.name);
            assert!(main.contains(&link), "the overview leads to {}", page.name);
        }
    }

    #[test]
    fn links_are_the_site_s_own() {
        let repository = repository();
        let to = |to: &str| match repository.whereto(
            "docs/README.md",
            Target {
                to,
                is_picture: false,
            },
        ) {
            Ok(Whereto::Address(address)) => address,
            Ok(_) => "nowhere".into(),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(to("https://example.org/x.md"), "https://example.org/x.md");
        assert_eq!(to("figures.md"), "figures.html");
        assert_eq!(
            to("../training/README.md#transcoders"),
            "training.html#transcoders"
        );
        assert_eq!(to("../www/favicon.svg"), "../favicon.svg");
        assert_eq!(to("../tests/circuit_tracer.rs"), "nowhere");
        assert!(to("missing.md").contains("does not exist"));
        assert!(to("figures.md#missing").contains("a heading that"));
        assert!(to("../../elsewhere.md").contains("out of the repository"));
    }
}
