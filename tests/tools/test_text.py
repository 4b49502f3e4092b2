"""The raw text of the base recipe: the same bytes as ever, and its held-out documents beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from engine.evaluation import held_out
from tools.starter import corpora, text


def test_the_text_is_the_same_everywhere_and_its_tail_lies_beside_it(data: Callable[..., Path], tmp_path: Path) -> None:
    for corpus in ("tinystories", "storybooks", "fairytales", "persona-chat", "childrens-books"):
        data(corpus)
    text.main(tmp_path / "text.txt")
    made = (tmp_path / "text.txt").read_bytes()
    assert hashlib.sha256(made).hexdigest() == "1061bcf677327bb72d510327b9766a889572ee140e776d5bc2b77b2f5c236d5a"
    assert made.endswith(text.END.encode() + (tmp_path / "held-out.txt").read_bytes())
    learnt, held = held_out.read(tmp_path)
    assert (len(learnt), len(held)) == (46_599, 110)
    assert all(corpora.held_out(document) for document in held)
    assert not set(learnt) & set(held)
