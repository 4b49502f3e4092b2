"""Runs as their folders tell them: states, steps, files that grow, and folders that are none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import small_run

from engine import files
from engine.errors import EngineError
from engine.phrases import Phrase
from engine.training import loop, recipe, run
from engine.training.runs import MetricsFile, SamplesFile, checkpoints, list_runs, run_info

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """A run that is done."""
    folder = tmp_path / "runs" / "first"
    asked = recipe.make(small_run.recipe(small_run.write_text(tmp_path / "text.txt")))
    list(loop.train(asked, folder, threading.Event()))
    return folder


@pytest.fixture
def training(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """A process that trains for minutes, some steps into it."""
    folder = tmp_path / "runs" / "long"
    keys = small_run.recipe(small_run.write_text(tmp_path / "text.txt"), steps=100_000, log_every=1)
    settings = [f"--set={name}={json.dumps(value)}" for name, value in keys.items() if name not in ("method", "data")]
    command = [sys.executable, "-P", "-m", "engine", "train", "--method", "pretrain", "--data", keys["data"]]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([*command, "--out", folder, *settings], stdout=subprocess.DEVNULL, env=environment)
    try:
        wait_for(lambda: run_info(folder).done >= 5 and len(checkpoints(folder)) > 1)
        yield folder, process
    finally:
        process.kill()
        process.wait()


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def change(folder: Path, **values: Any) -> None:
    info = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(info | values))


def test_a_finished_run(trained: Path) -> None:
    (found,) = list_runs(trained.parent)
    assert (found.name, found.method, found.state, found.problem) == ("first", "pretrain", "done", None)
    assert (found.done, found.steps, found.data) == (12, 12, ("text.txt",))
    assert found.best == found.scores["val_loss"] if found.scores and found.best_step == 12 else found.best is not None
    assert found.model == trained / "model"
    assert not found.resumable
    assert not run.is_held(trained)


def test_a_run_is_running_as_long_as_its_process_and_interrupted_when_it_is_killed(
    training: tuple[Path, subprocess.Popen[bytes]],
) -> None:
    folder, process = training
    (found,) = list_runs(folder.parent)
    assert (found.state, found.resumable) == ("running", False)
    with pytest.raises(EngineError) as caught:  # a second one would write into the same files
        list(loop.train(None, folder, threading.Event(), resume=True))
    assert caught.value.code == "run_in_use"
    process.kill()
    process.wait()
    found = run_info(folder)
    assert json.loads((folder / "run.json").read_text())["state"] == "running"
    assert (found.state, found.resumable) == ("interrupted", True)
    assert found.done == max(step for step, _ in checkpoints(folder)), "what a resumed run need not make again"


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("cancelled", "stopped"),
        ("paused", "paused"),
        ("early_stopping", "done"),
        ("failed", "failed"),
        ("odd", "broken"),
    ],
)
def test_states(trained: Path, said: str, state: str) -> None:
    change(trained, state=said)
    assert run_info(trained).state == state


def templates(text: str | None) -> Iterator[str]:
    """Of a phrase, and of those within it."""
    if isinstance(text, Phrase):
        yield text.template
        for value in text.values.values():
            yield from templates(value)


def test_what_is_wrong_with_a_folder_is_a_phrase(trained: Path) -> None:
    change(trained, state="odd")
    assert "its state is {state}" in templates(run_info(trained).problem)
    (trained / "run.json").write_text("{}")
    assert "it lacks {name}" in templates(run_info(trained).problem)
    (trained / "run.json").unlink()
    assert "it has no run.json" in templates(run_info(trained).problem)


def test_a_run_that_diverged_says_why(tmp_path: Path) -> None:
    keys = small_run.recipe(small_run.write_text(tmp_path / "text.txt"), optimizer="adamw", learning_rate=1e35)
    with pytest.raises(EngineError):
        list(loop.train(recipe.make(keys), tmp_path / "run", threading.Event()))
    found = run_info(tmp_path / "run")
    assert found.state == "failed"
    assert "diverged" in str(found.problem)


@pytest.mark.parametrize("name", ["run.json", "recipe.toml"])
@pytest.mark.parametrize("content", [None, b"", b"{}", b"[]", b"\xff\xfe", b'{"state": 7, "data": 3}', b"= ="])
def test_a_broken_folder_is_a_row_with_a_reason(trained: Path, name: str, content: bytes | None) -> None:
    if content is None:
        (trained / name).unlink()
    else:
        (trained / name).write_bytes(content)
    (found,) = list_runs(trained.parent)
    assert found.state == "broken"
    assert found.problem


def test_what_is_being_made_and_files_are_no_runs(trained: Path) -> None:
    (trained.parent / ".second.1-1.partial").mkdir()
    (trained.parent / "notes.txt").write_text("x")
    assert len(list_runs(trained.parent)) == 1
    assert list_runs(trained / "nowhere") == []


def test_checkpoints_are_those_that_are_whole(trained: Path) -> None:
    steps = [step for step, _ in checkpoints(trained)]
    assert steps == sorted(steps)
    assert steps[-1] == 12
    (trained / "checkpoints" / "step-00000099").mkdir()
    assert [step for step, _ in checkpoints(trained)] == steps


# --- files that grow -------------------------------------------------------------------------------------------------


def test_half_lines_wait(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    file = MetricsFile(path)
    assert file.read_new() == []
    path.write_text('{"step": 1}\n{"step": 2, "lo')
    assert file.read_new() == [{"step": 1}]
    assert file.read_new() == []
    with open(path, "a") as more:
        more.write('ss": 0.5}\nnonsense\n[]\n{"step": true}\n')
    assert file.read_new() == [{"step": 2, "loss": 0.5}]
    assert not file.began_again


@pytest.mark.parametrize("longer", [False, True])
def test_a_file_that_was_written_again_begins_again(tmp_path: Path, longer: bool) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text("".join(f'{{"step": {n}, "text": "first"}}\n' for n in range(9)))
    file = SamplesFile(path)
    assert len(file.read_new()) == 9
    again = "".join(f'{{"step": {n}, "text": "again"}}\n' for n in range(20 if longer else 4))
    files.write_bytes(path, again.encode())
    assert [row["text"] for row in file.read_new()] == ["again"] * (20 if longer else 4)
    assert file.began_again
    assert file.read_new() == []
    assert not file.began_again


def test_a_journal_resumed_at_its_end_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1}\n{"step": 2}\n')
    file = MetricsFile(path)
    file.read_new()
    journal = run.Journal(path, 2)
    journal.add(3)
    journal.close()
    assert file.read_new() == [{"step": 3}]
    assert not file.began_again


def test_needs_no_torch() -> None:
    script = "import sys; from engine.training import runs, warnings; from engine.library import family; "
    done = subprocess.run([sys.executable, "-c", script + "sys.exit('torch' in sys.modules)"], cwd=ROOT, check=False)
    assert done.returncode == 0
