//! The frozen model in plain f64 loops, written from the definition and with nothing of the
//! product's: what edges are checked against.

pub mod parts;

use attograph::model::{EncoderInput, Model, TranscoderKind};
use parts::{
    add, attention, dot, embed, logits, mlp, norm, patterns, scales, silence, subtract, zeros,
};

type Rows = Vec<Vec<f64>>;

/// A prompt's forward pass, and what the transcoder leaves of it.
pub struct Reference<'a> {
    model: &'a Model,
    ids: &'a [u32],
    /// Per layer [head][query][key].
    pub patterns: Vec<Vec<Rows>>,
    attention_scales: Vec<Vec<f64>>,
    mlp_scales: Vec<Vec<f64>>,
    final_scale: f64,
    /// Per layer [token][feature], with the first position silent.
    pub activations: Vec<Rows>,
    /// Per layer [token][width]: what neither features, biases nor skip paths write.
    errors: Vec<Rows>,
    /// Per layer [token][width]: what the MLP writes.
    pub outputs: Vec<Rows>,
}

/// A source that is switched off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Off {
    Nothing,
    Feature {
        layer: usize,
        position: usize,
        index: usize,
    },
    Error {
        layer: usize,
        position: usize,
    },
    Token(usize),
}

/// What responds; the rest is as it was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Responding {
    pub norms: bool,
    pub patterns: bool,
    /// What MLPs write beyond the features.
    pub errors: bool,
}

/// What the frozen model computes.
pub struct Replay {
    /// Per layer [token][feature].
    pub pre_activations: Vec<Rows>,
    /// After the last token.
    pub logits: Vec<f64>,
}

/// What the model computes where its MLPs respond.
pub struct Response {
    /// The residual stream after each layer, [token][width].
    pub streams: Vec<Rows>,
    /// After the last token.
    pub logits: Vec<f64>,
}

impl<'a> Reference<'a> {
    /// Runs the model as it is.
    pub fn new(model: &'a Model, ids: &'a [u32]) -> Self {
        let language = &model.language;
        let epsilon = f64::from(language.config.epsilon);
        let centred = language.final_norm.centred;
        let mut x = embed(model, ids, None);
        let mut reference = Reference {
            model,
            ids,
            patterns: Vec::new(),
            attention_scales: Vec::new(),
            mlp_scales: Vec::new(),
            final_scale: 0.0,
            activations: Vec::new(),
            errors: Vec::new(),
            outputs: Vec::new(),
        };
        for (layer, block) in language.blocks.iter().enumerate() {
            let scales = scales(&x, centred, epsilon);
            let normed = norm(&x, &block.attention_norm, &scales);
            let patterns = patterns(block, &language.config, &normed);
            add(
                &mut x,
                &attention(block, &language.config, &patterns, &normed),
            );
            reference.patterns.push(patterns);
            reference.attention_scales.push(scales);

            let scales = parts::scales(&x, centred, epsilon);
            let normed = norm(&x, &block.mlp_norm, &scales);
            let out = mlp(block, &normed, language.config.activation);
            reference.mlp_scales.push(scales);
            let input = reference.encoder_input(layer, &x);
            let mut active = reference.pre_activations(layer, &input);
            for (token, row) in active.iter_mut().enumerate() {
                match token {
                    0 => row.fill(0.0),
                    _ => silence(row, &model.transcoder.layers[layer].gate),
                }
            }
            reference.activations.push(active);
            reference
                .errors
                .push(vec![vec![0.0; x[0].len()]; ids.len()]);
            let explained = reference.mlp_output(layer, &input, Off::Nothing, 0.0);
            for (error, (out, explained)) in reference.errors[layer]
                .iter_mut()
                .zip(out.iter().zip(&explained))
            {
                *error = out.iter().zip(explained).map(|(a, b)| a - b).collect();
            }
            add(&mut x, &out);
            reference.outputs.push(out);
        }
        reference.final_scale = scales(&x, centred, epsilon)[ids.len() - 1];
        reference
    }

    /// Runs the frozen model: patterns, denominators and activations as they were, less one source.
    pub fn replay(&self, off: Off) -> Replay {
        self.replay_less(off, 1.0, Responding::default())
    }

