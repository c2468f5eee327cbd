//! What a link to the site shows where it is posted: a title, a sentence and a picture, by the Open Graph protocol (ogp.me).

use anyhow::{Context, Result, bail};

/// The picture: 1200 x 630 pixels, as most places show it; the page itself never loads it.
pub const PICTURE: &str = "preview.png";

/// The lines for the head of a page with this text. A picture's address has to be whole, so without the address at which the site
/// will stand (`cargo xtask build --url`) it is written as a relative one, which some places follow and others do not.
pub fn lines(page: &str, url: Option<&str>) -> Result<Vec<String>> {
    let title = between(page, "<title>", "</title>")?;
    let description = between(page, "<meta name=\"description\" content=\"", "\"")?;
    let base = url.unwrap_or_default();
    let mut properties = vec![
        ("og:type", "website".to_string()),
        ("og:site_name", "Attograph".into()),
        ("og:title", title.into()),
        ("og:description", description.into()),
        ("og:image", format!("{base}{PICTURE}")),
        ("og:image:width", "1200".into()),
        ("og:image:height", "630".into()),
        (
            "og:image:alt",
            "The attribution graph of 36+59: from the two operands up through features, drawn as heat maps, to the answer 95."
                .into(),
        ),
    ];
    if url.is_some() {
        properties.push(("og:url", base.into()));
    }
    let mut lines: Vec<String> = properties
        .iter()
        .map(|(name, content)| format!("<meta property=\"{name}\" content=\"{content}\">"))
        .collect();
    lines.push("<meta name=\"twitter:card\" content=\"summary_large_image\">".into());
    Ok(lines)
}

/// An address at which a site can stand, with a slash at its end.
pub fn checked(url: &str) -> Result<String> {
    let plain = |c: char| c.is_ascii_graphic() && !"\"'<>`?#".contains(c);
    if !(url.starts_with("https://") || url.starts_with("http://")) || !url.chars().all(plain) {
        bail!("{url:?} is no address of a site: it begins with https:// and has no query");
    }
    Ok(format!("{}/", url.trim_end_matches('/')))
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Result<&'a str> {
    let found = text
        .split_once(start)
        .and_then(|(_, rest)| rest.split_once(end));
    Ok(found.with_context(|| format!("the page has no {start}"))?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_shows_the_page_s_own_words_and_a_whole_address() {
        let page = "<title>T</title><meta name=\"description\" content=\"D\">";
        let url = checked("https://example.org/graphs").unwrap();
        let lines = lines(page, Some(&url)).unwrap().join("\n");
        for part in [
            "\"og:title\" content=\"T\"",
            "\"og:description\" content=\"D\"",
            "\"og:image\" content=\"https://example.org/graphs/preview.png\"",
            "\"og:url\" content=\"https://example.org/graphs/\"",
        ] {
            assert!(lines.contains(part), "{part} in {lines}");
        }
        assert!(super::lines("<p>", None).is_err());
        for wrong in ["example.org", "https://a\"b", "https://a/?x=1"] {
            assert!(checked(wrong).is_err(), "{wrong}");
        }
    }
}
