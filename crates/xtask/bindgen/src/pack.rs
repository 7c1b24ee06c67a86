//! Rewrites a module so that it is smaller when compressed, and does the same: the numbers that the linker has padded become short, the
//! variables of a function that are used most come first, alignments are not stated, and similar functions are next to each other.

use std::collections::HashMap;
use std::convert::Infallible;

use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{CodeSection, Function, FunctionSection, ImportSection, Instruction, ValType};
use wasmparser::{CompositeInnerType, FunctionBody, Operator, Parser, Payload, TypeRef};

use crate::order;

type Error = reencode::Error<Infallible>;

/// Returns the module without its custom sections. `names` has the new names of imports and exports.
///
/// # Errors
/// If the module is not valid, or has features that the rewriting does not know.
pub fn packed(wasm: &[u8], names: &HashMap<String, String>) -> Result<Vec<u8>, String> {
    let mut packer = Packer::of(wasm, names).map_err(|error| error.to_string())?;
    let bodies = packer.bodies(wasm).map_err(|error| error.to_string())?;
    packer.order = order::similar(&bodies);
    for (place, function) in packer.order.iter().enumerate() {
        packer.places[*function] = place as u32;
    }
    let mut module = wasm_encoder::Module::new();
    packer
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .map_err(|error| error.to_string())?;
    let packed = module.finish();
    wasmparser::validate(&packed).map_err(|error| error.to_string())?;
    Ok(packed)
}

struct Packer<'a> {
    names: &'a HashMap<String, String>,
    /// The number of parameters of each type; 0 for one that is not a function's.
    parameters: Vec<u32>,
    /// The types of the functions that the module defines.
    types: Vec<u32>,
    imported: u32,
    /// The functions in their new order.
    order: Vec<usize>,
    /// The place of each function in the new order.
    places: Vec<u32>,
    /// The new numbers of the current function's variables.
    variables: Vec<u32>,
}

impl<'a> Packer<'a> {
    fn of(wasm: &[u8], names: &'a HashMap<String, String>) -> Result<Self, Error> {
        let (mut parameters, mut types, mut imported) = (Vec::new(), Vec::new(), 0);
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(section) => {
                    for group in section {
                        parameters.extend(group?.types().map(
                            |one| match &one.composite_type.inner {
                                CompositeInnerType::Func(function) => {
                                    function.params().len() as u32
                                }
                                _ => 0,
                            },
                        ));
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(section) => {
                    types = section.into_iter().collect::<Result<_, _>>()?;
                }
                _ => {}
            }
        }
        let count = types.len();
        Ok(Self {
            names,
            parameters,
            types,
            imported,
            order: (0..count).collect(),
            places: (0..count as u32).collect(),
            variables: Vec::new(),
        })
    }

    /// Returns the functions' new bodies, in the module's order.
    fn bodies(&mut self, wasm: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        let mut bodies = Vec::with_capacity(self.types.len());
        for payload in Parser::new(0).parse_all(wasm) {
            if let Payload::CodeSectionEntry(body) = payload? {
                bodies.push(self.function(bodies.len(), &body)?.into_raw_body());
            }
        }
        Ok(bodies)
    }

