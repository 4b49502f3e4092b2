"""The helper that watches llama.cpp die must see it die."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import llama_child


def test_death_is_seen_and_the_next_file_still_opened(data: Callable[[str], Path], tmp_path: Path) -> None:
    good, deadly, missing = data("malformed-models/gguf/valid-mini.gguf"), Path(llama_child.ABORT), tmp_path / "no.gguf"
    found = llama_child.outcomes([missing, deadly, good])
    assert found == {missing: "not_found", deadly: "died: -6", good: "wrote 5"}


def test_a_child_that_takes_too_long_is_killed(data: Callable[[str], Path]) -> None:
    good = data("malformed-models/gguf/valid-mini.gguf")
    assert llama_child.outcomes([good], timeout_s=0.01)[good].startswith("died: -")
