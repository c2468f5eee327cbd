"""Times circuit-tracer's attribute and prune_graph and then Attograph's on the same cores; prints one line of JSON a case.
Attograph has to be built: cargo build --release.

    tests/oracle/run bench [--cases sum,vignette,large] [--threads 1,2] [--batch 32,64,128] [--repeats 20] [--ours]

`sum` and `vignette` are the shipped models' examples: weights are loaded before the clock starts, each setting gets three
runs of warm-up, and the one with the lowest median is reported, so that the reference is timed at its best. `large` is a
random model of the size of GPT-2 small with a per-layer transcoder, made on the spot (2 GB): a graph of 12 tokens, and how
long it takes from the files to a first graph, and at what most memory. Both compute the same rows: Attograph with `--raw`, as features that
lead to no answer have none otherwise (`attograph_connected_ms` is without them). The machine has to be otherwise idle: with another
process on its cores, PyTorch with several threads takes tens of times longer.

Each line also says which share of the cores' peak a trace reaches: the floating-point operations of one, counted while it is
computed (two a multiply-add; what that leaves out is said in kernels/src/count.rs), by the median time of one with its
pruning, over the fastest product of 1024 x 1024 by 1024 x 1024 that the same engine computes in between, or PyTorch on as many
cores before and after, whichever is faster. That of the fastest trace is told besides (`at_most`): on a machine that is not
idle the fastest of many is nearer to what the cores do than a median is. `--ours` measures that alone, without circuit-tracer.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import torch
from circuit_tracer.attribution.attribute import attribute
from circuit_tracer.graph import prune_graph

import models
import reference

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = {"sum": ("addition", "calc: 36+59="), "vignette": ("diagnosis", None)}  # None: the first example
LARGE_REPEATS = 3
SIZE = 1024  # of the product that the peak is measured by, as in src/command/arithmetic.rs


def milliseconds(model, ids: list[int], batch: int, repeats: int, warm_up: int = 3) -> tuple[list[float], object]:
    times = []
    for i in range(repeats + warm_up):
        start = time.perf_counter()
        graph = attribute(ids, model, batch_size=batch)
        prune_graph(graph, 0.8, 0.98)
        if i >= warm_up:
            times.append(1000 * (time.perf_counter() - start))
    return times, graph


def attograph(folder: Path, prompt: str, repeats: int, *more: str | Path) -> tuple[float, float, float]:
    """Of the native CPU engine: median milliseconds of a trace and its pruning, seconds of the whole process, and most memory in MB."""
    lines, seconds, most = traced(folder, prompt, repeats, *more)
    return float(lines["time"][0]), seconds, most


def all_rows(folder: Path, prompt: str, repeats: int, *more: str | Path) -> float:
    """Median milliseconds of a trace in which all that is active has its row, as circuit-tracer's, and of its pruning."""
    with tempfile.TemporaryDirectory() as made:
        return attograph(folder, prompt, repeats, *more, "--raw", Path(made) / "raw.safetensors")[0]


def traced(folder: Path, prompt: str, repeats: int, *more: str | Path) -> tuple[dict[str, list[str]], float, float]:
    """What a trace prints, each line's words by its first; seconds of the whole process, and most memory in MB."""
    binary = ROOT / "target" / "release" / "attograph"
    if not binary.exists():
        raise SystemExit(f"{binary.relative_to(ROOT)} is missing: cargo build --release")
    command = [binary, "trace", "--model", folder, "--engine", "cpu", "--repeat", str(repeats), *more, prompt]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    most = 0.0
    # Asked of the kernel while it runs: what is told at the end counts this process's own memory too.
    while process.poll() is None:
        most = max(most, resident(process.pid))
        time.sleep(0.01)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"attograph trace failed with {process.returncode}")
    lines = (line.split() for line in process.stdout.read().splitlines())
    return {first: rest for first, *rest in lines}, seconds, most


def share_of_peak(folder: Path, prompt: str, repeats: int, *more: str | Path) -> dict:
    """Which share of what the cores can do a trace reaches, and what that follows from."""
    pytorch = product_speed()
    with tempfile.TemporaryDirectory() as made:
        lines, _, _ = traced(folder, prompt, repeats, "--arithmetic", *more, "--raw", Path(made) / "raw.safetensors")
    pytorch = max(pytorch, product_speed())
    work, milliseconds, product = (float(lines[name][0]) for name in ("arithmetic", "time", "product"))
    median, fastest = (float(lines["arithmetic"][place]) for place in (2, 4))
    peak = max(product, pytorch)
    return {
        "share_of_peak": round(median / peak, 3), "share_of_peak_at_most": round(fastest / peak, 3), "trace_gflop": work,
        "trace_ms": milliseconds, "trace_gflop_per_s": median, "trace_gflop_per_s_at_most": fastest,
        "product_gflop_per_s": product, "torch_product_gflop_per_s": round(pytorch, 1),
    }


