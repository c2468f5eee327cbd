"""Writes tests/fixtures: small random models, and what circuit-tracer computes on them and on the shipped models.

    tests/oracle/run random [--case NAME] [--find-seeds] [--out FOLDER]
    tests/oracle/run addition [--out FOLDER]
"""

import argparse
import inspect
import shutil
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import circuit_tracer
import torch
from circuit_tracer.transcoder.single_layer_transcoder import load_transcoder_set

import interventions
import margins
import models
import record
import reference

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests" / "fixtures"

CASES = [
    models.Case("clt_jump_relu", seed=1, kind="cross_layer_transcoder", activation="jump_relu", density=0.17,
                limited=dict(max_feature_nodes=37, batch_size=4, update_interval=2)),
    models.Case("plt_relu_skip", seed=1, kind="transcoder_set", activation="relu", skip=True, layers=2, width=24,
                heads=4, features=32, tied=False, unembed=1.1, prompt=[39, 11, 3, 29, 3, 0, 14],
                limited=dict(max_feature_nodes=40, batch_size=8, update_interval=1)),
    models.Case("plt_jump_relu_ln2", seed=1, kind="transcoder_set", activation="jump_relu",
                input_hook="ln2.hook_normalized", heads=4, inner=40),
    models.Case("plt_relu_skip_ln2", seed=3, kind="transcoder_set", activation="relu", skip=True,
                input_hook="ln2.hook_normalized", layers=2, prompt=[39, 1, 2, 30, 4], targets=True),
    models.Case("clt_relu_half", seed=5, kind="cross_layer_transcoder", activation="relu", half=True, layers=4,
                heads=1, density=0.12, prompt=[39, 7, 7, 33, 12]),
    models.Case("clt_silent_end", seed=3, kind="cross_layer_transcoder", activation="jump_relu", silent_end=True, layers=2,
                prompt=[39, 4, 18, 2, 9]),
    models.Case("plt_silent_end", seed=1, kind="transcoder_set", activation="relu", silent_end=True, layers=2,
                prompt=[39, 4, 18, 2, 9]),
]
# What no release of circuit-tracer computes yet: made with its source before the others on PYTHONPATH.
SOURCE = "decoderesearch/circuit-tracer, commit 8f1e243"
FROM_SOURCE = [
    models.Case("plt_top_k", seed=3, kind="transcoder_set", activation="topk", k=5),
]
SHIPPED_PROMPTS = {"addition": 3}  # how many of the manifest's examples are recorded
SHIPPED_FIRST = {"addition": "calc: 36+59="}


def about(**more) -> dict:
    try:
        tracer = version("circuit-tracer")
    except PackageNotFoundError:
        tracer = "from source"
    return {"circuit_tracer": tracer, "torch": torch.__version__.split("+")[0], "max_logits": record.MAX_LOGITS,
            "probability": record.PROBABILITY, **{k: v for k, v in more.items() if v is not None}}


def make_case(case: models.Case, out: Path) -> None:
    folder = out / case.name
    shutil.rmtree(folder, ignore_errors=True)
    models.make(case, folder)
    places = folder / "model", folder / "transcoder"
    model, digests = reference.load(*places), reference.digests(*places)

    def prepare(model) -> None:
        if case.silent_end and case.kind == "cross_layer_transcoder":
            reference.reach_the_end(model.transcoders, len(case.prompt))

    prepare(model)

    runs = {"full": dict(batch_size=32)}
    if case.limited:
        runs["limited"] = case.limited
    if case.targets:
        columns = model.unembed.W_U
        runs["given_tokens"] = dict(batch_size=32, targets=torch.tensor([3, 21]))
        runs["difference"] = dict(batch_size=32, targets=[("t3 - t21", 1.0, columns[:, 3] - columns[:, 21])])
    graphs = {}
    for name, options in runs.items():
        graphs[name], found = record.run(model, case.prompt, **options)
        graph = graphs[name]
        margins.check(found, f"{case.name}, run {name}")
        check_shape(case, graph, options)
        noise = record.rounding_noise(graph, in_double(places, case.prompt, options, prepare)) if name == "full" else {}
        shown = {k: v for k, v in options.items() if k != "targets"}
        record.write(folder / f"oracle_{name}.safetensors", graph, found, digests,
                     about(seed=case.seed, circuit_tracer=SOURCE if case in FROM_SOURCE else None, **shown, **noise))
        print(f"{case.name:20} {name:12} {len(graph.adjacency_matrix):4} nodes, {len(graph.selected_features)} of "
              f"{len(graph.active_features)} features, {len(graph.logit_targets)} logits", noise)
    if not case.silent_end:
        closest = interventions.write(folder, model, graphs["full"], digests)
        margins.check({"intervention": closest}, f"{case.name}, interventions")
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    print(f"{case.name:20} {size / 1000:.0f} kB")
    assert size < 300_000, f"{case.name}: {size} bytes is too large for a fixture"


