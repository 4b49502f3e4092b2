"""The word list that ships is what the tool makes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.paths import resource
from tools.starter import words


def test_the_list_can_be_made_again(data: Callable[..., Path], tmp_path: Path) -> None:
    for corpus in ("tinystories", "storybooks", "fairytales", "childrens-books"):
        data(corpus)
    words.main(tmp_path / "words.txt")
    assert (tmp_path / "words.txt").read_bytes() == resource("starter/words.txt").read_bytes()
