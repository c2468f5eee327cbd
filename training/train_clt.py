"""Trains the cross-layer transcoder of the addition model: `python -m training.train_clt`."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from . import data, measure, tokenizer, train_lm
from .model import Gpt2
from .transcoder import Clt, FoldedClt

# How often a token is drawn, by its position in `<bos> calc : _ a + b = answer ...`. The first four tokens are the
# same in every prompt, so one look in a while is enough; `=` is where the sum is made.
CALC_WEIGHTS = [0.25, 0.25, 0.25, 0.25, 1.0, 0.5, 1.0, 4.0]
EXPLANATION_WEIGHT = 0.15
COUNTING_WEIGHT = 0.1


@dataclass
class Activations:
    """Cached tokens: inputs and outputs [n, layers, width], and how often each is to be drawn [n]."""

    inputs: Tensor
    outputs: Tensor
    weight: Tensor

    def sample(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """n tokens as [layers, n, width] each."""
        # torch.multinomial stops at 2^24 categories, far above what is cached here.
        pick = torch.multinomial(self.weight, n, replacement=True, generator=generator)
        return self.inputs[pick].transpose(0, 1), self.outputs[pick].transpose(0, 1)


@torch.no_grad()
def collect(model: Gpt2, texts: list[tuple[Tensor, Tensor]], batch: int = 500) -> Activations:
    """Runs the model over ids [n, tokens], with a weight per position [tokens]."""
    inputs, outputs, weights = [], [], []
    for ids, weight in texts:
        for part in ids.split(batch):
            seen: list[tuple[Tensor, Tensor]] = []
            model(part, seen=seen)
            inputs.append(torch.stack([m for m, _ in seen], 2).flatten(0, 1))
            outputs.append(torch.stack([o for _, o in seen], 2).flatten(0, 1))
            weights.append(weight.expand(part.shape).flatten())
    return Activations(torch.cat(inputs), torch.cat(outputs), torch.cat(weights))


def texts(corpus: data.Corpus) -> list[tuple[Tensor, Tensor]]:
    """The texts that the transcoder learns on: only what the language model was trained on too. An explanation begins
    with the bare sum, and attention looks back only, so it serves as the `calc:` prompt as well."""
    told, counted = corpus.explanation.ids, corpus.counting.ids
    weight = torch.full((told.shape[1],), EXPLANATION_WEIGHT)
    weight[: len(CALC_WEIGHTS)] = torch.tensor(CALC_WEIGHTS)
    # There are far fewer counting runs than sums: weigh them as if there were as many.
    per_run = COUNTING_WEIGHT * len(told) / len(counted)
    return [(told, weight), (counted, torch.full((counted.shape[1],), per_run))]


def schedule(step: int, steps: int, peak: float, penalty: float) -> tuple[float, float]:
    """Learning rate (falls linearly over the last 30 %) and sparsity penalty (rises linearly over the first 60 %)."""
    progress = step / steps
    return peak * min(1.0, (1 - progress) / 0.3), penalty * min(1.0, progress / 0.6)


def train(run: Path, steps: int, features: int, penalty: float, seed: int, tokens: int = 2048, peak: float = 2e-3):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = train_lm.load(run)
    tok = tokenizer.build(data.WORDS)
    corpus = data.corpus(tok)
    prompts, _ = data.sums(tok, sorted(corpus.trained + corpus.held_out))
    start = time.time()
    cache = collect(model, texts(corpus))
    clt = Clt(model.shape.layers, features, model.shape.width)
    clt.fit_scales(*cache.sample(min(20000, 4 * len(cache.weight)), generator))
    adam = torch.optim.Adam(clt.parameters(), lr=peak, betas=(0.9, 0.99))
    for step in range(steps):
        rate, weight = schedule(step, steps, peak, penalty)
        for group in adam.param_groups:
            group["lr"] = rate
        x, y = clt.normalise(*cache.sample(tokens, generator))
        acts = clt.encode(x)
        error = (clt.decode(acts) - y).square().mean((1, 2))
        loss = error.sum() + weight * clt.sparsity(acts)
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(clt.parameters(), 1.0)
        adam.step()
        if (step + 1) % 50 == 0 or step + 1 == steps:
            active = (acts > 0).sum(-1).float().mean(1)
            print(f"step {step + 1} error {rounded(error)} active {rounded(active, 1)} {time.time() - start:.0f} s",
                  flush=True)
        if (step + 1) % 250 == 0 or step + 1 == steps:
            folded = clt.folded().rounded()
            print(f"  agreement {measure.agreement(model, folded, prompts):.5f} "
                  f"{measure.fidelity(model, folded, prompts[::7])}", flush=True)
            torch.save({name: getattr(folded, name) for name in folded.NAMES}, run / "clt.pt")


def load(run: Path) -> FoldedClt:
    """The trained transcoder, in the model's own units."""
    return FoldedClt(**torch.load(run / "clt.pt"))


def rounded(values: Tensor, digits: int = 4) -> list[float]:
    return [round(v, digits) for v in values.tolist()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, default=train_lm.RUNS / "addition", help="folder with lm.pt")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--features", type=int, default=1024, help="per layer")
    parser.add_argument("--penalty", type=float, default=1.6e-3, help="weight of the sparsity penalty")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    train(options.run, options.steps, options.features, options.penalty, options.seed)


if __name__ == "__main__":
    main()
