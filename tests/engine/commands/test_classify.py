"""`seedling classify` as people and as programs see it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from random_gpt import english_tokenizer, random_gpt

from engine.gpt.classifier import Classifier

Seedling = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def classifier(tmp_path: Path) -> Path:
    found = Classifier(random_gpt("qwen3"), ("ham", "spam"))
    with torch.no_grad():
        found.score.weight.normal_(0, 0.5, generator=torch.Generator().manual_seed(3))
    found.save(english_tokenizer(), tmp_path / "model", "card")
    return tmp_path / "model"


def test_a_text(seedling: Seedling, classifier: Path) -> None:
    done = seedling("classify", classifier, "--text", "Hello there")
    assert (done.returncode, done.stderr) == (0, "")
    shares = [float(line.split("%")[0]) for line in done.stdout.splitlines()]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(100, abs=0.05)


def test_a_file(seedling: Seedling, classifier: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,message\n1,one\n2,two\n")
    out = tmp_path / "out.csv"
    refused = seedling("classify", classifier, "--data", tmp_path / "in.csv", "--csv", out)
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
    done = seedling(
        "classify", classifier, "--data", tmp_path / "in.csv", "--csv", out, "--column", "message", "--json"
    )
    assert done.returncode == 0
    assert json.loads(done.stdout.splitlines()[-1])["stats"]["texts"] == 2
    assert len(out.read_text("utf-8-sig").splitlines()) == 3


def test_neither_or_both_is_wrong(seedling: Seedling, classifier: Path) -> None:
    for more in ((), ("--text", "a", "--data", "b")):
        done = seedling("classify", classifier, *more)
        assert done.returncode != 0
        assert "--text TEXT or --data FILE" in done.stderr
