"""Makes small random GPT-2 folders and transcoder folders in the formats of the ecosystem.

The weights are random, but not shapeless: attention is uneven, every LayerNorm weight and bias is
non-trivial, features are sparse, and the decoders are fitted to the MLPs and then disturbed, so that
a graph has edges of every kind and its scores are neither 0 nor 1.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel


@dataclass
class Case:
    """One model folder with its transcoder folder, and what is recorded on them."""

    name: str
    seed: int
    kind: str  # "cross_layer_transcoder" | "transcoder_set"
    activation: str  # "jump_relu" | "relu" | "topk"
    k: int = 0  # of TopK
    input_hook: str = "hook_resid_mid"
    skip: bool = False
    layers: int = 3
    width: int = 16
    heads: int = 2
    inner: int | None = None  # GPT-2's n_inner; None = 4 * width
    vocabulary: int = 40
    context: int = 12
    features: int = 24
    density: float = 0.2  # share of positions at which a feature fires
    tied: bool = True
    unembed: float = 0.5  # spread of an untied unembedding: larger = more peaked, so fewer logit nodes
    half: bool = False  # store every tensor as float16
    prompt: list[int] = field(default_factory=lambda: [39, 5, 17, 0, 22, 8])
    limited: dict | None = None  # a second run: max_feature_nodes, batch_size, update_interval
    silent_end: bool = False  # no feature fires at the prompt's last position
    targets: bool = False  # further runs with given tokens and with a difference of two

    @property
    def bos(self) -> int:
        return self.vocabulary - 1


def make(case: Case, folder: Path) -> None:
    """Writes `folder`/model and `folder`/transcoder."""
    random = torch.Generator().manual_seed(case.seed)
    model = random_model(case, random)
    transcoder = random_transcoder(case, model, random)
    if case.silent_end:
        silence_end(case, model, transcoder)
    write_transcoder(case, transcoder, folder / "transcoder")
    write_model(case, model.half() if case.half else model, folder / "model")


def random_model(case: Case, random: torch.Generator) -> GPT2LMHeadModel:
    config = GPT2Config(
        vocab_size=case.vocabulary, n_positions=case.context, n_embd=case.width, n_layer=case.layers,
        n_head=case.heads, n_inner=case.inner, activation_function="gelu_new", layer_norm_epsilon=1e-5,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=case.bos, eos_token_id=case.bos,
        tie_word_embeddings=case.tied,
    )
    model = GPT2LMHeadModel(config).eval()
    spread = {"wte": 0.5, "wpe": 0.3, "c_attn": 1.2 / case.width**0.5, "c_proj": 0.9 / case.width**0.5,
              "c_fc": 1.2 / case.width**0.5, "lm_head": case.unembed}
    with torch.no_grad():
        for name, value in model.named_parameters():
            noise = torch.randn(value.shape, generator=random)
            if ".ln_" in name:
                value.copy_(0.25 * noise + (1.0 if name.endswith("weight") else 0.0))
            elif name.endswith("bias"):
                value.copy_(0.2 * noise)
            else:
                value.copy_(noise * next(s for part, s in spread.items() if part in name))
    return model


@torch.no_grad()
def record_layers(case: Case, model: GPT2LMHeadModel, ids: torch.Tensor):
    """What the transcoder reads and what it should write, per layer: two lists of [samples, width]."""
    reads, writes, handles = [], [], []
    for block in model.transformer.h:
        if case.input_hook == "hook_resid_mid":
            handles.append(block.ln_2.register_forward_pre_hook(lambda _, x: reads.append(x[0])))
        else:
            handles.append(block.ln_2.register_forward_hook(lambda _, __, y: reads.append(y)))
        handles.append(block.mlp.register_forward_hook(lambda _, __, y: writes.append(y)))
    model(ids)
    for handle in handles:
        handle.remove()
    flat = lambda list_: [x[:, 1:].reshape(-1, case.width) for x in list_]  # noqa: E731  (position 0 holds the BOS)
    return flat(reads), flat(writes)


def random_transcoder(case: Case, model: GPT2LMHeadModel, random: torch.Generator) -> dict:
    """Random encoders whose biases set the density; decoders by least squares, then disturbed."""
    normal = lambda *shape: torch.randn(*shape, generator=random)  # noqa: E731
    ids = torch.randint(0, case.bos, (400, len(case.prompt)), generator=random)
    ids[:, 0] = case.bos
    reads, writes = record_layers(case, model, ids)

    layers, parts = [], []
    for read in reads:
        weight = normal(case.features, case.width) / read.std() / case.width**0.5 * 1.5
        threshold = 0.1 + 0.4 * torch.rand(case.features, generator=random)
        if case.activation != "jump_relu":
            threshold = torch.zeros(case.features)
        share = (1.0 - case.density) + 0.15 * (torch.rand(case.features, generator=random) - 0.5)
        product = read @ weight.T
        bias = threshold - torch.stack([product[:, f].quantile(share[f]) for f in range(case.features)])
        value = product + bias
        if case.activation == "topk":
            threshold = (value.topk(case.k + 1).values[:, -1:]).detach()
        parts.append(value * (value > threshold))
        layers.append({"W_enc": weight, "b_enc": bias, "threshold": threshold})

    for i, layer in enumerate(layers):
        sources = range(i + 1) if case.kind == "cross_layer_transcoder" else [i]
        goal = writes[i]
        if case.skip:
            layer["W_skip"] = 0.15 * normal(case.width, case.width)
            goal = goal - reads[i] @ layer["W_skip"].T
        design = torch.cat([parts[s] for s in sources] + [torch.ones(len(goal), 1)], dim=1).double()
        penalty = 0.01 * len(goal) * torch.eye(design.shape[1], dtype=torch.float64)
        fit = torch.linalg.solve(design.T @ design + penalty, design.T @ goal.double()).float()
        fit += 0.4 * fit.std() * normal(*fit.shape)
        layer["b_dec"] = fit[-1]
        for n, s in enumerate(sources):
            layers[s].setdefault("W_dec", []).append(fit[n * case.features:(n + 1) * case.features])
    return {"layers": layers}


@torch.no_grad()
def silence_end(case: Case, model: GPT2LMHeadModel, transcoder: dict) -> None:
    """Lowers the biases of what fires at the last position of the prompt until it is well below its threshold."""
    reads, _ = record_layers(case, model, torch.tensor([case.prompt]))
    for layer, read in zip(transcoder["layers"], reads):
        above = layer["W_enc"] @ read[-1] + layer["b_enc"] - layer["threshold"]
        layer["b_enc"] -= torch.where(above > -0.01, above + 0.2, 0.0)


def write_model(case: Case, model: GPT2LMHeadModel, folder: Path) -> None:
    """config.json and model.safetensors as save_pretrained writes them, and a word-level tokenizer.json."""
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    words = {**{f"t{i}": i for i in range(case.bos)}, "<bos>": case.bos}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="<bos>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_special_tokens(["<bos>"])
    (folder / "tokenizer.json").write_text(json.dumps(json.loads(tokenizer.to_str()), separators=(",", ":")) + "\n")


def write_transcoder(case: Case, transcoder: dict, folder: Path) -> None:
    """config.yaml and the safetensors files that circuit-tracer reads."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(
        f'model_name: "attograph-test/{case.name}"\nmodel_kind: {case.kind}\n'
        f'feature_input_hook: "{case.input_hook}"\nfeature_output_hook: "hook_mlp_out"\n'
        + (f"activation: topk\nk: {case.k}\n" if case.activation == "topk" else "")
    )
    stored = lambda x: (x.half() if case.half else x.float()).contiguous()  # noqa: E731
    for i, layer in enumerate(transcoder["layers"]):
        if case.kind == "cross_layer_transcoder":
            tensors = {f"{key}_{i}": stored(layer[key]) for key in ("W_enc", "b_enc", "b_dec")}
            if case.activation == "jump_relu":
                tensors[f"threshold_{i}"] = stored(layer["threshold"])
            save_file(tensors, folder / f"W_enc_{i}.safetensors")
            save_file({f"W_dec_{i}": stored(torch.stack(layer["W_dec"], dim=1))}, folder / f"W_dec_{i}.safetensors")
        else:
            tensors = {key: stored(layer[key]) for key in ("W_enc", "b_enc", "b_dec")}
            tensors["W_dec"] = stored(layer["W_dec"][0])
            if case.activation == "jump_relu":
                tensors["activation_function.threshold"] = stored(layer["threshold"])
            if case.skip:
                tensors["W_skip"] = stored(layer["W_skip"])
            save_file(tensors, folder / f"layer_{i}.safetensors")
