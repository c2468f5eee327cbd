"""Loads a model folder and a transcoder folder into circuit-tracer's replacement model, in float32 on the CPU."""

import hashlib
import inspect
import json
from pathlib import Path

import torch
import yaml
from circuit_tracer.replacement_model.replacement_model_transformerlens import TransformerLensReplacementModel
from circuit_tracer.transcoder.cross_layer_transcoder import load_clt
from circuit_tracer.transcoder.single_layer_transcoder import load_transcoder_set
from transformer_lens import HookedTransformerConfig
from transformers import GPT2LMHeadModel


class StubTokenizer:
    """The few things that circuit-tracer asks of a tokenizer when prompts are given as ids."""

    padding_side = "right"

    def __init__(self, bos: int, vocab_size: int):
        self.bos_token_id = self.eos_token_id = self.pad_token_id = bos
        self.all_special_ids = [bos]
        self.vocab_size = vocab_size

    def decode(self, ids) -> str:
        ids = ids.tolist() if isinstance(ids, torch.Tensor) else ids
        return " ".join(f"t{i}" for i in (ids if isinstance(ids, list) else [ids]))


def load(model_folder: Path, transcoder_folder: Path, dtype: torch.dtype = torch.float32):
    """The replacement model, its logits checked against those of transformers on random ids."""
    model, original = read(model_folder, transcoder_folder, dtype)
    config = original.config
    random = torch.Generator().manual_seed(0)
    ids = torch.randint(0, config.vocab_size, (4, min(config.n_positions, 8)), generator=random)
    with torch.no_grad():
        gap = (original(ids).logits - model(ids)).abs().max().item()
    assert gap < 1e-4, f"{model_folder}: logits differ from those of transformers by {gap}"
    return model


def read(model_folder: Path, transcoder_folder: Path, dtype: torch.dtype = torch.float32):
    """The replacement model as it comes from the two folders, and transformers' own."""
    original = GPT2LMHeadModel.from_pretrained(model_folder, dtype=dtype).eval()
    config = original.config
    assert config.activation_function == "gelu_new", f"{model_folder}: activation {config.activation_function}"
    assert not config.scale_attn_by_inverse_layer_idx and config.scale_attn_weights, f"{model_folder}: attention scale"
    width, heads = config.n_embd, config.n_head
    lens = HookedTransformerConfig(
        n_layers=config.n_layer, d_model=width, n_ctx=config.n_positions, n_heads=heads, d_head=width // heads,
        d_mlp=config.n_inner or 4 * width, d_vocab=config.vocab_size, act_fn="gelu_new", normalization_type="LN",
        eps=config.layer_norm_epsilon, device="cpu", dtype=dtype, model_name="attograph",
    )
    model = TransformerLensReplacementModel.from_config(lens, load_transcoder(transcoder_folder, dtype))
    copy_weights(original, model)
    model.tokenizer = StubTokenizer(config.bos_token_id, config.vocab_size)
    return model, original


