"""What a training run asks of the machine it runs on."""

from __future__ import annotations

import platform
import sys

import pytest
import torch

from engine.training import machine


@pytest.mark.skipif(sys.platform != "linux" or platform.libc_ver()[0] != "glibc", reason="only glibc hands memory back")
def test_memory_is_kept_from_step_to_step_and_then_handed_back() -> None:
    import resource

    torch.set_num_threads(1)

    def fetched() -> int:
        """Pages the system gave for ten steps that each fill 16 MB (4,096 pages) and free them."""
        for _ in range(10):
            torch.ones(2**22)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(10):
            torch.ones(2**22)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    with machine.kept_memory():
        kept = fetched()
    assert kept < 4096
    with machine.kept_memory(sparing=True):
        assert fetched() > 8 * 4096
    assert fetched() > 8 * 4096
