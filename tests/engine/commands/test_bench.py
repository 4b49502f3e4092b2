"""`seedling bench` as people and as programs see it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from engine.commands import bench
from engine.events import Finished, Measured, from_json

Seedling = Callable[..., subprocess.CompletedProcess[str]]
CHAT = ("bench", "chat", "--tokens", "8", "--rounds", "2", "--threads", "1")


def test_the_table(seedling: Seedling) -> None:
    done = seedling(*CHAT)
    assert done.returncode == 0
    first, *rows, last = done.stdout.splitlines()
    assert first == "model starter, backend llama, threads 1, context 1024"
    assert [row.split()[0] for row in rows] == ["decode"] * 5 + ["prompt"] * 5 + ["first"] * 5
    assert last.startswith("The machine was ")


def test_json_says_what_the_table_says(
    events: Callable[..., list[dict[str, Any]]], capsys: pytest.CaptureFixture[str]
) -> None:
    found = [from_json(event) for event in events(*CHAT)]
    rows = [event for event in found if isinstance(event, Measured)]
    for event in found:
        bench.show(event)
    table = capsys.readouterr().out
    assert len(rows) == 15
    for row in rows:
        assert sum(line.startswith(f"{row.what:12} {row.who} ") and bench.number(row.median) in line
                   for line in table.splitlines()) == 1  # fmt: skip
        for other, ratio in row.ratios.items():
            assert f"{ratio:.2f} of {other}" in table
    end = found[-1]
    assert isinstance(end, Finished)
    assert ("was quiet" in table) is end.stats["quiet"]


@pytest.mark.parametrize(
    ("value", "text"), [(12345.6, "12,346"), (999.96, "1000"), (0.021857, "0.02186"), (12.5, "12.5")]
)
def test_numbers(value: float, text: str) -> None:
    assert bench.number(value) == text


def test_a_row() -> None:
    event = Measured("decode", "Seedling", "tokens/s", 200.04, 0.031, [1.0], {"bare loop": 0.976})
    text = "decode       Seedling                  200 tokens/s              ± 3%  0.98 of bare loop"
    assert bench.row(event) == text


@pytest.mark.parametrize(
    "arguments",
    [(), ("nothing",), ("chat", "--rounds", "0"), ("chat", "--synthetic", "q9"), ("train", "--shape", "1M")],
)
def test_wrong_usage(seedling: Seedling, arguments: tuple[str, ...]) -> None:
    done = seedling("bench", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_ends_it() -> None:
    command = [sys.executable, "-m", "engine", *CHAT, "--rounds", "1000000", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"}) as process:
        assert process.stdout is not None
        while json.loads(process.stdout.readline())["event"] != "Progress":
            pass
        process.send_signal(signal.SIGINT)
        *_, last = process.stdout.read().splitlines()
        assert json.loads(last) == {"event": "Finished", "reason": "cancelled", "stats": {}}
        assert process.wait(10) == 130
