"""How far every yes-or-no decision of a run is from flipping, so that float noise cannot decide a comparison.

A fixture is only worth something if another correct implementation, adding in another order, must take the
same decisions. `WANTED` is what a random case must keep; a shipped model cannot choose its weights, so
there the margins are recorded beside the results and a test can leave out what is too close to call.
"""

import sys
from contextlib import contextmanager

import torch
from circuit_tracer.graph import compute_edge_influence, compute_node_influence

WANTED = {
    "activation": 1e-4,  # |pre-activation - threshold|, absolute
    "intervention": 1e-5,  # the same during interventions
    "logit": 1e-4,  # relative gap between neighbouring probabilities, top 11
    "logit_sum": 1e-5,  # |cumulative probability - desired|
    "ranking": 1e-4,  # limited runs: relative gap between the last feature taken and the first one left
    "node_score": 1e-4, "node_sum": 1e-4,  # relative gap of scores; |cumulative share - threshold|
    "edge_score": 1e-4, "edge_sum": 5e-5,
    "order": 3e-5,  # relative gap between neighbours in the order of influence, down to a 1e-5 share
}


def check(found: dict[str, float], where: str) -> None:
    for name, value in found.items():
        wanted = WANTED[name.split("@")[0]]
        if not value > wanted:
            raise ValueError(f"{where}: margin {name} is {value:.2g}, wanted more than {wanted:.0e}; choose another seed")


def of_activations(pre_activations: torch.Tensor, thresholds: torch.Tensor) -> float:
    """[layers, positions, features] against [layers, 1, features]; position 0 takes no part."""
    return (pre_activations - thresholds)[:, 1:].abs().min().item()


def of_logits(logits: torch.Tensor, max_logits: int, desired: float) -> dict[str, float]:
    top = torch.softmax(logits.double(), -1).topk(max_logits + 1).values
    return {"logit": ((top[:-1] - top[1:]) / top[:-1]).min().item(),
            "logit_sum": (top.cumsum(0)[:-1] - desired).abs().min().item()}


def of_threshold(scores: torch.Tensor, threshold: float) -> tuple[float, float]:
    """Relative gap below the last score kept, and distance of the cumulative share from the threshold."""
    ordered = scores.flatten().double().sort(descending=True).values
    share = ordered.cumsum(0) / ordered.sum()
    last = min(int(torch.searchsorted(share, threshold)), len(share) - 1)
    gap = ((ordered[last] - ordered[last + 1]) / ordered[last]).item() if last + 1 < len(ordered) else 1.0
    return gap, (share[max(last - 1, 0):last + 1] - threshold).abs().min().item()


def of_pruning(graph, node_threshold: float, edge_threshold: float) -> dict[str, float]:
    adjacency, logits = graph.adjacency_matrix, len(graph.logit_targets)
    weights = torch.zeros(len(adjacency))
    weights[-logits:] = graph.logit_probabilities
    influence = compute_node_influence(adjacency, weights)
    found, at = {}, f"@{node_threshold}_{edge_threshold}"
    found["node_score" + at], found["node_sum" + at] = of_threshold(influence, node_threshold)

    ordered = influence.double().sort(descending=True).values
    kept = influence >= ordered[min(int(torch.searchsorted(ordered.cumsum(0) / ordered.sum(), node_threshold)), len(ordered) - 1)]
    kept[-logits - len(graph.input_tokens):] = True
    pruned = adjacency * kept[:, None] * kept[None, :]
    found["edge_score" + at], found["edge_sum" + at] = of_threshold(compute_edge_influence(pruned, weights), edge_threshold)

    above = ordered[ordered > 1e-5 * ordered.sum()]
    found["order"] = ((above[:-1] - above[1:]) / above[:-1]).min().item()
    return found


@contextmanager
def watch_ranking(features: int, max_features: int, queue: int):
    """Yields a list that receives one margin per update of the ranking in a limited run."""
    home = next(sys.modules[name] for name in ("circuit_tracer.attribution.attribute_transformerlens",
                                               "circuit_tracer.attribution.attribute")
                if hasattr(sys.modules.get(name), "compute_partial_influences"))
    original, found, taken = home.compute_partial_influences, [], torch.zeros(features, dtype=torch.bool)

    def watched(*args, **kwargs):
        result = original(*args, **kwargs)
        scores = result[:features].clone()
        scores[taken] = -1.0
        order = scores.argsort(descending=True)
        size = min(queue, max_features - int(taken.sum()))
        last, left = scores[order[size - 1]].item(), scores[order[size]].item()
        if left >= 0:
            found.append((last - left) / last if last > 0 else 0.0)
        taken[order[:size]] = True
        return result

    home.compute_partial_influences = watched
    try:
        yield found
    finally:
        home.compute_partial_influences = original
