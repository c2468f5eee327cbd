//! A transcoder's `config.yaml`.

use serde_json::Value;

use crate::model::fields::Fields;
use crate::model::files::within;
use crate::model::known::Treatment::{Computed, NoEffect};
use crate::model::known::{Known, known};
use crate::model::{EncoderInput, LoadError, TranscoderKind};

/// The fields of a transcoder's `config.yaml`.
pub const TRANSCODER_FIELDS: &[Known] = &[
    known(
        Computed,
        &[
            "model_kind",
            "feature_input_hook",
            "feature_output_hook",
            "activation",
            "k",
            "transcoders",
            "apply_b_dec_to_input",
        ],
    ),
    known(NoEffect("it is a name"), &["model_name", "scan"]),
    known(
        NoEffect("it tells where the folder was fetched from"),
        &["repo_id", "revision", "subfolder"],
    ),
    known(
        NoEffect("the tensors tell their sizes and types"),
        &["n_layers", "d_model", "d_transcoder", "dtype"],
    ),
];

/// The activation function that a file names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// None: the tensors tell it.
    Nothing,
    Relu,
    JumpRelu,
    /// With its number, where the file has it.
    TopK(Option<usize>),
}

/// What `config.yaml` says.
pub(super) struct Settings {
    /// Its name in errors.
    pub file: String,
    pub kind: TranscoderKind,
    pub input: EncoderInput,
    pub activation: Named,
    /// The files of the layers, where they are listed.
    pub listed: Option<Vec<String>>,
    /// Whether encoders read their input less the decoder's bias.
    pub bias_to_input: bool,
}

impl Settings {
    /// Reads and checks the file, whose name is `file`.
    pub fn parse(file: String, bytes: &[u8]) -> Result<Settings, LoadError> {
        let fields = Fields::yaml(file, bytes)?;
        let kind = kind(&fields)?;
        let input = input(&fields)?;
        check_output(&fields)?;
        let settings = Settings {
            kind,
            input,
            activation: activation(&fields)?,
            listed: listed(&fields)?,
            bias_to_input: fields.flag("apply_b_dec_to_input", false)?,
            file: fields.file.clone(),
        };
        fields.check(TRANSCODER_FIELDS)?;
        Ok(settings)
    }
}

fn kind(fields: &Fields) -> Result<TranscoderKind, LoadError> {
    const FIELD: &str = "model_kind";
    const EXPECTED: &str = "cross_layer_transcoder or transcoder_set";
    match fields.required(FIELD, EXPECTED)? {
        "cross_layer_transcoder" => Ok(TranscoderKind::CrossLayer),
        "transcoder_set" => Ok(TranscoderKind::PerLayer),
        other => Err(fields.wrong(FIELD, other, EXPECTED)),
    }
}

/// The hooks have TransformerLens's names. In a GPT-2, `hook_mlp_in` is the same place as the first and
/// `mlp.hook_in` as the second.
fn input(fields: &Fields) -> Result<EncoderInput, LoadError> {
    const FIELD: &str = "feature_input_hook";
    const EXPECTED: &str = "hook_resid_mid or ln2.hook_normalized";
    match fields.required(FIELD, EXPECTED)? {
        "hook_resid_mid" | "hook_mlp_in" => Ok(EncoderInput::ResidualMid),
        "ln2.hook_normalized" | "mlp.hook_in" => Ok(EncoderInput::MlpNorm),
        other => Err(fields.wrong(FIELD, other, EXPECTED)),
    }
}

/// Features write to the MLP's output; `mlp.hook_out` is the same place in a GPT-2.
fn check_output(fields: &Fields) -> Result<(), LoadError> {
    const FIELD: &str = "feature_output_hook";
    const EXPECTED: &str = "hook_mlp_out";
    match fields.required(FIELD, EXPECTED)? {
        "hook_mlp_out" | "mlp.hook_out" => Ok(()),
        other => Err(fields.wrong(FIELD, other, EXPECTED)),
    }
}

fn activation(fields: &Fields) -> Result<Named, LoadError> {
    const FIELD: &str = "activation";
    const EXPECTED: &str = "relu, jump_relu or topk";
    let k = fields.optional_size("k")?;
    match (fields.text(FIELD, EXPECTED)?, k) {
        (Some("topk"), k) => Ok(Named::TopK(k)),
        (_, Some(k)) => Err(fields.wrong("k", k, "activation: topk beside it")),
        (None, None) => Ok(Named::Nothing),
        (Some("relu"), None) => Ok(Named::Relu),
        (Some("jump_relu" | "jumprelu"), None) => Ok(Named::JumpRelu),
        (Some(other), None) => Err(fields.wrong(FIELD, other, EXPECTED)),
    }
}

/// The list counts before the files' names, as in circuit-tracer.
fn listed(fields: &Fields) -> Result<Option<Vec<String>>, LoadError> {
    const FIELD: &str = "transcoders";
    const EXPECTED: &str = "a list with a file for each layer";
    let paths = match fields.get(FIELD) {
        None => return Ok(None),
        Some(Value::Array(paths)) => paths,
        Some(other) => return Err(fields.wrong(FIELD, other, EXPECTED)),
    };
    let path = |(layer, value): (usize, &Value)| {
        let field = || format!("{FIELD}[{layer}]");
        let Some(path) = value.as_str() else {
            return Err(fields.wrong(&field(), value, EXPECTED));
        };
        within(path).ok_or_else(|| {
            fields.wrong(
                &field(),
                value,
                "a file in this folder, since nothing is fetched from elsewhere,",
            )
        })
    };
    let paths: Result<Vec<String>, LoadError> = paths.iter().enumerate().map(path).collect();
    paths.map(Some)
}
