"""What is dropped is told by its content: a model is added, anything else is data."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.library.dropped import is_model, sort_out
from engine.library import models

STARTER = models.resolve("starter").path


def copied(folder: Path, name: str) -> Path:
    return Path(shutil.copyfile(STARTER, folder / name))


def written(folder: Path, name: str, content: bytes = b"") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


MODELS: dict[str, Callable[[Path], Path]] = {
    "GGUF": lambda folder: copied(folder, "a.gguf"),
    "GGUF by another name": lambda folder: copied(folder, "sha256-abc"),
    "broken GGUF": lambda folder: written(folder, "b.gguf", b"no model at all"),
    "weights alone": lambda folder: written(folder, "c.safetensors", b"\x02\0\0\0\0\0\0\0{}"),
    "model folder": lambda _: STARTER.parent,
    "adapter": lambda folder: written(folder, "adapter/adapter_config.json", b"{}").parent,
    "folder of one GGUF": lambda folder: written(folder, "one/a.gguf", STARTER.read_bytes()[:4096]).parent,
}
DATA: dict[str, Callable[[Path], Path]] = {
    "JSON lines": lambda folder: written(folder, "a.jsonl", b'{"text": "hello"}\n'),
    "text": lambda folder: written(folder, "a.txt", b"hello"),
    "empty file": lambda folder: written(folder, "a.txt"),
    "packed data": lambda folder: written(folder, "a.zip", b"PK\x03\x04 and so on"),
    "folder of texts": lambda folder: written(folder, "texts/a.txt", b"hello").parent,
    "nothing": lambda folder: folder / "gone.jsonl",
}


@pytest.mark.parametrize("kind", MODELS)
def test_a_model(kind: str, tmp_path: Path) -> None:
    assert is_model(MODELS[kind](tmp_path))


@pytest.mark.parametrize("kind", DATA)
def test_data(kind: str, tmp_path: Path) -> None:
    assert not is_model(DATA[kind](tmp_path))


def test_what_comes_together_is_sorted_out(tmp_path: Path) -> None:
    model, data = MODELS["GGUF"](tmp_path), DATA["text"](tmp_path)
    assert sort_out([data, model]) == ([model], [data])
