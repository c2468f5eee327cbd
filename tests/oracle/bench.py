"""Times circuit-tracer's attribute and prune_graph on a shipped model, and then Attograph's on the same
cores; prints one line of JSON. Attograph has to be built: cargo build --release.

    tests/oracle/run bench [--model addition] [--prompt "calc: 36+59="] [--threads 1,2] [--batch 32,64,128] [--repeats 20]

Weights are loaded before the clock starts. Each setting gets three runs of warm-up; the one with the lowest
median is reported, so that the reference is timed at its best. The machine has to be otherwise idle: with
another process on its cores, PyTorch with several threads takes tens of times longer.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import time
from pathlib import Path

import torch
from circuit_tracer.attribution.attribute import attribute
from circuit_tracer.graph import prune_graph

import reference

ROOT = Path(__file__).resolve().parents[2]


def milliseconds(model, ids: list[int], batch: int, repeats: int) -> tuple[list[float], object]:
    times = []
    for i in range(repeats + 3):
        start = time.perf_counter()
        graph = attribute(ids, model, batch_size=batch)
        prune_graph(graph, 0.8, 0.98)
        if i >= 3:
            times.append(1000 * (time.perf_counter() - start))
    return times, graph


def attograph(folder: Path, prompt: str, repeats: int) -> float:
    """Median milliseconds of a trace and its pruning by the native CPU engine."""
    binary = ROOT / "target" / "release" / "attograph"
    if not binary.exists():
        raise SystemExit(f"{binary.relative_to(ROOT)} is missing: cargo build --release")
    command = [binary, "trace", "--model", folder, "--engine", "cpu", "--repeat", str(repeats), prompt]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(next(line.split()[1] for line in text.splitlines() if line.startswith("time")))


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="addition")
    parser.add_argument("--prompt", default="calc: 36+59=", help="one of the manifest's examples")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--batch", default="32,64,128")
    parser.add_argument("--repeats", type=int, default=20)
    arguments = parser.parse_args()

    folder = ROOT / "www" / "models" / arguments.model
    ids = next((e["ids"] for e in reference.examples(folder) if e["prompt"] == arguments.prompt), None)
    if ids is None:
        raise SystemExit(f"{arguments.model}: no example prompt {arguments.prompt!r} in manifest.json")
    model = reference.load(folder, folder / "transcoder")
    runs = {}
    for threads in map(int, arguments.threads.split(",")):
        torch.set_num_threads(threads)
        for batch in map(int, arguments.batch.split(",")):
            times, graph = milliseconds(model, ids, batch, arguments.repeats)
            runs[f"{threads} threads, batch {batch}"] = times
    ours = attograph(folder, arguments.prompt, 10 * arguments.repeats)
    best = min(runs, key=lambda name: statistics.median(runs[name]))
    print(json.dumps({
        "what": "circuit-tracer attribute + prune_graph", "model": arguments.model, "prompt": arguments.prompt,
        "median_ms": round(statistics.median(runs[best]), 2), "min_ms": round(min(runs[best]), 2),
        "max_ms": round(max(runs[best]), 2), "repeats": arguments.repeats, "setting": best,
        "attograph_median_ms": ours, "times_faster": round(statistics.median(runs[best]) / ours, 1),
        "medians_ms": {name: round(statistics.median(times), 2) for name, times in runs.items()},
        "nodes": len(graph.adjacency_matrix), "features": len(graph.selected_features),
        "torch": torch.__version__, "processor": processor(), "cores": os.cpu_count(),
    }))


if __name__ == "__main__":
    main()
