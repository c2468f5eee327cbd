//! The operand plots of one template.

use super::engine::Runner;
use super::{record, thrown};
use crate::study::{self, Template};
use crate::wire::OperandPlot;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// The operand plots of one template, computed step by step.
#[wasm_bindgen]
pub struct OperandPlots {
    a: usize,
    b: usize,
    plots: study::OperandPlots,
    runner: Rc<Runner>,
}

impl OperandPlots {
    /// Of a template, found in a prompt with these operands; nothing is computed yet.
    pub(super) fn new(template: Template, a: usize, b: usize, runner: Rc<Runner>) -> OperandPlots {
        OperandPlots {
            a,
            b,
            plots: study::OperandPlots::new(template),
            runner,
        }
    }
}

#[wasm_bindgen]
impl OperandPlots {
    /// The same for every prompt of the template.
    #[wasm_bindgen(getter)]
    pub fn key(&self) -> String {
        self.plots.template().key()
    }

    /// The prompt's first operand.
    #[wasm_bindgen(getter)]
    pub fn a(&self) -> usize {
        self.a
    }

    /// The prompt's second operand.
    #[wasm_bindgen(getter)]
    pub fn b(&self) -> usize {
        self.b
    }

    #[wasm_bindgen(getter)]
    pub fn a_position(&self) -> usize {
        self.plots.template().a_position
    }

    #[wasm_bindgen(getter)]
    pub fn b_position(&self) -> usize {
        self.plots.template().b_position
    }

    /// Steps in all.
    #[wasm_bindgen(getter)]
    pub fn total(&self) -> usize {
        study::OPERANDS
    }

    /// Steps taken.
    #[wasm_bindgen(getter)]
    pub fn done(&self) -> usize {
        self.plots.done()
    }

    /// Takes a step; true once all are taken.
    ///
    /// # Errors
    /// An engine that fails.
    pub async fn step(&mut self) -> Result<bool, JsValue> {
        self.plots.step(&self.runner.network).await.map_err(thrown)
    }

    /// A feature's plot: `{ pixels, max }`, row a, column b, 255 = max.
    #[wasm_bindgen(unchecked_return_type = "wire.OperandPlot")]
    pub fn plot(&self, layer: usize, position: usize, index: usize) -> JsValue {
        let plot = self.plots.plot(layer, position, index);
        record(&OperandPlot {
            pixels: plot.pixels.into(),
            max: plot.max,
        })
    }

    /// What a plot shows, in few words; undefined where no simple rule describes it.
    pub fn label(&self, layer: usize, position: usize, index: usize) -> Option<String> {
        study::operand_label(&self.plots.plot(layer, position, index)).map(|label| label.words)
    }

    /// What a feature has to do with the two numbers, such as `sum ones`; undefined where it tells hardly any apart.
    pub fn part(&self, layer: usize, position: usize, index: usize) -> Option<String> {
        study::part(&self.plots.plot(layer, position, index)).map(|part| part.to_string())
    }
}
