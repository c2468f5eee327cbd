"""Writes and reads a shipped folder: the model as Hugging Face names it, the transcoder as circuit-tracer names it.

Everything is f16 on disk and f32 in memory. The bytes depend on the weights alone.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save
from tokenizers import Tokenizer

from .batch import BOS
from .model import Gpt2, Shape
from .transcoder import Folded

MODELS = Path(__file__).resolve().parents[1] / "www" / "models"
CROSS_LAYER, PER_LAYER = "transcoder", "per-layer"  # folders within a model's
THRESHOLD = "activation_function.threshold"
CONV1D = ("c_attn.weight", "c_proj.weight", "c_fc.weight")  # stored [in, out], where PyTorch's Linear has [out, in]


def write_json(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_tensors(path: Path, tensors: dict[str, torch.Tensor], metadata: dict[str, str] | None = None) -> None:
    """One metadata entry at most: the library orders several of them at random."""
    # Not save_file, which would make files that only their owner may read.
    path.write_bytes(save({name: t.detach().half().contiguous() for name, t in tensors.items()}, metadata))


def write_model(folder: Path, model: Gpt2, tokenizer: Tokenizer) -> None:
    """config.json and model.safetensors, which transformers' GPT2LMHeadModel loads."""
    folder.mkdir(parents=True, exist_ok=True)
    shape, bos = model.shape, tokenizer.token_to_id(BOS)
    write_json(folder / "config.json", {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "activation_function": "gelu_new",
        "vocab_size": shape.vocabulary,
        "n_positions": shape.context,
        "n_embd": shape.width,
        "n_layer": shape.layers,
        "n_head": shape.heads,
        "n_inner": shape.mlp,
        "layer_norm_epsilon": model.ln_f.eps,
        "tie_word_embeddings": True,
        "attn_pdrop": 0.0,
        "embd_pdrop": 0.0,
        "resid_pdrop": 0.0,
        "bos_token_id": bos,
        "eos_token_id": bos,
        "torch_dtype": "float16",
    })
    tensors = {}
    for name, weight in model.state_dict().items():
        tensors[f"transformer.{name}"] = weight.T if name.endswith(CONV1D) else weight
    write_tensors(folder / "model.safetensors", tensors, {"format": "pt"})


def read_model(folder: Path) -> Gpt2:
    config = json.loads((folder / "config.json").read_text())
    model = Gpt2(Shape(vocabulary=config["vocab_size"], context=config["n_positions"], layers=config["n_layer"],
                       width=config["n_embd"], heads=config["n_head"], mlp=config["n_inner"]))
    weights = {}
    for name, weight in load_file(folder / "model.safetensors").items():
        name = name.removeprefix("transformer.")
        weights[name] = (weight.T if name.endswith(CONV1D) else weight).float().contiguous()
    model.load_state_dict(weights)
    return model.eval()


def write_transcoder(folder: Path, coder: Folded, model_name: str) -> None:
    """config.yaml and the weights, in the names that circuit-tracer's load_clt and load_transcoder_set read."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(
        f'model_name: "{model_name}"\n'
        f"model_kind: {'cross_layer_transcoder' if coder.cross_layer else 'transcoder_set'}\n"
        'feature_input_hook: "hook_resid_mid"\n'
        'feature_output_hook: "hook_mlp_out"\n'
    )
    for i in range(len(coder.w_enc)):
        encoder = {"W_enc": coder.w_enc[i], "b_enc": coder.b_enc[i], "b_dec": coder.b_dec[i]}
        if coder.cross_layer:
            encoder["threshold"] = coder.threshold[i]
            write_tensors(folder / f"W_enc_{i}.safetensors", {f"{key}_{i}": value for key, value in encoder.items()})
            write_tensors(folder / f"W_dec_{i}.safetensors", {f"W_dec_{i}": coder.w_dec[i]})
        else:
            encoder |= {"W_dec": coder.w_dec[i][:, 0], THRESHOLD: coder.threshold[i]}
            write_tensors(folder / f"layer_{i}.safetensors", encoder)


def read_transcoder(folder: Path) -> Folded:
    """A folder that `write_transcoder` wrote."""
    cross_layer = "cross_layer_transcoder" in (folder / "config.yaml").read_text()
    pattern = "W_enc_{}.safetensors" if cross_layer else "layer_{}.safetensors"
    layers = range(len(list(folder.glob(pattern.format("*")))))
    files = [load_file(folder / pattern.format(i)) for i in layers]
    named = lambda key, i: f"{key}_{i}" if cross_layer else THRESHOLD if key == "threshold" else key  # noqa: E731
    encoder = {key: [file[named(name, i)].float() for i, file in enumerate(files)]
               for key, name in [("w_enc", "W_enc"), ("b_enc", "b_enc"), ("threshold", "threshold"), ("b_dec", "b_dec")]}
    if cross_layer:
        decoders = [load_file(folder / f"W_dec_{i}.safetensors")[f"W_dec_{i}"].float() for i in layers]
    else:
        decoders = [file["W_dec"].float()[:, None] for file in files]
    return Folded(w_dec=decoders, **encoder)


def read_tokenizer(folder: Path) -> Tokenizer:
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def read(folder: Path, transcoder: str = CROSS_LAYER) -> tuple[Gpt2, Folded, Tokenizer]:
    return read_model(folder), read_transcoder(folder / transcoder), read_tokenizer(folder)