def in_double(places, prompt: list[int], options: dict, prepare=lambda model: None):
    with record.double():
        model = reference.load(*places, dtype=torch.float64)
        prepare(model)
        return record.run(model, prompt, **options)[0]


def check_shape(case: models.Case, graph, options: dict) -> None:
    """A fixture in which nothing happens would prove nothing."""
    last = graph.active_features[graph.active_features[:, 1] == len(case.prompt) - 1]
    per_layer = torch.bincount(last[:, 0], minlength=case.layers)
    if case.silent_end:
        if len(last) > 0:
            raise ValueError(f"{case.name}: {len(last)} features fire at the last position")
    elif per_layer.min() < 2 or len(graph.active_features) < 24:
        raise ValueError(f"{case.name}: only {per_layer.tolist()} active features at the last position; choose another seed")
    if options.get("max_feature_nodes") and options["max_feature_nodes"] >= 0.8 * len(graph.active_features):
        raise ValueError(f"{case.name}: the limited run takes nearly all {len(graph.active_features)} features; choose another seed")


def find_seed(case: models.Case, out: Path) -> None:
    for seed in range(1, 400):
        try:
            make_case(replace(case, seed=seed), out)
            print(f"{case.name}: seed {seed}")
            return
        except ValueError as error:
            print(f"  seed {seed}: {error}")
    raise SystemExit(f"{case.name}: no seed keeps its margins")


def make_shipped(name: str, out: Path) -> None:
    """Outputs only: the weights live in www/models and may change, so their digests go with the results."""
    folder, out = ROOT / "www" / "models" / name, out / name
    places = folder, folder / "transcoder"
    examples = reference.examples(folder)
    examples.sort(key=lambda example: example["prompt"] != SHIPPED_FIRST[name])
    assert examples[0]["prompt"] == SHIPPED_FIRST[name], f"{name}: the manifest has no example {SHIPPED_FIRST[name]}"
    model, digests = reference.load(*places), reference.digests(*places)
    shutil.rmtree(out, ignore_errors=True)
    for i, example in reversed(list(enumerate(examples[:SHIPPED_PROMPTS[name]]))):
        graph, found = record.run(model, example["ids"], batch_size=256)
        noise = record.rounding_noise(graph, in_double(places, example["ids"], dict(batch_size=256)))
        record.write(out / f"oracle_{i}.safetensors", graph, found, digests,
                     about(prompt=example["prompt"], batch_size=256, **noise))
        close = {k: f"{v:.1e}" for k, v in found.items() if v <= margins.WANTED[k.split("@")[0]]}
        print(f"{name}: {example['prompt']}: {len(graph.adjacency_matrix)} nodes, {len(graph.selected_features)} features,"
              f" close to call: {close or 'nothing'}")
    interventions.write(out, model, graph, digests, logits_only=True)  # the first prompt's graph, made last


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["random", *SHIPPED_PROMPTS])
    parser.add_argument("--case", help="only this random case")
    parser.add_argument("--find-seeds", action="store_true", help="try seeds until every margin is kept")
    parser.add_argument("--out", type=Path, default=FIXTURES, help="where the case folders go")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print("circuit-tracer from", Path(circuit_tracer.__file__).parent)
    if arguments.what == "random":
        for case in CASES + FROM_SOURCE:
            if arguments.case not in (None, case.name):
                continue
            if case in FROM_SOURCE and "activation" not in inspect.signature(load_transcoder_set).parameters:
                print(f"{case.name}: left as it is, since this circuit-tracer reads no TopK")
                continue
            (find_seed if arguments.find_seeds else make_case)(case, arguments.out)
    else:
        make_shipped(arguments.what, arguments.out)
