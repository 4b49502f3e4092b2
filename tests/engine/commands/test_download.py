"""`seedling models download` from a hub on loopback, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_hub import FakeHub

from engine import paths
from engine.commands import download
from engine.events import Progress

Seedling = Callable[..., subprocess.CompletedProcess[str]]
Events = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def served(hub: FakeHub) -> FakeHub:
    starter = paths.resource("starter")
    folder = {p.name: p for p in starter.iterdir() if p.suffix in (".json", ".safetensors", ".jinja", ".md")}
    hub.add("org/tiny", folder | {"pytorch_model.bin": b"\x80", "onnx/model.onnx": b"x"})
    gguf = next(starter.glob("*.gguf"))
    hub.add("org/tiny-GGUF", {"tiny-Q8_0.gguf": gguf, "tiny-Q4_K_M.gguf": gguf, "mmproj-tiny-f16.gguf": gguf})
    return hub


def test_a_model_is_fetched_listed_and_deleted(served: FakeHub, seedling: Seedling, events: Events, home: Path) -> None:
    *progress, last = events("models", "download", "org/tiny-GGUF:q8_0")
    assert {event["event"] for event in progress} == {"Progress"}
    assert progress[-1]["done"] == progress[-1]["total"] == last["stats"]["bytes"]
    (path,) = last["stats"]["paths"]
    assert Path(path).name == "tiny-Q8_0.gguf"
    row = next(row for row in events("models", "list") if row.get("path") == path)
    assert (row["details"]["origin"], row["problem"]) == ("downloaded", None)
    assert row["details"]["freed_bytes"] == last["stats"]["bytes"]
    done = seedling("models", "remove", row["name"], "--delete", "--json")
    assert json.loads(done.stdout)["stats"]["freed_bytes"] == last["stats"]["bytes"]
    assert not (home / "hub" / "models--org--tiny-GGUF").exists()


def test_a_folder_is_what_it_takes_and_no_pickles(served: FakeHub, seedling: Seedling) -> None:
    done = seedling("models", "download", "org/tiny")
    assert (done.returncode, done.stderr) == (0, "")
    *files, end = done.stdout.splitlines()
    assert end == "On the list as tiny."
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= {Path(file).name for file in files}
    assert not {"pytorch_model.bin", "model.onnx"} & {Path(file).name for file in files}
    assert seedling("models", "remove", "tiny", "--delete").returncode == 0


def test_failures_are_one_sentence(served: FakeHub, seedling: Seedling) -> None:
    several = seedling("models", "download", "org/tiny-GGUF")
    assert several.returncode == 1
    assert several.stderr == (
        "seedling: org/tiny-GGUF holds several GGUF models: tiny-Q4_K_M.gguf, tiny-Q8_0.gguf. Choose one: REPO:FILE\n"
    )
    missing = seedling("models", "download", "org/none")
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)
    assert "org/none" in missing.stderr
    offline = seedling("models", "download", "org/tiny", HF_HUB_OFFLINE="1")
    assert "HF_HUB_OFFLINE" in offline.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_an_interrupt_pauses_and_the_same_command_goes_on(served: FakeHub, events: Events, tmp_path: Path) -> None:
    served.rate = 10e6
    served.add("org/long", {"a.bin": os.urandom(8_000_000)})
    command = [sys.executable, "-P", "-m", "engine", "models", "download", "org/long:a.bin"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while served.sent("a.bin") < 2_000_000:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "Paused. The same command goes on with it.\n")
    served.rate = None
    before = served.sent("a.bin")
    assert before < 7_000_000
    assert events("models", "download", "org/long:a.bin")[-1]["reason"] == "done"
    assert served.sent("a.bin") < 8_000_000 + 2_000_000


def test_the_line_shows_speed_and_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [10.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    show = download.Shown()
    for second in range(8):
        now[0] += 1
        show(Progress(second * 10_000_000, 1_000_000_000, "bytes", "a\x1b[2Jb.gguf"))
    said = capsys.readouterr().out.split("\r\033[K")
    assert said[1] == "0 bytes of 1.0 GB  a\ufffd[2Jb.gguf"
    assert said[-1] == "70.0 MB of 1.0 GB, 10.0 MB/s, 1:33 left  a\ufffd[2Jb.gguf"
