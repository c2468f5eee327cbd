//! Markdown as HTML without scripts, styles or HTML of its own, with a name at every heading as GitHub gives it.

use anyhow::{Context, Result, bail};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use std::collections::BTreeMap;

/// What a link or a picture names, as it is written.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    pub to: &'a str,
    pub is_picture: bool,
}

/// Where that is on the site.
pub enum Whereto {
    Address(String),
    Picture {
        address: String,
        /// What takes its place on a dark page.
        of_dark: Option<String>,
        size: (u32, u32),
    },
    /// Not on the site: the words stand there without a link.
    Nowhere,
}

struct Heading {
    level: HeadingLevel,
    text: String,
    anchor: String,
}

pub struct Document {
    text: String,
    headings: Vec<Heading>,
}

impl Document {
    pub fn new(text: String) -> Document {
        let headings = headings(&text);
        Document { text, headings }
    }

    /// Its first heading, as HTML writes it.
    pub fn title(&self) -> Result<String> {
        match self.headings.first() {
            Some(heading) if heading.level == HeadingLevel::H1 => Ok(escaped(&heading.text)),
            _ => bail!("it begins with no title"),
        }
    }

    pub fn has_anchor(&self, anchor: &str) -> bool {
        self.headings.iter().any(|each| each.anchor == anchor)
    }

    /// A list of links to its sections; nothing where there are none.
    pub fn sections(&self) -> String {
        let items: String = self
            .headings
            .iter()
            .filter(|each| each.level == HeadingLevel::H2)
            .map(|each| {
                let text = escaped(&each.text);
                format!("<li><a href=\"#{}\">{text}</a></li>", each.anchor)
            })
            .collect();
        if items.is_empty() {
            return items;
        }
        format!("<ul>{items}</ul>")
    }

    /// Its HTML. `whereto` says where links and pictures lead.
    pub fn html(&self, whereto: &dyn Fn(Target) -> Result<Whereto>) -> Result<String> {
        let mut headings = self.headings.iter();
        let mut events = Vec::new();
        let mut linked = true;
        let mut picture = None;
        let mut alt = String::new();
        let mut section = self.title()?;
        let markup = |text: String| Event::Html(CowStr::from(text));
        for event in parser(&self.text) {
            if picture.is_some() {
                match event {
                    Event::End(TagEnd::Image) => {
                        events.push(markup(shown(&picture, &alt)?));
                        picture = None;
                    }
                    Event::Text(text) | Event::Code(text) => alt += &text,
                    Event::SoftBreak => alt += " ",
                    other => bail!("a picture is described by words alone, not by {other:?}"),
                }
                continue;
            }
            match event {
                Event::Html(text) | Event::InlineHtml(text) => {
                    bail!("HTML is not taken, as in {:?}", text.trim());
                }
                Event::Start(Tag::Heading { level, .. }) => {
                    let heading = headings.next().context("a heading was not read")?;
                    section = escaped(&heading.text);
                    let id = &heading.anchor;
                    events.push(markup(if level == HeadingLevel::H1 {
                        format!("<h1 id=\"{id}\">")
                    } else {
                        format!("<{level} id=\"{id}\"><a href=\"#{id}\">")
                    }));
                }
                Event::End(TagEnd::Heading(level)) => {
                    let end = if level == HeadingLevel::H1 {
                        ""
                    } else {
                        "</a>"
                    };
                    events.push(markup(format!("{end}</{level}>\n")));
                }
                Event::Start(Tag::Link { dest_url, .. }) => {
                    let target = Target {
                        to: &dest_url,
                        is_picture: false,
                    };
                    match whereto(target)? {
                        Whereto::Address(to) => {
                            events.push(markup(format!("<a href=\"{}\">", escaped(&to))));
                        }
                        _ => linked = false,
                    }
                }
                Event::End(TagEnd::Link) => {
                    if linked {
                        events.push(markup("</a>".into()));
                    }
                    linked = true;
                }
                Event::Start(Tag::Image { dest_url, .. }) => {
                    let target = Target {
                        to: &dest_url,
                        is_picture: true,
                    };
                    alt.clear();
                    picture = Some(whereto(target)?);
                }
                // A cell's alignment would be a style of its own, and what scrolls has to be within the keyboard's reach.
                Event::Start(Tag::Table(columns)) => {
                    events.push(markup(format!(
                        "<div class=\"wide\" role=\"group\" tabindex=\"0\" aria-label=\"Table: {section}\">"
                    )));
                    let none = vec![pulldown_cmark::Alignment::None; columns.len()];
                    events.push(Event::Start(Tag::Table(none)));
                }
                Event::End(TagEnd::Table) => {
                    events.push(event);
                    events.push(markup("</div>\n".into()));
                }
                Event::Start(Tag::CodeBlock(_)) => {
                    events.push(markup("<pre tabindex=\"0\"><code>".into()));
                }
                Event::End(TagEnd::CodeBlock) => events.push(markup("</code></pre>\n".into())),
                other => events.push(other),
            }
        }
        let mut text = String::new();
        html::push_html(&mut text, events.into_iter());
        Ok(text)
    }
}

fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(
        text,
        Options::ENABLE_TABLES | Options::ENABLE_SMART_PUNCTUATION,
    )
}

fn headings(text: &str) -> Vec<Heading> {
    let mut found: Vec<Heading> = Vec::new();
    let mut often: BTreeMap<String, usize> = BTreeMap::new();
    let mut within = false;
    for event in parser(text) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                within = true;
                found.push(Heading {
                    level,
                    text: String::new(),
                    anchor: String::new(),
                });
            }
            Event::End(TagEnd::Heading(_)) => {
                within = false;
                if let Some(heading) = found.last_mut() {
                    heading.anchor = anchor(&heading.text);
                    let before = often.entry(heading.anchor.clone()).or_default();
                    if *before > 0 {
                        heading.anchor = format!("{}-{before}", heading.anchor);
                    }
                    *before += 1;
                }
            }
            Event::Text(text) | Event::Code(text) if within => {
                if let Some(heading) = found.last_mut() {
                    heading.text += &text;
                }
            }
            _ => {}
        }
    }
    found
}

/// As GitHub names a heading.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|each| each.is_alphanumeric() || [' ', '-', '_'].contains(each))
        .map(|each| if each == ' ' { '-' } else { each })
        .collect()
}

fn shown(picture: &Option<Whereto>, alt: &str) -> Result<String> {
    let Some(Whereto::Picture {
        address,
        of_dark,
        size: (width, height),
    }) = picture
    else {
        bail!("a picture has to be one of the site");
    };
    let image = format!(
        "<img src=\"{}\" alt=\"{}\" width=\"{width}\" height=\"{height}\" loading=\"lazy\">",
        escaped(address),
        escaped(alt)
    );
    Ok(match of_dark {
        Some(dark) => format!(
            "<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"{}\">{image}</picture>",
            escaped(dark)
        ),
        None => image,
    })
}

fn escaped(text: &str) -> String {
    let pairs = [
        ('&', "&amp;"),
        ('<', "&lt;"),
        ('>', "&gt;"),
        ('"', "&quot;"),
    ];
    let mut html = String::with_capacity(text.len());
    for each in text.chars() {
        match pairs.iter().find(|(from, _)| *from == each) {
            Some((_, to)) => html += to,
            None => html.push(each),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> Result<String> {
        Document::new(text.into()).html(&|Target { to, is_picture }| {
            Ok(match (is_picture, to) {
                (true, _) => Whereto::Picture {
                    address: to.into(),
                    of_dark: Some("dark.png".into()),
                    size: (4, 3),
                },
                (false, "gone") => Whereto::Nowhere,
                (false, to) => Whereto::Address(to.replace(".md", ".html")),
            })
        })
    }

    #[test]
    fn headings_have_names_and_links_lead_where_they_are_told_to() {
        let text = "# A & B\n\n## What's *new*: `--hold`\n\n[x](y.md) and [z](gone)\n\n## Twice\n## Twice\n";
        let html = html(text).unwrap();
        for part in [
            "<h1 id=\"a--b\">A &amp; B</h1>",
            "<h2 id=\"whats-new---hold\"><a href=\"#whats-new---hold\">What’s <em>new</em>: <code>--hold</code></a></h2>",
            "<a href=\"y.html\">x</a> and z",
            "<h2 id=\"twice-1\">",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn tables_and_code_scroll_within_themselves_and_pictures_have_their_size() {
        let html = html("# T\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```html\n<b>\n```\n\n![two words](light.png)\n").unwrap();
        for part in [
            "tabindex=\"0\" aria-label=\"Table: T\"><table>",
            "<td>2</td>",
            "<pre tabindex=\"0\"><code>&lt;b&gt;",
            "srcset=\"dark.png\"><img src=\"light.png\" alt=\"two words\" width=\"4\" height=\"3\"",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("style="), "{html}");
    }

    #[test]
    fn html_of_its_own_is_refused() {
        for text in ["# T\n\n<script>x</script>\n", "# T\n\na <b>b</b>\n"] {
            assert!(html(text).is_err(), "{text}");
        }
        assert!(html("no title\n").is_err());
    }
}
