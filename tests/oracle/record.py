"""Runs circuit-tracer's attribution, pruning and scores, and writes one oracle_<run>.safetensors."""

from contextlib import contextmanager
from copy import copy
from pathlib import Path

import torch
from circuit_tracer.attribution.attribute import attribute
from circuit_tracer.graph import compute_graph_scores, prune_graph

import margins
import reference
import storage

THRESHOLDS = ((0.8, 0.98), (0.6, 0.9))
ALL = (1.0, 1.0)  # what rounding makes of it: circuit-tracer adds the shares up in float32
MAX_LOGITS, PROBABILITY = 10, 0.95
LARGEST_SQUARE = 500_000  # bytes; a larger adjacency is stored without its zero rows


def run(model, ids: list[int], *, batch_size: int, max_feature_nodes: int | None = None, update_interval: int = 4,
        targets=None):
    """The graph, and the margins of the decisions that led to it."""
    options = dict(batch_size=batch_size, max_feature_nodes=max_feature_nodes, update_interval=update_interval,
                   max_n_logits=MAX_LOGITS, desired_logit_prob=PROBABILITY, attribution_targets=targets)
    with torch.no_grad():
        logits, before = model.get_activations(torch.tensor(ids), apply_activation_function=False)
        after = model.get_activations(torch.tensor(ids))[1]
    found = {"activation": margins.of_activations(before, reference.thresholds(model, before))}
    if targets is None:
        found |= margins.of_logits(logits[0, -1], MAX_LOGITS, PROBABILITY)
    active = int((after != 0).sum())
    if max_feature_nodes is not None and max_feature_nodes < active:
        with margins.watch_ranking(active, max_feature_nodes, update_interval * batch_size) as ranking:
            graph = attribute(ids, model, **options)
        found["ranking"] = min(ranking)
    else:
        graph = attribute(ids, model, **options)
    for pair in THRESHOLDS:
        found |= margins.of_pruning(graph, *pair)
    return graph, found


def write(path: Path, graph, found: dict, digests: dict, about: dict) -> None:
    tensors, notes = tensors_of(graph)
    notes |= digests | {f"margin:{k}": f"{v:.3g}" for k, v in found.items()} | {k: str(v) for k, v in about.items()}
    storage.write(path, tensors, notes)


def tensors_of(graph) -> tuple[dict, dict]:
    """Everything that a comparison needs, by name; shapes are in README.md."""
    adjacency = graph.adjacency_matrix.float()
    nodes, features, logits = len(adjacency), len(graph.selected_features), len(graph.logit_targets)
    tensors = {
        "features": graph.active_features[graph.selected_features].int(),
        "activations": graph.activation_values[graph.selected_features].float(),
        "logit_tokens": torch.tensor([target.vocab_idx for target in graph.logit_targets], dtype=torch.int32),
        "logit_probabilities": graph.logit_probabilities.float(),
        "input_tokens": graph.input_tokens.int(),
    }
    if adjacency.nbytes <= LARGEST_SQUARE:
        tensors["adjacency"] = adjacency
    else:
        assert not adjacency[features:nodes - logits].any(), "an error or token node has an input"
        tensors["adjacency_rows"] = torch.cat([adjacency[:features], adjacency[-logits:]])
    for node_threshold, edge_threshold in (*THRESHOLDS, ALL):
        pruned = prune_graph(graph, node_threshold, edge_threshold)
        at = f"{node_threshold}_{edge_threshold}"
        tensors[f"node_mask_{at}"] = pruned.node_mask.to(torch.uint8)
        tensors[f"edge_mask_{at}"] = pruned.edge_mask.to(torch.uint8)
        tensors[f"pruned_scores_{at}"] = torch.tensor(compute_graph_scores(without(graph, pruned)))
        tensors["influence"] = pruned.cumulative_scores.float()
    replacement, completeness = compute_graph_scores(graph)
    tensors["replacement"] = torch.tensor([replacement])
    tensors["completeness"] = torch.tensor([completeness])
    return tensors, {"active_features": str(len(graph.active_features))}


def without(graph, pruned):
    """The graph that is left: as large, with zeros for the edges that were pruned."""
    left = copy(graph)
    left.adjacency_matrix = graph.adjacency_matrix * pruned.edge_mask * pruned.node_mask * pruned.node_mask[:, None]
    return left


@contextmanager
def double():
    """circuit-tracer makes its buffers in the default dtype."""
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


def rounding_noise(graph, exact) -> dict[str, float]:
    """How far float32 is from float64 on the same weights: the least that a comparison must allow."""
    small, large = graph.adjacency_matrix.double(), exact.adjacency_matrix.double()
    assert small.shape == large.shape, "float64 finds another graph"
    scale = large.abs().amax(dim=1, keepdim=True).clamp(min=1e-30)
    scores = torch.tensor(compute_graph_scores(graph))
    with double():
        true = torch.tensor(compute_graph_scores(exact))
    return {"noise:edge_over_largest_of_row": ((small - large).abs() / scale).max().item(),
            "noise:scores": (scores - true).abs().max().item()}
