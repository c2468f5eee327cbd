"""From data to a traced graph at tiny sizes: `python -m unittest training.test_smoke` (seconds).

Each model is trained for a few steps, exported, measured and traced with the command line (ATTOGRAPH_CLI names it;
without it, cargo builds and runs it)."""

import json
import os
import subprocess
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path
from unittest import mock

import torch

from . import export, folder, tasks, train_lm, train_transcoder
from .train_transcoder import Settings

ROOT = Path(__file__).resolve().parents[1]
TINY = dict(texts=24, tokens=128, moving_tokens=48)


def attograph(*arguments: str) -> str:
    command = os.environ.get("ATTOGRAPH_CLI")
    command = [command] if command else ["cargo", "run", "--quiet", "--release", "--bin", "attograph", "--"]
    done = subprocess.run([*command, *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"attograph {' '.join(arguments)}\n{done.stdout}{done.stderr}")
    return done.stdout


class Smoke(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.at = Path(temporary.name)

    def run_one(self, name: str) -> None:
        task, run, out = tasks.load(name), self.at / "run", self.at / name
        # As `training/make` does it: a run, and one that goes on from it, each with every term.
        settings = train_lm.Settings(steps=6, size=300, layers=2, width=32, aim=0.1, aim_bos=True, late=0.1,
                                     level=1.0, jitter=0.1, would=0.5, sparse_from=0.0, muon=True)
        train_lm.train(task, self.at / "first", settings)
        train_lm.train(task, run, replace(settings, steps=2, after=str(self.at / "first")))
        for kind in train_transcoder.KINDS:
            settings = Settings(steps=6, features=48, active=6.0, match=0.5, seed=0, neurons=True, **TINY)
            train_transcoder.train(task, run, run / f"first-{kind}.pt", kind, settings)
            onward = replace(settings, steps=2, match=0.0, gradients=1.0, answers=1.0, after=str(run / f"first-{kind}.pt"))
            train_transcoder.train(task, run, run / f"{kind}.pt", kind, onward)
        export.export(task, run, out, size=300)
        manifest = json.loads((out / "manifest.json").read_text())
        prompt = manifest["examples"][0]["prompt"]
        for transcoder in (folder.CROSS_LAYER, folder.PER_LAYER):
            graph = self.at / f"{transcoder}.json"
            printed = attograph("trace", prompt, "--model", str(out), "--transcoder", str(out / transcoder),
                                "--json", str(graph))
            self.assertIn("replacement", printed)
            drawn = json.loads(graph.read_text())
            self.assertEqual(drawn["metadata"]["prompt"], prompt)
            self.assertGreater(len(drawn["links"]), 10)
        attograph("evaluate", "--model", str(out), "--prompts", "2")
        measured = json.loads((out / "manifest.json").read_text())
        # The figures, and what tells prompts unlike the training texts, are written; all else stays.
        written = {"quality", "likeness"}
        self.assertEqual({k: v for k, v in measured.items() if k not in written},
                         {k: v for k, v in manifest.items() if k not in written})
        self.assertGreater(measured["likeness"]["surprise"], 0)
        self.assertGreater(len(measured["quality"]), 10)

    def test_a_transcoder_that_was_cut_off_goes_on_to_the_same_weights(self):
        task, run = tasks.load("addition"), self.at / "run"
        train_lm.train(task, run, train_lm.Settings(steps=2, size=300, layers=2, width=32))
        settings = Settings(steps=4, features=24, active=6.0, match=0.5, seed=0, neurons=True, **TINY)
        whole, cut = self.at / "whole.pt", self.at / "cut.pt"
        schedule = train_transcoder.schedule

        def until_the_third(step, *rest):
            if step == 2:
                raise KeyboardInterrupt
            return schedule(step, *rest)

        with mock.patch.object(train_transcoder, "CHECKPOINT", 2), mock.patch.object(train_transcoder, "schedule", until_the_third):
            self.assertRaises(KeyboardInterrupt, train_transcoder.train, task, run, cut, "cross-layer", settings)
        self.assertTrue(cut.with_suffix(".checkpoint").exists())
        # The report on the way draws texts too, in the cut run at its second step.
        with mock.patch.object(train_transcoder, "CHECKPOINT", 2):
            train_transcoder.train(task, run, whole, "cross-layer", settings)
            train_transcoder.train(task, run, cut, "cross-layer", settings)
        self.assertFalse(cut.with_suffix(".checkpoint").exists())
        one, other = (train_transcoder.load(each).state_dict() for each in (whole, cut))
        for name, values in one.items():
            self.assertTrue(torch.equal(values, other[name]), name)

    def test_addition(self):
        self.run_one("addition")

    def test_diagnosis(self):
        self.run_one("diagnosis")


if __name__ == "__main__":
    unittest.main()
