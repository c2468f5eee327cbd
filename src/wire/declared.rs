//! `www/lab/wire.d.ts`: the types of the page's side, written from those of this side.

use super::*;
use crate::{export, model};
use std::path::Path;
use ts_rs::{Config, TS};

const HEAD: &str = "/** What crosses between Rust and JavaScript. Written from the Rust types by `cargo xtask wire`. */\nimport type { Targets } from \"./engine-api.js\";\n";

/// A type with what is said of it.
fn declaration<T: TS>() -> String {
    let config = Config::default();
    let docs = T::docs().unwrap_or_default();
    format!("\n{docs}export {}\n", T::decl(&config))
}

macro_rules! all {
    ($($record:ty),* $(,)?) => {
        HEAD.to_owned() $(+ &declaration::<$record>())*
    };
}

fn text() -> String {
    let declared = all![
        EngineDescription,
        TraceOptions,
        AnswerRecord,
        study::WholeAnswer,
        model::Piece,
        Timing,
        PrunedRecord,
        Inputs,
        Outputs,
        HeadScoreRecord,
        Among,
        SuggestionRecord,
        StoryRecord,
        StoryItem,
        Aligned,
        export::Arrangement,
        FileOwn,
        FileFacts,
        LikenessTold,
        OperandPlot,
        EffectRecord,
        ConnectionRecord,
        FeatureFactsRecord,
        SampleExample,
        SampleFactsRecord,
        study::Report,
        study::Moved,
        study::Shift,
        study::LogitChange,
        trace::Feature,
        study::grade::Grade,
        study::grade::Figure,
        study::grade::Finding,
        study::grade::Trust,
        study::grade::BetterTarget,
        study::grade::Trial,
        study::grade::Points,
        study::Rung,
        study::grade::Tried,
        study::grade::Travel,
        study::grade::ErrorShares,
        study::grade::Replaced,
        study::grade::Second,
        study::grade::TokenPaths,
    ];
    one_line_comments(&declared)
}

/// Comments of one line without lines of their own for their ends.
fn one_line_comments(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let last = lines.len().wrapping_sub(1);
        let begins = |at: usize| lines.get(at).is_some_and(|line| line.trim() == "/**");
        if line.trim() == "*/" && begins(last.wrapping_sub(1)) {
            let said = lines.pop().unwrap_or_default();
            let said = said.trim().trim_start_matches('*').trim();
            lines[last - 1] = format!("/** {said} */");
        } else {
            lines.push(line.to_owned());
        }
    }
    lines.join("\n") + "\n"
}

/// A text less what a formatter changes.
fn bare(text: &str) -> String {
    let layout = |c: char| c.is_whitespace() || ",;|".contains(c);
    text.chars().filter(|c| !layout(*c)).collect()
}

#[test]
fn the_page_knows_the_types_that_cross() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/lab/wire.d.ts");
    if std::env::var_os("ATTOGRAPH_WRITE_WIRE").is_some() {
        std::fs::write(&path, text()).expect("www/lab/ can be written");
        return;
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        bare(&written) == bare(&text()),
        "www/lab/wire.d.ts tells other types than Rust has: `cargo xtask wire` writes it anew"
    );
}
