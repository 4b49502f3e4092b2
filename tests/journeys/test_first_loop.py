"""The main job from the command line: text in, a model grown, killed, resumed, exported with proof, chatted with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tried_program import COMMAND

KEYS = ["steps=24", "checkpoint_every=4", "log_every=1", "evaluate_every=12", "layers=2", "width=64", "heads=2"]
KEYS += ["vocabulary=400", "context=128", "batch_size=4", "seed=3", "threads=1"]


def seedling(*arguments: object, check: bool = True) -> list[dict[str, Any]]:
    """The events of one command."""
    command = [*COMMAND, *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert not check or done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def train(text: Path, out: Path, *extra: str) -> list[str]:
    settings = [part for key in KEYS for part in ("--set", key)]
    return ["train", "--method", "pretrain", "--data", str(text), "--out", str(out), *settings, *extra]


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from conftest import DATA

    source = DATA / "raw-classics" / "the-verdict.txt"
    if not source.exists():
        pytest.skip(f"shared data not found: {source.name}")
    path = tmp_path_factory.mktemp("text") / "the-verdict.txt"
    path.write_bytes(source.read_bytes())
    return path


@pytest.fixture(scope="module")
def grown(text: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was killed in the middle and resumed."""
    run = tmp_path_factory.mktemp("runs") / "verdict"
    command = [*COMMAND, *train(text, run), "--json"]
    environment = {**os.environ, "SEEDLING_HOME": str(run.parent / "home")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line).get("event") == "Metric" and json.loads(line)["step"] >= 10:
                break
        process.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    assert not (run / "model").exists()
    events = seedling(*train(text, run, "--resume"))
    assert events[-1]["event"] == "Finished"
    assert Path(events[-1]["stats"]["model"]) == run / "model"
    return run


def test_a_killed_run_ends_as_an_uninterrupted_one(grown: Path, text: Path, tmp_path: Path) -> None:
    seedling(*train(text, tmp_path / "whole"))
    name = "model/model.safetensors"
    assert (grown / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    steps = [json.loads(line)["step"] for line in (grown / "metrics.jsonl").read_text().splitlines()]
    assert sorted(set(steps)) == list(range(1, 25))


@pytest.fixture(scope="module")
def exported(grown: Path) -> Path:
    out = grown.parent / "verdict.gguf"
    events = seedling("export", grown / "model", out, "--to", "gguf", "--quantize", "f32", "--check")
    assert events[-1]["stats"]["check"]["parity"]["max_logit_difference"] <= 1e-4
    return out


@pytest.mark.parametrize("backend", ["llama", "gpt"])
def test_both_backends_chat(grown: Path, exported: Path, backend: str) -> None:
    model = exported if backend == "llama" else grown / "model"
    options = ["--backend", backend, "--temperature", "0", "--max-tokens", "12"]
    events = seedling("chat", "I had always thought", "-m", model, *options)
    stats = events[-1]["stats"]
    assert stats["output_tokens"] > 0
    assert set(stats) >= {
        "prompt_tokens",
        "cached_tokens",
        "prompt_seconds",
        "output_seconds",
        "first_token_seconds",
        "stop",
    }


def test_both_backends_say_the_same(grown: Path, exported: Path) -> None:
    def reply(model: Path) -> str:
        events = seedling("chat", "I had always thought", "-m", model, "--temperature", "0", "--max-tokens", "20")
        return "".join(event["text"] for event in events if event["event"] == "TextDelta")

    assert reply(exported) == reply(grown / "model") != ""


def test_bad_input_is_one_sentence(data: Callable[..., Path], tmp_path: Path) -> None:
    binary = tmp_path / "binary.txt"
    binary.write_bytes(b"\x00\x01\x02" * 100)
    for path in (binary, tmp_path / "missing.txt"):
        command = [*COMMAND, *train(path, tmp_path / "run")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert path.name in done.stderr
        assert "Traceback" not in done.stderr
        assert len(done.stderr.splitlines()) <= 6
        assert not (tmp_path / "run").exists()
