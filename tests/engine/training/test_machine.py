"""What a training run asks of the machine it runs on."""

from __future__ import annotations

import platform
import subprocess
import sys
import textwrap

import pytest

from engine.training import machine

_STEPS = textwrap.dedent("""
    import psutil, resource, sys, torch
    from engine.training import machine

    def step():
        [torch.ones(numbers) for numbers in (2**22, 2**22, 2**24)]  # 96 MB, freed together

    torch.set_num_threads(1)
    with machine.kept_memory(sparing=len(sys.argv) > 1):
        for _ in range(10):
            step()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(10):
            step()
        fetched = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
        held = psutil.Process().memory_info().rss
    print(fetched, held - psutil.Process().memory_info().rss)
""")


def steps(*how: str) -> tuple[int, int]:
    """In a process of its own: pages fetched from the system in ten steps, and bytes handed back after them."""
    done = subprocess.run([sys.executable, "-c", _STEPS, *how], capture_output=True, text=True, check=True)
    fetched, handed_back = map(int, done.stdout.split())
    return fetched, handed_back


@pytest.mark.skipif(sys.platform != "linux" or platform.libc_ver()[0] != "glibc", reason="only glibc hands memory back")
def test_memory_is_kept_from_step_to_step_and_then_handed_back() -> None:
    fetched, handed_back = steps()
    assert fetched < 245_760 / 8, "ten steps of 96 MB touch 245,760 pages of 4 KB"
    assert handed_back > 32 * 2**20
    fetched, handed_back = steps("sparing")
    assert fetched > 245_760 / 4
    assert handed_back < 32 * 2**20


def test_a_compiler_is_found_by_name_or_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", sys.executable)
    assert machine.has_compiler()
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert not machine.has_compiler()
    monkeypatch.delenv("CXX")
    monkeypatch.setenv("PATH", "")
    assert not machine.has_compiler()


def test_the_frozen_program_has_no_headers_to_compile_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", sys.executable)
    monkeypatch.setattr("sys.frozen", True, raising=False)
    assert not machine.has_compiler()