    fn function(&mut self, number: usize, body: &FunctionBody) -> Result<Function, Error> {
        let parameters = self.parameters[self.types[number] as usize];
        let mut variables = vec![None; parameters as usize];
        for group in body.get_locals_reader()? {
            let (count, of) = group?;
            let of = self.val_type(of)?;
            variables.extend(std::iter::repeat_n(Some(of), count as usize));
        }
        let groups = self.sort_variables(&variables, body)?;
        let mut function = Function::new(groups);
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            function.instruction(&self.parse_instruction(&mut reader)?);
        }
        Ok(function)
    }

    /// Numbers a function's variables again, of those of a type the most used one first. Returns the types that they are declared with. Its
    /// parameters, which have no type here, stay; variables without a use are left out.
    fn sort_variables(
        &mut self,
        variables: &[Option<ValType>],
        body: &FunctionBody,
    ) -> Result<Vec<(u32, ValType)>, Error> {
        let mut uses = vec![0_u32; variables.len()];
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            if let Some(variable) = variable(&mut reader.read()?) {
                uses[*variable as usize] += 1;
            }
        }
        let mut groups: Vec<(ValType, u32, Vec<usize>)> = Vec::new();
        for (index, of) in variables.iter().enumerate() {
            let Some(of) = of.filter(|_| uses[index] > 0) else {
                continue;
            };
            match groups.iter_mut().find(|(group, ..)| *group == of) {
                Some((_, sum, members)) => {
                    *sum += uses[index];
                    members.push(index);
                }
                None => groups.push((of, uses[index], vec![index])),
            }
        }
        groups.sort_by_key(|(_, sum, _)| std::cmp::Reverse(*sum));
        self.variables = (0..variables.len() as u32).collect();
        let mut next = variables.iter().filter(|of| of.is_none()).count() as u32;
        for (_, _, members) in &mut groups {
            members.sort_by_key(|index| std::cmp::Reverse(uses[*index]));
            for index in members {
                self.variables[*index] = next;
                next += 1;
            }
        }
        let declared = groups
            .iter()
            .map(|(of, _, members)| (members.len() as u32, *of));
        Ok(declared.collect())
    }

    fn name<'n>(&'n self, old: &'n str) -> &'n str {
        self.names.get(old).map_or(old, String::as_str)
    }
}

/// Returns the variable that an instruction reads or writes.
fn variable<'o>(operator: &'o mut Operator) -> Option<&'o mut u32> {
    match operator {
        Operator::LocalGet { local_index }
        | Operator::LocalSet { local_index }
        | Operator::LocalTee { local_index } => Some(local_index),
        _ => None,
    }
}

impl Reencode for Packer<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        let Some(defined) = function.checked_sub(self.imported) else {
            return Ok(function);
        };
        Ok(self.imported + self.places[defined as usize])
    }

    /// An alignment is a hint, which the processors that browsers run on do not need; it would be most of an instruction's information.
    fn mem_arg(&mut self, arg: wasmparser::MemArg) -> Result<wasm_encoder::MemArg, Error> {
        let mut arg = utils::mem_arg(self, arg)?;
        arg.align = 0;
        Ok(arg)
    }

    fn instruction<'o>(&mut self, mut operator: Operator<'o>) -> Result<Instruction<'o>, Error> {
        if let Some(variable) = variable(&mut operator) {
            *variable = self.variables[*variable as usize];
        }
        utils::instruction(self, operator)
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader,
    ) -> Result<(), Error> {
        for import in section.into_imports() {
            let import = import?;
            let of = self.entity_type(import.ty)?;
            imports.import(self.name(import.module), self.name(import.name), of);
        }
        Ok(())
    }

    fn parse_export(
        &mut self,
        exports: &mut wasm_encoder::ExportSection,
        export: wasmparser::Export,
    ) -> Result<(), Error> {
        let kind = self.export_kind(export.kind)?;
        let index = self.external_index(export.kind, export.index)?;
        exports.export(self.name(export.name), kind, index);
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        _: wasmparser::FunctionSectionReader,
    ) -> Result<(), Error> {
        for function in &self.order {
            functions.function(self.types[*function]);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: wasmparser::CodeSectionReader,
    ) -> Result<(), Error> {
        let bodies = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for function in self.order.clone() {
            let function = self.function(function, &bodies[function])?;
            code.function(&function);
        }
        Ok(())
    }

    fn parse_custom_section(
        &mut self,
        _: &mut wasm_encoder::Module,
        _: wasmparser::CustomSectionReader,
    ) -> Result<(), Error> {
        Ok(())
    }
}