    /// The same less a share of what one source writes, while something responds.
    pub fn replay_less(&self, off: Off, share: f64, responding: Responding) -> Replay {
        let language = &self.model.language;
        let epsilon = f64::from(language.config.epsilon);
        let centred = language.final_norm.centred;
        let scales_of = |x: &Rows, held: &[f64]| match responding.norms {
            true => scales(x, centred, epsilon),
            false => held.to_vec(),
        };
        let without = match off {
            Off::Token(position) => Some((position, share)),
            _ => None,
        };
        let mut x = embed(self.model, self.ids, without);
        let mut pre_activations = Vec::new();
        for (layer, block) in language.blocks.iter().enumerate() {
            let scales = scales_of(&x, &self.attention_scales[layer]);
            let normed = norm(&x, &block.attention_norm, &scales);
            let patterns = match responding.patterns {
                true => patterns(block, &language.config, &normed),
                false => self.patterns[layer].clone(),
            };
            add(
                &mut x,
                &attention(block, &language.config, &patterns, &normed),
            );
            let input = match self.model.transcoder.input {
                EncoderInput::ResidualMid => x.clone(),
                EncoderInput::MlpNorm => {
                    let scales = scales_of(&x, &self.mlp_scales[layer]);
                    norm(&x, &block.mlp_norm, &scales)
                }
            };
            pre_activations.push(self.pre_activations(layer, &input));
            let mut out = self.mlp_output(layer, &input, off, share);
            if responding.errors {
                let scales = scales_of(&x, &self.mlp_scales[layer]);
                let normed = norm(&x, &block.mlp_norm, &scales);
                let activation = language.config.activation;
                add(&mut out, &mlp(block, &normed, activation));
                let explained = self.explained(layer, &input, &pre_activations);
                subtract(&mut out, &explained);
                subtract(&mut out, &self.errors[layer]);
            }
            add(&mut x, &out);
        }
        let scale = match responding.norms {
            true => scales(&x, centred, epsilon)[self.ids.len() - 1],
            false => self.final_scale,
        };
        Replay {
            pre_activations,
            logits: logits(self.model, &x, scale),
        }
    }

    /// What follows where a feature writes more by `change` and the MLPs respond to it; patterns and
    /// denominators are as they were.
    pub fn respond(&self, layer: usize, position: usize, index: usize, change: f64) -> Response {
        let language = &self.model.language;
        let width = language.config.width;
        let vectors = self.model.transcoder.layers[layer].decoder.row(index);
        let mut x = embed(self.model, self.ids, None);
        let mut streams = Vec::new();
        for (at, block) in language.blocks.iter().enumerate() {
            let normed = norm(&x, &block.attention_norm, &self.attention_scales[at]);
            add(
                &mut x,
                &attention(block, &language.config, &self.patterns[at], &normed),
            );
            let normed = norm(&x, &block.mlp_norm, &self.mlp_scales[at]);
            add(&mut x, &mlp(block, &normed, language.config.activation));
            let here = at.checked_sub(layer);
            if let Some(vector) = here.and_then(|output| vectors.chunks(width).nth(output)) {
                for (x, value) in x[position].iter_mut().zip(vector) {
                    *x += change * f64::from(*value);
                }
            }
            streams.push(x.clone());
        }
        Response {
            logits: logits(self.model, &x, self.final_scale),
            streams,
        }
    }