@torch.no_grad()
def copy_weights(original: GPT2LMHeadModel, model) -> None:
    """Conv1D weights are [in, out]; TransformerLens wants one matrix per head."""
    width, heads = original.config.n_embd, original.config.n_head
    per_head = lambda w: w.reshape(width, heads, width // heads).permute(1, 0, 2)  # noqa: E731
    base = original.transformer
    model.embed.W_E.copy_(base.wte.weight)
    model.pos_embed.W_pos.copy_(base.wpe.weight)
    for block, from_ in zip(model.blocks, base.h):
        block.ln1.w.copy_(from_.ln_1.weight), block.ln1.b.copy_(from_.ln_1.bias)
        block.ln2.w.copy_(from_.ln_2.weight), block.ln2.b.copy_(from_.ln_2.bias)
        weights, biases = from_.attn.c_attn.weight.split(width, dim=1), from_.attn.c_attn.bias.split(width)
        for name, weight, bias in zip("QKV", weights, biases):
            getattr(block.attn, f"W_{name}").copy_(per_head(weight))
            getattr(block.attn, f"b_{name}").copy_(bias.reshape(heads, -1))
        block.attn.W_O.copy_(from_.attn.c_proj.weight.reshape(heads, -1, width))
        block.attn.b_O.copy_(from_.attn.c_proj.bias)
        mlp = block.mlp.old_mlp
        mlp.W_in.copy_(from_.mlp.c_fc.weight), mlp.b_in.copy_(from_.mlp.c_fc.bias)
        mlp.W_out.copy_(from_.mlp.c_proj.weight), mlp.b_out.copy_(from_.mlp.c_proj.bias)
    model.ln_final.w.copy_(base.ln_f.weight), model.ln_final.b.copy_(base.ln_f.bias)
    model.unembed.old_unembed.W_U.copy_(original.lm_head.weight.T)
    model.unembed.old_unembed.b_U.zero_()


def load_transcoder(folder: Path, dtype: torch.dtype):
    config = yaml.safe_load((folder / "config.yaml").read_text())
    name = "scan_name" if "scan_name" in inspect.signature(load_clt).parameters else "scan"  # after 0.5.0, and in it
    shared = dict(feature_input_hook=config["feature_input_hook"], feature_output_hook=config["feature_output_hook"],
                  dtype=dtype, device=torch.device("cpu"), lazy_decoder=False, lazy_encoder=False, **{name: "local"})
    if config["model_kind"] == "cross_layer_transcoder":
        return load_clt(str(folder), **shared)
    layers = len(list(folder.glob("layer_*.safetensors")))
    gate = {name: config[name] for name in ("activation", "k") if name in config}
    return load_transcoder_set({i: str(folder / f"layer_{i}.safetensors") for i in range(layers)}, **shared, **gate)


def reach_the_end(transcoders, tokens: int) -> None:
    """With a cross-layer transcoder circuit-tracer takes a prompt to end with its last active feature, and fails where
    nothing fires after that. A feature that writes nothing, at the last position, is all it needs."""
    original = transcoders.compute_reconstruction

    def padded(positions, layers, writes, *rest):
        more = lambda tensor, value: torch.cat([tensor, tensor.new_full((1, *tensor.shape[1:]), value)])  # noqa: E731
        return original(more(positions, tokens - 1), more(layers, 0), more(writes, 0), *rest)

    transcoders.compute_reconstruction = padded


def thresholds(model, pre_activations: torch.Tensor) -> torch.Tensor:
    """JumpReLU thresholds, zeros for ReLU: [layers, 1, features]; for TopK the middle of the gap between the last
    value that stays and the first that does not: [layers, positions, 1]."""
    transcoders = model.transcoders
    if hasattr(transcoders, "transcoders"):
        if k := getattr(transcoders.transcoders[0].activation_function, "k", None):
            return pre_activations.topk(k + 1).values[..., -2:].mean(-1, keepdim=True)
        all_ = [getattr(t.activation_function, "threshold", torch.zeros_like(t.b_enc)) for t in transcoders.transcoders]
        return torch.stack(all_).unsqueeze(1).detach()
    threshold = getattr(transcoders.activation_function, "threshold", None)
    return torch.zeros_like(transcoders.b_enc).unsqueeze(1) if threshold is None else threshold.detach()


def digests(model_folder: Path, transcoder_folder: Path) -> dict[str, str]:
    """SHA-256 of every file that holds weights or shapes, by path: what a test compares to find stale fixtures."""
    files = {name: model_folder / name for name in ("config.json", "model.safetensors")}
    for path in sorted(transcoder_folder.glob("*")):
        files[f"transcoder/{path.name}"] = path
    return {f"sha256:{name}": hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


def examples(folder: Path) -> list[dict]:
    """The example prompts of a shipped model, with their ids."""
    manifest = folder / "manifest.json"
    if not manifest.exists():
        raise SystemExit(f"{manifest} is missing: the shipped model has to be built first")
    return json.loads(manifest.read_text())["examples"]
