"""Writes and reads a shipped folder: the model as Hugging Face names it, the transcoder as circuit-tracer names it.

Everything is f16 on disk and f32 in memory. The bytes depend on the weights alone.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save
from tokenizers import Tokenizer

from .model import Gpt2, Shape
from .tokenizer import BOS
from .transcoder import FoldedClt

MODELS = Path(__file__).resolve().parents[1] / "www" / "models"
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


def write_transcoder(folder: Path, clt: FoldedClt, model_name: str) -> None:
    """config.yaml, W_enc_{i} and W_dec_{i}, which circuit-tracer's load_clt reads."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(
        f'model_name: "{model_name}"\n'
        "model_kind: cross_layer_transcoder\n"
        'feature_input_hook: "hook_resid_mid"\n'
        'feature_output_hook: "hook_mlp_out"\n'
    )
    for i in range(len(clt.w_enc)):
        encoder = {"W_enc": clt.w_enc, "b_enc": clt.b_enc, "b_dec": clt.b_dec, "threshold": clt.threshold}
        write_tensors(folder / f"W_enc_{i}.safetensors", {f"{key}_{i}": value[i] for key, value in encoder.items()})
        write_tensors(folder / f"W_dec_{i}.safetensors", {f"W_dec_{i}": clt.w_dec[i]})


def read_transcoder(folder: Path) -> FoldedClt:
    layers = range(len(list(folder.glob("W_enc_*.safetensors"))))
    encoders = [load_file(folder / f"W_enc_{i}.safetensors") for i in layers]
    decoders = [load_file(folder / f"W_dec_{i}.safetensors")[f"W_dec_{i}"].float() for i in layers]

    def all_(key: str) -> list[torch.Tensor]:
        return [encoder[f"{key}_{i}"].float() for i, encoder in enumerate(encoders)]

    return FoldedClt(all_("W_enc"), all_("b_enc"), all_("threshold"), decoders, all_("b_dec"))


def read_tokenizer(folder: Path) -> Tokenizer:
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def read(folder: Path) -> tuple[Gpt2, FoldedClt, Tokenizer]:
    return read_model(folder), read_transcoder(folder / "transcoder"), read_tokenizer(folder)
