//! The studies: articles of the site that are made of the elements that everybody has, each around a body in `www/studies/`.

use crate::page_head::page_head;
use crate::process::{root, target};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// An article.
struct Study {
    /// What its body, its script and its page are called.
    name: &'static str,
    title: &'static str,
    /// What it is about, in a sentence.
    lead: &'static str,
}

const fn study(name: &'static str, title: &'static str, lead: &'static str) -> Study {
    Study { name, title, lead }
}

/// All of them in the order in which they are read.
const STUDIES: [Study; 6] = [
    study(
        "sum",
        "36 + 59",
        "A very small language model adds, and not as school teaches it: it works out the last digit and the rough size apart, and puts them together.",
    ),
    study(
        "elsewhere",
        "The same feature elsewhere",
        "A feature that finds the last digit of a sum also works in a cost table, a journal, a schedule and a book. Turn it round there, and the year is wrong.",
    ),
    study(
        "explanation",
        "What it says, what it does",
        "Asked how it added, the model tells what school teaches. Beside it stands what it did.",
    ),
    study(
        "break",
        "Break it",
        "If a graph is right, one should be able to break a model in the way that it predicts. Hold a button, and see.",
    ),
    study(
        "trust",
        "Can you trust it?",
        "A graph explains a stand-in for the model, with a part of it frozen. How far does it tell what the model itself would do?",
    ),
    study(
        "differential",
        "The differential",
        "A model reads a vignette, forms a diagnosis that nobody wrote down, and asks for what would tell it from the next one.",
    ),
];

const FOLDER: &str = "studies";
pub const STYLE: &str = "style/studies.css";
const POLICY: &str = "script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'";
const TEMPLATE: &str = include_str!("study.html");

/// How the lab's markup leads to the studies, in a line of its own. They stand beside the site's page alone.
const LINK: &str = "href=\"studies/";

/// Whether a line of the lab's markup leads to the studies.
pub fn leads_to_studies(line: &str) -> bool {
    line.contains(LINK)
}

/// Whether a file of the site belongs to the studies alone.
pub fn is_of_studies(name: &Path) -> bool {
    name.starts_with(FOLDER) || name == Path::new(STYLE)
}

/// The scripts of the studies, by their names in the site.
pub fn scripts() -> Vec<String> {
    STUDIES
        .iter()
        .map(|study| format!("{FOLDER}/{}.js", study.name))
        .collect()
}

/// Makes the pages of what is in `www/studies/`. Tells their names in the site, and where each is now.
pub fn make() -> Result<BTreeMap<PathBuf, PathBuf>> {
    let folder = target(FOLDER);
    fs::create_dir_all(&folder)?;
    let mut made = BTreeMap::new();
    let mut keep = |name: &str, text: String| -> Result<()> {
        let path = folder.join(format!("{name}.html"));
        fs::write(&path, text)?;
        made.insert(Path::new(FOLDER).join(format!("{name}.html")), path);
        Ok(())
    };
    for (i, study) in STUDIES.iter().enumerate() {
        let path = root()
            .join("www")
            .join(FOLDER)
            .join(format!("{}.html", study.name));
        let body = fs::read_to_string(&path)
            .with_context(|| format!("cannot read the study {}", path.display()))?;
        keep(study.name, page(i, study, &body))?;
    }
    keep("index", index())?;
    Ok(made)
}

fn page(i: usize, study: &Study, body: &str) -> String {
    let script = format!(
        "    <script type=\"module\" src=\"{}.js\"></script>\n",
        study.name
    );
    let next = match STUDIES.get(i + 1) {
        Some(next) => format!(
            "<p class=\"next\">Next: <a href=\"{}.html\">{}</a></p>",
            next.name, next.title
        ),
        None => {
            "<p class=\"next\">That was the last one. <a href=\"../\">Try a prompt of your own in the lab.</a></p>".into()
        }
    };
    let kicker = format!("Study {} of {}", i + 1, STUDIES.len());
    let top = format!(
        "        <p class=\"kicker\">{kicker}</p>\n        <h1>{}</h1>\n        <p class=\"lead\">{}</p>\n",
        study.title, study.lead
    );
    fill(
        study.title,
        study.lead,
        &script,
        study.name,
        &format!("{top}{body}        {next}\n"),
    )
}

/// The page that leads to all of them.
fn index() -> String {
    const TITLE: &str = "Studies";
    const LEAD: &str = "Six short articles, each live: graphs, answers and what you change are computed on your own device as you read. Figures and tables that name a command were measured with it beforehand.";
    let cards: String = STUDIES
        .iter()
        .enumerate()
        .map(|(i, Study { name, title, lead })| {
            format!(
                "          <li><a href=\"{name}.html\"><span>{}</span><h2>{title}</h2><p>{lead}</p></a></li>\n",
                i + 1
            )
        })
        .collect();
    let body = format!(
        "        <h1>{TITLE}</h1>\n        <p class=\"lead\">{LEAD}</p>\n        <ol class=\"study-cards\">\n{cards}        </ol>\n"
    );
    fill(TITLE, LEAD, "", "index", &body)
}

fn fill(title: &str, lead: &str, script: &str, name: &str, body: &str) -> String {
    let links: String = STUDIES
        .iter()
        .enumerate()
        .map(|(i, study)| {
            let here = if study.name == name {
                " aria-current=\"page\""
            } else {
                ""
            };
            format!(
                "        <a href=\"{}.html\"{here} title=\"{}\"><span>{}</span> {}</a>\n",
                study.name,
                study.title,
                i + 1,
                study.title
            )
        })
        .collect();
    TEMPLATE
        .replace("{head}", &page_head(title, POLICY, FOLDER))
        .replace("{lead}", lead)
        .replace("{script}", script)
        .replace("{name}", name)
        .replace("{links}", &links)
        .replace("{body}", body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_study_has_a_body_and_leads_to_the_next() {
        let made = make().unwrap();
        assert_eq!(made.len(), STUDIES.len() + 1);
        for (i, study) in STUDIES.iter().enumerate() {
            let text =
                fs::read_to_string(&made[&Path::new(FOLDER).join(format!("{}.html", study.name))])
                    .unwrap();
            assert!(
                !text.contains('{'),
                "a place of the template is left in {}",
                study.name
            );
            if let Some(next) = STUDIES.get(i + 1) {
                assert!(text.contains(&format!("Next: <a href=\"{}.html\"", next.name)));
            }
            assert_eq!(text.matches("aria-current").count(), 1);
        }
    }
}
