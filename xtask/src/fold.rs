//! Keeps one of the functions of a wasm module that are the same.
//!
//! The copies of a generic function are often the same for types of the same size; the compiler leaves hundreds of them.
//! Nothing can tell them apart: Rust promises no function an address of its own.

use crate::functions::Functions;
use anyhow::Result;
use std::collections::HashMap;

/// The module with one of each.
///
/// # Errors
/// When it is no module.
pub fn identical(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut wasm = wasm.to_vec();
    // Functions that call two which were the same are the same from then on.
    while let Some(smaller) = folded(&wasm)? {
        wasm = smaller;
    }
    Ok(wasm)
}

/// The module without functions that are the same as an earlier one, if there are any.
fn folded(wasm: &[u8]) -> Result<Option<Vec<u8>>> {
    let functions = Functions::read(wasm)?;
    let mut firsts = HashMap::new();
    let instead: Vec<usize> = functions
        .types
        .iter()
        .zip(&functions.bodies)
        .enumerate()
        .map(|(number, function)| *firsts.entry(function).or_insert(number))
        .collect();
    let kept: Vec<usize> = (0..instead.len())
        .filter(|number| instead[*number] == *number)
        .collect();
    if kept.len() == instead.len() {
        return Ok(None);
    }
    functions.written(kept, &instead).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        CodeSection, Function, FunctionSection, Instruction, Module, TypeSection, ValType,
    };

    /// A module of functions of these types, each of which has one instruction.
    fn module(functions: &[(u32, Instruction)]) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        types.ty().function([ValType::I32], []);
        let (mut declared, mut code) = (FunctionSection::new(), CodeSection::new());
        for (kind, instruction) in functions {
            declared.function(*kind);
            let mut body = Function::new([]);
            body.instruction(instruction).instruction(&Instruction::End);
            code.function(&body);
        }
        let mut module = Module::new();
        module.section(&types).section(&declared).section(&code);
        module.finish()
    }

    #[test]
    fn those_that_call_the_same_are_the_same() {
        let wasm = module(&[
            (0, Instruction::Call(2)),
            (0, Instruction::Call(3)),
            (0, Instruction::Nop),
            (0, Instruction::Nop),
        ]);
        let one_of_each = module(&[(0, Instruction::Call(1)), (0, Instruction::Nop)]);
        assert_eq!(identical(&wasm).unwrap(), one_of_each);
    }

    #[test]
    fn functions_of_two_types_differ() {
        let wasm = module(&[(0, Instruction::Nop), (1, Instruction::Nop)]);
        assert_eq!(identical(&wasm).unwrap(), wasm);
    }
}