    /// Logits of the local replacement model where a feature writes more by `change`: active features
    /// answer in proportion, their gates and, unless they respond, the errors fixed.
    pub fn local(
        &self,
        (layer, position, index): (usize, usize, usize),
        change: f64,
        responding: Responding,
    ) -> Vec<f64> {
        let language = &self.model.language;
        let (epsilon, width) = (f64::from(language.config.epsilon), language.config.width);
        let centred = language.final_norm.centred;
        let scales_of = |x: &Rows, held: &[f64]| match responding.norms {
            true => scales(x, centred, epsilon),
            false => held.to_vec(),
        };
        let mut x = embed(self.model, self.ids, None);
        let mut written = self.errors.clone();
        for (at, block) in language.blocks.iter().enumerate() {
            let normed = norm(
                &x,
                &block.attention_norm,
                &scales_of(&x, &self.attention_scales[at]),
            );
            let patterns = match responding.patterns {
                true => patterns(block, &language.config, &normed),
                false => self.patterns[at].clone(),
            };
            add(
                &mut x,
                &attention(block, &language.config, &patterns, &normed),
            );
            let input = match self.model.transcoder.input {
                EncoderInput::ResidualMid => x.clone(),
                EncoderInput::MlpNorm => {
                    norm(&x, &block.mlp_norm, &scales_of(&x, &self.mlp_scales[at]))
                }
            };
            let here = &self.model.transcoder.layers[at];
            let pre = self.pre_activations(at, &input);
            for (token, pre) in pre.iter().enumerate() {
                for (feature, pre) in pre.iter().enumerate() {
                    if self.activations[at][token][feature] == 0.0 {
                        continue;
                    }
                    let nudged = (at, token, feature) == (layer, position, index);
                    let active = pre + if nudged { change } else { 0.0 };
                    for (output, vector) in here.decoder.row(feature).chunks(width).enumerate() {
                        let out = &mut written[at + output][token];
                        for (out, value) in out.iter_mut().zip(vector) {
                            *out += active * f64::from(*value);
                        }
                    }
                }
                for (i, out) in written[at][token].iter_mut().enumerate() {
                    *out += f64::from(here.decoder_bias[i]);
                    if let Some(skip) = &here.skip {
                        *out += dot(&input[token], skip.row(i));
                    }
                }
            }
            if responding.errors {
                // Features that answer and errors that do are the original together.
                let normed = norm(&x, &block.mlp_norm, &scales_of(&x, &self.mlp_scales[at]));
                written[at] = mlp(block, &normed, language.config.activation);
                let vectors = self.model.transcoder.layers[layer].decoder.row(index);
                let output = at.checked_sub(layer);
                if let Some(vector) = output.and_then(|output| vectors.chunks(width).nth(output)) {
                    for (out, value) in written[at][position].iter_mut().zip(vector) {
                        *out += change * f64::from(*value);
                    }
                }
            }
            add(&mut x, &written[at]);
        }
        let scale = match responding.norms {
            true => scales(&x, centred, epsilon)[self.ids.len() - 1],
            false => self.final_scale,
        };
        logits(self.model, &x, scale)
    }

    /// Per layer: what the transcoder makes of each MLP's output, [token][width], with features at
    /// the first position too, while the original runs.
    pub fn reconstruct(&self) -> Vec<Rows> {
        let outputs = self.outputs.iter().zip(&self.errors);
        outputs
            .map(|(outputs, errors)| {
                let rows = outputs.iter().zip(errors);
                rows.map(|(y, e)| y.iter().zip(e).map(|(y, e)| y - e).collect())
                    .collect()
            })
            .collect()
    }

    fn encoder_input(&self, layer: usize, mid: &Rows) -> Rows {
        match self.model.transcoder.input {
            EncoderInput::ResidualMid => mid.clone(),
            EncoderInput::MlpNorm => {
                let block = &self.model.language.blocks[layer];
                norm(mid, &block.mlp_norm, &self.mlp_scales[layer])
            }
        }
    }

    fn pre_activations(&self, layer: usize, input: &Rows) -> Rows {
        let transcoder = &self.model.transcoder.layers[layer];
        let one = |row: &Vec<f64>| {
            (0..transcoder.encoder.rows)
                .map(|f| {
                    dot(row, transcoder.encoder.row(f)) + f64::from(transcoder.encoder_bias[f])
                })
                .collect()
        };
        input.iter().map(one).collect()
    }

    /// Features, bias and skip path of one layer's MLP output where the features that were active follow what they read: pre-activations
    /// of the layers up to it.
    fn explained(&self, layer: usize, input: &Rows, pre_activations: &[Rows]) -> Rows {
        let follows = |from: usize, was: &Rows| -> Rows {
            let rows = was.iter().zip(&pre_activations[from]);
            rows.map(|(was, now)| {
                let pairs = was.iter().zip(now);
                pairs
                    .map(|(was, now)| if *was == 0.0 { 0.0 } else { *now })
                    .collect()
            })
            .collect()
        };
        let activations = self.activations[..=layer].iter().enumerate();
        let following = Reference {
            activations: activations.map(|(from, was)| follows(from, was)).collect(),
            errors: self.errors.iter().map(zeros).collect(),
            patterns: Vec::new(),
            attention_scales: Vec::new(),
            mlp_scales: Vec::new(),
            outputs: Vec::new(),
            ..*self
        };
        following.mlp_output(layer, input, Off::Nothing, 0.0)
    }

