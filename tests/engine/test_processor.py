"""The processor is asked before anything is loaded that takes its instructions for granted."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator

import pytest

from engine import __main__ as command_line
from engine import hardware, processor

V2 = sum(1 << bit for bit in processor._NEEDED.values())
on_x86 = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="glibc on x86-64 is what is asked"
)


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    processor.problem.cache_clear()
    yield
    processor.problem.cache_clear()


@on_x86
def test_what_it_says_of_itself_is_what_the_kernel_says() -> None:
    ecx, flags = processor._leaf_one(), hardware.processor_flags()
    assert ecx is not None
    assert flags is not None
    names = {"ssse3": 9, "cx16": 13, "sse4_1": 19, "sse4_2": 20, "popcnt": 23}
    assert {name for name, bit in names.items() if ecx >> bit & 1} == flags & set(names)


@on_x86
def test_one_that_is_too_old_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(processor, "_leaf_one", lambda: V2 & ~(1 << 20) & ~(1 << 23))
    assert command_line.main(["--version"]) == command_line.FAILURE
    said = capsys.readouterr()
    assert "lacks SSE4.2, POPCNT" in said.err
    assert said.out == ""


@on_x86
@pytest.mark.parametrize("start", ["", "--version"])
def test_the_window_program_refuses_before_qt(
    start: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.__main__ import main

    monkeypatch.setattr(processor, "_leaf_one", lambda: 0)
    monkeypatch.setattr("engine.desktop_libraries.problem", lambda: pytest.fail("it went on"))
    assert main([start] if start else []) == 1
    assert "x86-64-v2" in capsys.readouterr().err


@pytest.mark.parametrize("said", [V2, None])
def test_a_newer_one_or_one_that_cannot_beproblem_is_left_alone(
    said: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processor, "_leaf_one", lambda: said)
    assert processor.problem() is None


def test_another_kind_of_processor_is_notproblem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    monkeypatch.setattr(processor, "_leaf_one", lambda: pytest.fail("it was asked"))
    assert processor.problem() is None
