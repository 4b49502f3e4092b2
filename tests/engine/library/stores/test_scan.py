"""Stores of other programs: every model is found once and opened in place, and nothing in them changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import model_stores as stores
import pytest
from gguf_files import GGUF

from engine.library.stores.scan import Found, scan

Make = Callable[[str], bytes]


@pytest.fixture
def gguf(data: Callable[[str], Path]) -> Make:
    """`gguf(name)`: a tiny model that llama.cpp opens, unlike that of any other name."""
    source = data("malformed-models/gguf/valid-mini.gguf")
    return lambda name: GGUF.read(source).set("general.name", "text", name).bytes()


def found(home: Path, *folders: Path) -> list[Found]:
    return list(scan(folders, stores.system(home)))


def named(rows: list[Found]) -> dict[str, str | None]:
    assert len({row.name for row in rows}) == len(rows)
    return {row.name: row.problem for row in rows}


def test_ollama_and_the_hub(tmp_path: Path, gguf: Make) -> None:
    models = tmp_path / ".ollama/models"
    blob = stores.ollama(models, "llama3.2:3b", gguf("llama"))
    stores.ollama(models, "llama3.2:latest", gguf("llama"))
    stores.ollama(models, "someone/mine:latest", gguf("mine"))
    stores.ollama(models, "hf.co/org/repo:Q8_0", gguf("hf"))
    stores.hub(tmp_path / ".cache/huggingface/hub", "org/one", {"one-q4.gguf": gguf("one")})
    rows = found(tmp_path)
    assert named(rows) == dict.fromkeys(["hf.co/org/repo:Q8_0", "llama3.2:3b", "someone/mine:latest", "org/one"], None)
    llama = next(row for row in rows if row.name == "llama3.2:3b")
    assert llama == Found("llama3.2:3b", blob, "gguf", "ollama", len(gguf("llama")))
