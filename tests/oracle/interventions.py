"""Runs circuit-tracer's feature interventions in its four modes and writes interventions.safetensors and .json.

For each intervention: `{name}.logits` [positions, vocabulary], `{name}.activations` and
`{name}.pre_activations` [layers, positions, features]. circuit-tracer sets position 0 of both to zero.
With `logits_only`, for models with many features, just the last position: `{name}.logits` [1, vocabulary].
"""

import json
from pathlib import Path

import torch

import margins
import reference
import storage


def modes(layers: int) -> dict[str, dict]:
    """What stays frozen. `constrained_layers` is a half-open range; all layers = direct effects."""
    found = {
        "direct": {"constrained_layers": [0, layers], "freeze_attention": True},
        "patterns_frozen": {"constrained_layers": None, "freeze_attention": True},
        "free": {"constrained_layers": None, "freeze_attention": False},
    }
    if layers > 2:
        found["constrained_late"] = {"constrained_layers": [1, layers], "freeze_attention": True}
    return {**found, "constrained_early": {"constrained_layers": [0, layers - 1], "freeze_attention": True}}


def choose(activations: torch.Tensor) -> dict[str, list[list]]:
    """A feature switched off, one amplified, and several at once, among them one that was silent."""
    layers, positions, _ = activations.shape

    def active(layer: int, position: int, rank: int = 0) -> tuple[int, float]:
        value, index = activations[layer, position].topk(rank + 1)
        if not value[rank] > 0:
            raise ValueError(f"layer {layer}, position {position} has no {rank + 1} active features to intervene on")
        return int(index[rank]), float(value[rank])

    def silent(layer: int, position: int) -> int:
        return int((activations[layer, position] == 0).nonzero()[0])

    middle, last, top = positions // 2, positions - 1, layers - 1
    # A well-trained transcoder may have less than two features there.
    place, rank = (middle, 1) if int((activations[1, middle] > 0).sum()) > 1 else (last, 2)
    off, _ = active(0, middle)
    louder, value = active(1, last)
    return {
        "off": [[0, middle, off, 0.0]],
        "louder": [[1, last, louder, round(3 * value, 3)]],
        "several": [[0, middle, off, 0.0], [0, last, silent(0, last), 0.75], [1, last, louder, round(0.5 * value, 3)],
                    [1, place, active(1, place, rank)[0], 0.0], [top, last, active(top, last, 1)[0], 0.0]],
    }


def check_edges(graph, tensors: dict, index: list[dict]) -> None:
    """A direct effect is what the edges predict; if not, graph and interventions are not of one model."""
    features, logits = graph.active_features[graph.selected_features], torch.tensor([t.vocab_idx for t in graph.logit_targets])
    values = graph.activation_values[graph.selected_features]
    for entry in index:
        if not entry["name"].startswith("direct") or len(entry["interventions"]) > 1:
            continue
        layer, position, feature, value = entry["interventions"][0]
        source = int((features == torch.tensor([layer, position, feature])).all(1).nonzero())
        predicted = graph.adjacency_matrix[:, source] * (value - values[source]) / values[source]
        moved = tensors[entry["name"] + ".pre_activations"] - tensors["base.pre_activations"]
        moved_logits = (tensors[entry["name"] + ".logits"] - tensors["base.logits"])[-1]
        found = torch.cat([moved[tuple(features.T)], (moved_logits - moved_logits.mean())[logits]])
        gap = (torch.cat([predicted[:len(features)], predicted[-len(logits):]]) - found).abs().max().item()
        assert gap < 1e-5 * max(1.0, found.abs().max().item()), f"{entry['name']}: edges and direct effect differ by {gap}"


@torch.no_grad()
def write(folder: Path, model, graph, digests: dict, logits_only: bool = False) -> float:
    """`graph`: all features, on the same prompt. Returns the margin of the activations over all interventions."""
    ids = graph.input_tokens.tolist()
    tokens = torch.tensor(ids)
    logits, activations = model.get_activations(tokens)
    before = model.get_activations(tokens, apply_activation_function=False)[1]
    tensors = {"base.logits": logits[0], "base.activations": activations, "base.pre_activations": before}
    index, closest = [], 1.0  # distance of any pre-activation from its threshold, over all interventions
    for mode, frozen in modes(len(activations)).items():
        for what, interventions in choose(activations).items():
            name = f"{mode}.{what}"
            options = dict(frozen, constrained_layers=frozen["constrained_layers"] and range(*frozen["constrained_layers"]))
            as_tuples = [tuple(i) for i in interventions]
            logits, after = model.feature_intervention(tokens, as_tuples, **options)
            again, before = model.feature_intervention(tokens, as_tuples, apply_activation_function=False, **options)
            assert torch.equal(logits, again), f"{name}: recording pre-activations changed the logits"
            closest = min(closest, margins.of_activations(before, reference.thresholds(model, before)))
            tensors |= {f"{name}.logits": logits[0], f"{name}.activations": after, f"{name}.pre_activations": before}
            index.append({"name": name, **frozen, "interventions": interventions})
    check_edges(graph, tensors, index)
    if logits_only:
        tensors = {name: value[-1:] for name, value in tensors.items() if name.endswith(".logits")}
    notes = digests | {"margin:activation": f"{closest:.3g}"}
    storage.write(folder / "interventions.safetensors", {k: v.float() for k, v in tensors.items()}, notes)
    lines = ",\n  ".join(json.dumps(entry) for entry in index)
    (folder / "interventions.json").write_text(f'{{"input_tokens": {json.dumps(ids)}, "interventions": [\n  {lines}\n]}}\n')
    return closest
