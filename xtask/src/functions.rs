//! The functions of a wasm module that are its own, not imported; and the module with others of them, or in another order.

use anyhow::Result;
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef};

/// A module's own functions, by their numbers among themselves.
pub struct Functions<'w> {
    wasm: &'w [u8],
    imported: u32,
    /// The number of each function's type.
    pub types: Vec<u32>,
    /// Each function's locals and instructions.
    pub bodies: Vec<&'w [u8]>,
}

impl<'w> Functions<'w> {
    /// Reads a module.
    ///
    /// # Errors
    /// When it is no module.
    pub fn read(wasm: &'w [u8]) -> Result<Functions<'w>> {
        let mut functions = Functions {
            wasm,
            imported: 0,
            types: Vec::new(),
            bodies: Vec::new(),
        };
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        functions.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(types) => {
                    functions.types = types.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::CodeSectionEntry(body) => functions.bodies.push(body.as_bytes()),
                _ => {}
            }
        }
        Ok(functions)
    }

    /// The module with the functions of `order` alone, in that order. Where it names a function, it names the one that
    /// `instead` has for it, which is in `order`.
    ///
    /// # Errors
    /// When the module cannot be read to its end.
    pub fn written(&self, order: Vec<usize>, instead: &[usize]) -> Result<Vec<u8>> {
        let mut places = vec![0; self.bodies.len()];
        for (place, function) in (0..).zip(&order) {
            places[*function] = place;
        }
        let places = instead.iter().map(|function| places[*function]).collect();
        let mut module = Module::new();
        let mut renumbered = Renumbered {
            imported: self.imported,
            places,
            order,
        };
        renumbered.parse_core_module(&mut module, Parser::new(0), self.wasm)?;
        Ok(module.finish())
    }
}

/// Writes a module anew, with others of its own functions or in another order.
struct Renumbered {
    imported: u32,
    /// What becomes of the number of each function that is not imported.
    places: Vec<u32>,
    order: Vec<usize>,
}

impl Reencode for Renumbered {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(match function.checked_sub(self.imported) {
            Some(own) => self.imported + self.places[own as usize],
            None => function,
        })
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let types = section.into_iter().collect::<Result<Vec<u32>, _>>()?;
        for own in &self.order {
            functions.function(types[*own]);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let bodies = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for own in self.order.clone() {
            self.parse_function_body(code, bodies[own].clone())?;
        }
        Ok(())
    }
}