def product_speed(seconds: float = 1.0) -> float:
    """GFLOP/s of PyTorch's fastest large product on all cores within so many seconds."""
    threads = torch.get_num_threads()
    torch.set_num_threads(os.cpu_count() or 1)
    a, b, out = torch.randn(SIZE, SIZE), torch.randn(SIZE, SIZE), torch.empty(SIZE, SIZE)
    fastest, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        torch.mm(a, b, out=out)
        fastest = min(fastest, time.perf_counter() - start)
    torch.set_num_threads(threads)
    return 2 * SIZE**3 / fastest / 1e9


def resident(pid: int) -> float:
    """The most memory that a process has had so far, in MB; 0 where that is not told."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return 0.0


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def small(case: str, arguments) -> dict:
    """A shipped model's example."""
    name, prompt = SHIPPED[case]
    folder = ROOT / "www" / "models" / name
    ids = next((e["ids"] for e in reference.examples(folder) if e["prompt"] == prompt or prompt is None), None)
    prompt = prompt or reference.examples(folder)[0]["prompt"]
    if ids is None:
        raise SystemExit(f"{name}: no example prompt {prompt!r} in manifest.json")
    about = {"model": name, "prompt": prompt}
    share = share_of_peak(folder, prompt, arguments.repeats)
    if arguments.ours:
        return about | share
    model = reference.load(folder, folder / "transcoder")
    runs = {}
    for threads in arguments.threads:
        torch.set_num_threads(threads)
        for batch in arguments.batch:
            runs[f"{threads} threads, batch {batch}"], graph = milliseconds(model, ids, batch, arguments.repeats)
    ours = all_rows(folder, prompt, 10 * arguments.repeats)
    connected, _, _ = attograph(folder, prompt, 10 * arguments.repeats)
    return compared(runs, ours, connected, graph) | share | about


def compared(runs: dict[str, list[float]], ours: float, connected: float, graph) -> dict:
    best = min(runs, key=lambda name: statistics.median(runs[name]))
    return {
        "median_ms": round(statistics.median(runs[best]), 2), "min_ms": round(min(runs[best]), 2),
        "max_ms": round(max(runs[best]), 2), "setting": best,
        "attograph_median_ms": ours, "attograph_connected_ms": connected, "times_faster": round(statistics.median(runs[best]) / ours, 1),
        "medians_ms": {name: round(statistics.median(times), 2) for name, times in runs.items()},
        "nodes": len(graph.adjacency_matrix), "features": len(graph.selected_features),
    }


def large(arguments) -> dict:
    """A model of the size of GPT-2 small."""
    random = torch.Generator().manual_seed(1)
    ids = [50256, *torch.randint(0, 50256, (11,), generator=random).tolist()]
    case = models.Case("large", 1, "transcoder_set", "jump_relu", layers=12, width=768, heads=12, vocabulary=50257, context=1024,
                       features=128, density=0.08, prompt=ids)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        models.make(case, folder)
        prompt = " ".join(f"t{i}" for i in ids[1:])
        transcoder = ["--transcoder", folder / "transcoder"]
        about = {"model": "random, the size of GPT-2 small"}
        share = share_of_peak(folder / "model", prompt, LARGE_REPEATS, *transcoder)
        if arguments.ours:
            return about | share
        # What was just written lies in memory for both.
        start = time.perf_counter()
        model, _ = reference.read(folder / "model", folder / "transcoder")
        loading = time.perf_counter() - start
        threads, batch = max(arguments.threads), 64
        torch.set_num_threads(threads)
        times, graph = milliseconds(model, ids, batch, LARGE_REPEATS, warm_up=1)
        runs = {f"{threads} threads, batch {batch}": times}
        del model
        ours = all_rows(folder / "model", prompt, LARGE_REPEATS, *transcoder)
        connected, _, _ = attograph(folder / "model", prompt, LARGE_REPEATS, *transcoder)
        # Of one trace, whose own time is taken off.
        once, seconds, memory = attograph(folder / "model", prompt, 1, *transcoder)
    ours_loading = seconds - once / 1000
    return compared(runs, ours, connected, graph) | share | about | {
        "loading_s": round(loading, 2), "attograph_loading_s": round(ours_loading, 2),
        "loading_times_faster": round(loading / ours_loading, 2), "attograph_most_memory_mb": round(memory),
    }


def main() -> None:
    numbers = lambda text: [int(number) for number in text.split(",")]  # noqa: E731
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", default="sum,vignette,large", type=lambda text: text.split(","))
    parser.add_argument("--threads", default="1,2", type=numbers)
    parser.add_argument("--batch", default="32,64,128", type=numbers)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--ours", action="store_true", help="only the share of the cores' peak, without circuit-tracer")
    arguments = parser.parse_args()
    for case in arguments.cases:
        if case not in [*SHIPPED, "large"]:
            raise SystemExit(f"no case is called {case!r}; there are: {', '.join(SHIPPED)}, large")
        found = large(arguments) if case == "large" else small(case, arguments)
        what = "Attograph" if arguments.ours else "circuit-tracer attribute + prune_graph"
        print(json.dumps({"case": case, "what": what} | found | {
            "repeats": LARGE_REPEATS if case == "large" else arguments.repeats,
            "torch": torch.__version__, "processor": processor(), "cores": os.cpu_count(),
        }), flush=True)


if __name__ == "__main__":
    main()
