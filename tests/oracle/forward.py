"""Writes the shipped models as ONNX files, and the tokens of a prompt of each, for `cargo xtask bench --forward`.

The graph is GPT-2's up to the logits after the last token, of any number of tokens, in float32.
"""

import argparse
import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

ROOT = Path(__file__).resolve().parents[2]


class Forward(torch.nn.Module):
    def __init__(self, folder: Path):
        super().__init__()
        self.config = json.loads((folder / "config.json").read_text())
        self.weights = torch.nn.ParameterDict()
        for name, tensor in load_file(folder / "model.safetensors").items():
            self.weights[self.key(name.removeprefix("transformer."))] = tensor.float()

    @staticmethod
    def key(name: str) -> str:
        return name.replace(".", "_")

    def weight(self, name: str) -> torch.Tensor:
        return self.weights[self.key(name)]

    def linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return x @ self.weight(f"{name}.weight") + self.weight(f"{name}.bias")

    def norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        width, epsilon = self.config["n_embd"], self.config["layer_norm_epsilon"]
        return F.layer_norm(x, (width,), self.weight(f"{name}.weight"), self.weight(f"{name}.bias"), epsilon)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """[1, tokens] -> [1, vocabulary]"""
        heads, width, tokens = self.config["n_head"], self.config["n_embd"], ids.shape[1]
        x = self.weight("wte.weight")[ids[0]] + self.weight("wpe.weight")[torch.arange(tokens)]
        later = torch.tril(torch.ones(tokens, tokens)) == 0
        for layer in range(self.config["n_layer"]):
            block = f"h.{layer}"
            parts = self.linear(self.norm(x, f"{block}.ln_1"), f"{block}.attn.c_attn").split(width, 1)
            q, k, v = (part.reshape(-1, heads, width // heads).transpose(0, 1) for part in parts)
            scores = (q @ k.transpose(1, 2) / math.sqrt(width // heads)).masked_fill(later, -1e9)
            mixed = (scores.softmax(-1) @ v).transpose(0, 1).reshape(-1, width)
            x = x + self.linear(mixed, f"{block}.attn.c_proj")
            hidden = F.gelu(self.linear(self.norm(x, f"{block}.ln_2"), f"{block}.mlp.c_fc"), approximate="tanh")
            x = x + self.linear(hidden, f"{block}.mlp.c_proj")
        return self.norm(x[-1:], "ln_f") @ self.weight("wte.weight").T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "target" / "forward")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    prompts = {}
    for name in ("addition", "diagnosis"):
        folder = ROOT / "www" / "models" / name
        example = json.loads((folder / "manifest.json").read_text())["examples"][0]
        prompts[name] = example["ids"]
        tokens = torch.tensor([prompts[name]])
        torch.onnx.export(
            Forward(folder).eval(),
            (tokens,),
            out / f"{name}.onnx",
            input_names=["ids"],
            output_names=["logits"],
            dynamic_axes={"ids": {1: "tokens"}},
            dynamo=False,
            opset_version=17,
        )
        print(out / f"{name}.onnx", len(prompts[name]), "tokens")
    (out / "prompts.json").write_text(json.dumps(prompts))


if __name__ == "__main__":
    main()
