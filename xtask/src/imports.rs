//! Gives what a wasm module imports from its JavaScript short names, in both of them.
//!
//! wasm-bindgen's names end with a hash, which nothing packs.

use anyhow::{Result, bail};
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{ImportSection, Module};
use wasmparser::{Import, ImportSectionReader, Parser, Payload};

/// The module and its JavaScript with short names for all that the one imports from the other.
///
/// # Errors
/// When the JavaScript does not define an import exactly once, as wasm-bindgen writes it.
pub fn shorten(wasm: &[u8], script: &str) -> Result<(Vec<u8>, String)> {
    let mut script = script.to_owned();
    let mut count = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::ImportSection(imports) = payload? else {
            continue;
        };
        for import in imports.into_imports() {
            let name = import?.name;
            let defined = format!("\n        {name}: ");
            let times = script.matches(&defined).count();
            if times != 1 {
                bail!("the JavaScript of the module defines {name} {times} times instead of once");
            }
            script = script.replace(&defined, &format!("\n        {}: ", short(count)));
            count += 1;
        }
    }
    let mut module = Module::new();
    Shortened.parse_core_module(&mut module, Parser::new(0), wasm)?;
    Ok((module.finish(), script))
}

/// A name for each number: `a` to `z`, then `ba` and so on.
fn short(number: usize) -> String {
    let letter = char::from(b'a' + (number % 26) as u8);
    match number / 26 {
        0 => letter.into(),
        before => format!("{}{letter}", short(before)),
    }
}

/// Writes a module anew, with short names for its imports.
struct Shortened;

impl Reencode for Shortened {
    type Error = Infallible;

    fn parse_import_section(
        &mut self,
        written: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for (number, import) in section.into_imports().enumerate() {
            let name = &short(number);
            utils::parse_import(self, written, Import { name, ..import? })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{EntityType, TypeSection};

    /// A module that imports two functions, and its JavaScript.
    fn bound(script_defines: [&str; 2]) -> (Vec<u8>, String) {
        let (mut types, mut imports) = (TypeSection::new(), ImportSection::new());
        types.ty().function([], []);
        for name in ["__wbg_log_0123456789abcdef", "__wbg_new_fedcba9876543210"] {
            imports.import("./engine_bg.js", name, EntityType::Function(0));
        }
        let mut module = Module::new();
        module.section(&types).section(&imports);
        let [log, new] = script_defines;
        let script = format!(
            "const import0 = {{\n        {log}: function() {{ log(); }},\n        {new}: function() {{}},\n}};"
        );
        (module.finish(), script)
    }

    #[test]
    fn both_have_the_same_short_names() {
        let (wasm, script) = bound(["__wbg_log_0123456789abcdef", "__wbg_new_fedcba9876543210"]);
        let (wasm, script) = shorten(&wasm, &script).unwrap();
        assert_eq!(
            script,
            "const import0 = {\n        a: function() { log(); },\n        b: function() {},\n};"
        );
        let mut found = Vec::new();
        for payload in Parser::new(0).parse_all(&wasm) {
            if let Payload::ImportSection(imports) = payload.unwrap() {
                found.extend(imports.into_imports().map(|import| import.unwrap().name));
            }
        }
        assert_eq!(found, ["a", "b"]);
    }

    #[test]
    fn a_script_that_defines_something_else_is_refused() {
        let (wasm, script) = bound(["__wbg_log_0123456789abcdef", "__wbg_old_fedcba9876543210"]);
        let refusal = shorten(&wasm, &script).unwrap_err();
        assert!(refusal.to_string().contains("__wbg_new_fedcba9876543210"));
    }

    #[test]
    fn no_two_numbers_have_the_same_name() {
        assert_eq!(
            [0, 25, 26, 51, 52, 676].map(short),
            ["a", "z", "ba", "bz", "ca", "baa"]
        );
    }
}
