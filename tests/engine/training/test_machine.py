"""What a training run asks of the machine it runs on."""

from __future__ import annotations

import platform
import subprocess
import sys
import textwrap

import pytest

from engine.training import machine

_STEPS = textwrap.dedent("""
    import resource, torch
    from engine.training import machine

    def fetched():
        '''Pages the system gave for ten steps that each fill 16 MB (4,096 pages) and free them.'''
        for _ in range(10):
            torch.ones(2**22)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(10):
            torch.ones(2**22)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    torch.set_num_threads(1)
    with machine.kept_memory():
        kept = fetched()
    print(kept, fetched())
""")


@pytest.mark.skipif(sys.platform != "linux" or platform.libc_ver()[0] != "glibc", reason="only glibc hands memory back")
def test_memory_is_kept_from_step_to_step_and_then_handed_back() -> None:
    """In a process of its own, whose heap nothing else has filled."""
    done = subprocess.run([sys.executable, "-c", _STEPS], capture_output=True, text=True, check=True)
    kept, handed_back = map(int, done.stdout.split())
    assert kept < 4096
    assert handed_back > 8 * 4096


def test_a_compiler_is_found_by_name_or_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", sys.executable)
    assert machine.has_compiler()
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert not machine.has_compiler()
    monkeypatch.delenv("CXX")
    monkeypatch.setenv("PATH", "")
    assert not machine.has_compiler()
