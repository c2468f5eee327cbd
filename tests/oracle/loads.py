"""Shows that exported folders load elsewhere as they are: the model and tokenizer with transformers' Auto classes, the
transcoders with circuit-tracer's own loaders, and that circuit-tracer then traces the first example.

    tests/oracle/run loads [FOLDER ...]      (default: every model in www/models)
"""

import json
import sys
from pathlib import Path

import torch
from circuit_tracer.attribution.attribute import attribute
from circuit_tracer.graph import compute_graph_scores
from transformers import AutoModelForCausalLM, AutoTokenizer

import reference

MODELS = Path(__file__).resolve().parents[2] / "www" / "models"
TRANSCODERS = ("transcoder", "per-layer")


def show(folder: Path) -> None:
    example = reference.examples(folder)[0]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    encoded = tokenizer(example["prompt"], return_tensors="pt")
    assert encoded["input_ids"][0].tolist() == example["ids"], f"{folder}: transformers reads other tokens"
    with torch.no_grad():
        told = model.generate(**encoded, max_new_tokens=3, do_sample=False, pad_token_id=tokenizer.bos_token_id)
        answer = int(model(**encoded).logits[0, -1].argmax())
    print(f"{folder.name}: {tokenizer.decode(told[0], skip_special_tokens=True)!r}")
    for name in TRANSCODERS:
        if not (folder / name).is_dir():
            continue
        tracer = reference.load(folder, folder / name)
        graph = attribute(example["ids"], tracer, batch_size=256, max_feature_nodes=None, max_n_logits=10,
                          desired_logit_prob=0.95)
        assert graph.logit_targets[0].vocab_idx == answer, f"{folder}/{name}: circuit-tracer finds another answer"
        replacement, completeness = compute_graph_scores(graph)
        print(f"  {name}: {len(graph.active_features)} active features, replacement {replacement:.3f}, "
              f"completeness {completeness:.3f}")


def main() -> None:
    folders = [Path(argument) for argument in sys.argv[1:]]
    for folder in folders or [MODELS / name for name in json.loads((MODELS / "index.json").read_text())["models"]]:
        show(folder)


if __name__ == "__main__":
    main()
