"""`seedling train` as a person and a program call it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import small_run

ROOT = Path(__file__).resolve().parents[3]


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "engine", "train", *map(str, arguments)]


def seedling(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command(*arguments), capture_output=True, text=True, cwd=ROOT, env=environment, check=False)


def settings(**values: object) -> list[str]:
    return [part for key, value in values.items() for part in ("--set", f"{key}={value}")]


SMALL = settings(layers=1, width=32, vocabulary=300, max_length=16, batch_size=2, steps=3, threads=1)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    return small_run.write_text(tmp_path / "text.txt", 100)


def test_json_lines_and_resume(text: Path, tmp_path: Path) -> None:
    arguments = ["--method", "pretrain", "--data", text, "--out", tmp_path / "run", *SMALL]
    done = seedling(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events if event["event"] not in ("Progress", "Sample")] == [
        "Fit", "Started", "Metric", "Metric", "Metric", "Finished",
    ]  # fmt: skip
    assert {"run", "model", "best_val_loss"} <= set(events[-1]["stats"])
    again = seedling(*arguments)
    assert again.returncode == 1
    assert "--resume" in again.stderr
    assert len(again.stderr.splitlines()) <= 6
    resumed = seedling("--out", tmp_path / "run", "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert str(tmp_path / "run" / "model") in resumed.stdout


def test_for_people(text: Path, tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(f'method = "pretrain"\ndata = "{text.name}"\n')
    done = seedling(tmp_path / "r.toml", *SMALL)
    assert done.returncode == 0, done.stderr
    assert "parameters" in done.stdout
    assert "step      3" in done.stdout
    assert "Finished (done), best held-back loss" in done.stdout


def test_fit_says_what_a_run_would_take_and_begins_none(text: Path, tmp_path: Path) -> None:
    done = seedling("--method", "pretrain", "--data", text, "--out", tmp_path / "run", "--fit", *SMALL)
    assert done.returncode == 0, done.stderr
    for said in ("Memory: ", "Disk: ", "Time: about ", "recompute = False: there is room to keep everything"):
        assert said in done.stdout
    assert "\nstep " not in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == [text.name]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--method", "pretrain", "--data", "none.txt"], 1, "none.txt"),
        (["--method", "pretrain", "--data", "a.txt", "--set", "stepz=3"], 1, "steps?"),
        (["--method", "pretrain", "--data", "a.txt", "--set", "steps"], 1, "key=value"),
        (["--method", "pretrain"], 1, "data"),
        (["none.toml"], 1, "none.toml"),
        (["--resume"], 2, "--out"),
        (["--out", "run", "--resume", "--fit"], 2, "--fit"),
        ([], 2, "--method"),
    ],
)
def test_what_is_wrong_is_one_sentence(arguments: list[str], code: int, said: str) -> None:
    done = seedling(*arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_help_names_every_key() -> None:
    done = seedling("--help")
    assert done.returncode == 0
    assert "learning_rate" in done.stdout
    assert "lora.rank" in done.stdout


def test_defaults_are_explained(text: Path, tmp_path: Path) -> None:
    done = seedling("--method", "pretrain", "--data", text, "--out", tmp_path / "run", *SMALL, "--explain")
    assert done.returncode == 0, done.stderr
    assert "optimizer = muon: fresh matrices learn faster with it" in done.stdout
    assert "\nsteps = " not in done.stdout, "it was given"


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal")
def test_ctrl_c_leaves_a_run_to_go_on_with(text: Path, tmp_path: Path) -> None:
    arguments = ["--method", "pretrain", "--data", text, "--out", tmp_path / "run", *SMALL, *settings(steps=100_000)]
    with subprocess.Popen(command(*arguments), stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("step"):
                break
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        rest = process.stdout.read()
        assert process.wait(60) == 130
        assert time.monotonic() - began < 30
    assert "Finished (cancelled)" in rest
    assert f"--resume --out {tmp_path / 'run'}" in rest
    assert (tmp_path / "run" / "model" / "model.safetensors").exists()
