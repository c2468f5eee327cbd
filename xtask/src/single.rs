//! Puts the whole site into one HTML file that opens from anywhere, without a network: scripts and styles as they are, everything else
//! packed by gzip and in base64. `www/lab/delivery-single.js` reads it.

use crate::docs;
use crate::minify::{self, SingleBundles};
use crate::packing::{base64, gzipped_well};
use crate::process::target;
use crate::site::{self, files_below, slashed};
use crate::studies;
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

/// Builds `dist/` first, and the single file of what is in it.
pub fn build() -> Result<()> {
    let dist = site::build()?;
    let bundles = minify::bundle_single(&site::sources()?)?;
    let page = fs::read_to_string(dist.join("index.html"))?;
    let html = put_together(&page, &fs::read(dist.join("favicon.svg"))?, &bundles, &dist)?;
    let path = target("attograph.html");
    fs::write(&path, &html).with_context(|| format!("cannot write {}", path.display()))?;
    println!("Wrote {}: {} bytes", path.display(), html.len());
    Ok(())
}

fn put_together(
    page: &str,
    favicon: &[u8],
    bundles: &SingleBundles,
    dist: &Path,
) -> Result<String> {
    for script in [&bundles.page, &bundles.style] {
        // Either would end, or change the meaning of, the element that it stands in.
        if ["<!--", "</script", "</style"]
            .iter()
            .any(|cut| script.contains(cut))
        {
            bail!(
                "a script or the styles hold <!--, </script or </style, so they cannot stand in a page"
            );
        }
    }
    let icon = format!("data:image/svg+xml;base64,{}", base64(favicon));
    let policy = format!(
        "default-src 'none'; script-src '{}' 'wasm-unsafe-eval'; style-src '{}'; img-src data: blob:; worker-src blob:; \
         base-uri 'none'; form-action 'none'",
        hash(&bundles.page),
        hash(&bundles.style)
    );
    // What is loaded ahead from beside the page is inside it here.
    let inside = |line: &&str| {
        let lines = [
            "rel=\"modulepreload\"",
            "name=\"recorded\"",
            "name=\"nodes\"",
            "property=\"og:",
            "name=\"twitter:",
            "lab/early.js",
        ];
        // The documentation stands beside the site's page alone.
        !lines.iter().any(|part| line.contains(part))
            && !docs::leads_to_docs(line)
            && !studies::leads_to_studies(line)
    };
    let mut html = page.lines().filter(inside).collect::<Vec<_>>().join("\n");
    let mut put = |from: &str, to: &str, what: &str| -> Result<()> {
        let (before, rest) = html.split_once(from).with_context(|| {
            format!("index.html has no {what} as the single file expects it: {from}")
        })?;
        html = format!("{before}{to}{rest}");
        Ok(())
    };
    let old = between(
        page,
        "http-equiv=\"Content-Security-Policy\" content=\"",
        "\"",
    )?;
    put(old, &policy, "security policy")?;
    put(
        "<link rel=\"stylesheet\" href=\"style/all.css\">",
        &format!("<style>{}</style>", bundles.style),
        "styles",
    )?;
    for (link, what) in [
        (
            "<link rel=\"manifest\" href=\"manifest.webmanifest\">",
            "manifest",
        ),
        (
            "<link rel=\"apple-touch-icon\" href=\"icons/icon-192.png\">",
            "icon for phones",
        ),
        (
            "<script src=\"lab/unloaded.js\" defer></script>",
            "script for what did not load",
        ),
    ] {
        put(link, "", what)?;
    }
    put("href=\"favicon.svg\"", &format!("href=\"{icon}\""), "icon")?;
    put("src=\"favicon.svg\"", &format!("src=\"{icon}\""), "mark")?;
    put(
        "<script type=\"module\" src=\"lab/main.js\"></script>",
        "",
        "first script",
    )?;

    put(
        "the page has to come from a web server, and needs a current browser.",
        "it needs a current browser.",
        "advice",
    )?;

    // In HTML a `<` could end the block; in JSON it can be written so.
    let scripts = serde_json::json!({ "engine": bundles.worker, "second": bundles.second });
    let scripts = scripts.to_string().replace('<', "\\u003c");
    let mut inside =
        format!("<script type=\"application/json\" id=\"worker-scripts\">{scripts}</script>\n");
    for (name, path) in files_below(dist)? {
        let name = slashed(&name);
        if name.ends_with(".wasm")
            || (name.starts_with("models/") && !name.ends_with("/evaluation.json"))
        {
            let packed = base64(&gzipped_well(&fs::read(path)?)?);
            inside +=
                &format!("<script type=\"text/plain\" data-file=\"{name}\">{packed}</script>\n");
        }
    }
    inside += &format!("<script type=\"module\">{}</script>\n", bundles.page);
    put("</body>", &format!("{inside}</body>"), "end")?;
    Ok(html)
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Result<&'a str> {
    let (_, rest) = text
        .split_once(start)
        .with_context(|| format!("index.html has no {start}"))?;
    let (found, _) = rest
        .split_once(end)
        .with_context(|| format!("index.html has no {end} after {start}"))?;
    Ok(found)
}

/// As a content security policy names a script that stands in the page.
fn hash(text: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_single_file_holds_everything_and_names_no_other() {
        let dist = std::env::temp_dir().join(format!("attograph-single-{}", std::process::id()));
        fs::create_dir_all(dist.join("wasm")).unwrap();
        fs::write(dist.join("wasm/engine_bg.wasm"), "asm").unwrap();
        let www = crate::process::root().join("www");
        let page = fs::read_to_string(www.join("index.html")).unwrap();
        let page = &crate::site::with_markup(&page, &www).unwrap();
        let bundles = |page: &str| SingleBundles {
            page: page.into(),
            style: "a{}".into(),
            worker: "'</script>'".into(),
            second: "2".into(),
        };
        let html = put_together(page, b"<svg/>", &bundles("1"), &dist).unwrap();
        for gone in [
            "src=\"lab",
            "href=\"style",
            "favicon.svg",
            "manifest.webmanifest",
            "href=\"docs",
            "'self'",
            "'</script>'",
        ] {
            assert!(!html.contains(gone), "{gone}");
        }
        for there in [
            "data-file=\"wasm/engine_bg.wasm\"",
            "<script type=\"module\">1</script>",
            "<style>a{}</style>",
        ] {
            assert!(html.contains(there), "{there}");
        }
        assert!(put_together(page, b"", &bundles("'</script>'"), &dist).is_err());
        assert!(put_together("<p>", b"", &bundles("1"), &dist).is_err());
        fs::remove_dir_all(dist).unwrap();
    }
}