    /// Features, bias, skip path and error of one layer's MLP output, less a share of one of them.
    fn mlp_output(&self, layer: usize, input: &Rows, off: Off, share: f64) -> Rows {
        let transcoder = &self.model.transcoder;
        let width = self.model.language.config.width;
        let first = match transcoder.kind {
            TranscoderKind::CrossLayer => 0,
            TranscoderKind::PerLayer => layer,
        };
        let mut out = self.errors[layer].clone();
        if let Off::Error { layer: l, position } = off
            && l == layer
        {
            for out in &mut out[position] {
                *out *= 1.0 - share;
            }
        }
        for (position, out) in out.iter_mut().enumerate() {
            for from in first..=layer {
                for (index, activation) in self.activations[from][position].iter().enumerate() {
                    if *activation == 0.0 {
                        continue;
                    }
                    let here = Off::Feature {
                        layer: from,
                        position,
                        index,
                    };
                    let kept = if off == here { 1.0 - share } else { 1.0 };
                    let vectors = transcoder.layers[from].decoder.row(index);
                    let vector = &vectors[(layer - from) * width..(layer - from + 1) * width];
                    for (out, value) in out.iter_mut().zip(vector) {
                        *out += kept * activation * f64::from(*value);
                    }
                }
            }
            let here = &transcoder.layers[layer];
            for (i, out) in out.iter_mut().enumerate() {
                // The first position's error holds its bias too.
                *out += f64::from(here.decoder_bias[i]);
                if let Some(skip) = &here.skip {
                    *out += dot(&input[position], skip.row(i));
                }
            }
        }
        out
    }
}

/// Logits after the last token with the transcoder in every MLP's place, features at all positions
/// read from the stream that results.
pub fn replaced(model: &Model, ids: &[u32]) -> Vec<f64> {
    let epsilon = f64::from(model.language.config.epsilon);
    let centred = model.language.final_norm.centred;
    let width = model.language.config.width;
    let mut x = embed(model, ids, None);
    // Per layer [token][width], so far.
    let mut written: Vec<Rows> = Vec::new();
    for layer in &model.transcoder.layers {
        let bias = layer.decoder_bias.iter().map(|x| f64::from(*x));
        written.push(vec![bias.collect(); ids.len()]);
    }
    for (layer, block) in model.language.blocks.iter().enumerate() {
        let normed = norm(&x, &block.attention_norm, &scales(&x, centred, epsilon));
        let patterns = patterns(block, &model.language.config, &normed);
        add(
            &mut x,
            &attention(block, &model.language.config, &patterns, &normed),
        );
        let normed = norm(&x, &block.mlp_norm, &scales(&x, centred, epsilon));
        let input = match model.transcoder.input {
            EncoderInput::ResidualMid => x.clone(),
            EncoderInput::MlpNorm => normed,
        };
        let here = &model.transcoder.layers[layer];
        for (position, input) in input.iter().enumerate() {
            let pre = |feature| {
                dot(input, here.encoder.row(feature)) + f64::from(here.encoder_bias[feature])
            };
            let mut active: Vec<f64> = (0..here.encoder.rows).map(pre).collect();
            silence(&mut active, &here.gate);
            for (feature, active) in active.iter().enumerate() {
                for (output, vector) in here.decoder.row(feature).chunks(width).enumerate() {
                    let out = &mut written[layer + output][position];
                    for (out, value) in out.iter_mut().zip(vector) {
                        *out += active * f64::from(*value);
                    }
                }
            }
            if let Some(skip) = &here.skip {
                for (i, out) in written[layer][position].iter_mut().enumerate() {
                    *out += dot(input, skip.row(i));
                }
            }
        }
        add(&mut x, &written[layer]);
    }
    let scale = scales(&x, centred, epsilon)[ids.len() - 1];
    logits(model, &x, scale)
}

/// Logits after the last token with these attention patterns, per layer [head][query][key], in place
/// of the model's own.
pub fn with_patterns(model: &Model, ids: &[u32], patterns: &[Vec<Rows>]) -> Vec<f64> {
    let epsilon = f64::from(model.language.config.epsilon);
    let centred = model.language.final_norm.centred;
    let mut x = embed(model, ids, None);
    for (block, patterns) in model.language.blocks.iter().zip(patterns) {
        let normed = norm(&x, &block.attention_norm, &scales(&x, centred, epsilon));
        add(
            &mut x,
            &attention(block, &model.language.config, patterns, &normed),
        );
        let normed = norm(&x, &block.mlp_norm, &scales(&x, centred, epsilon));
        add(
            &mut x,
            &mlp(block, &normed, model.language.config.activation),
        );
    }
    let scale = scales(&x, centred, epsilon)[ids.len() - 1];
    logits(model, &x, scale)
}
