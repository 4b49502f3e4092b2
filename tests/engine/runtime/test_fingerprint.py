from __future__ import annotations

import time
from pathlib import Path

import pytest

from engine.errors import EngineError
from engine.runtime.fingerprint import gguf_fingerprint, model_fingerprint

MIB = 1 << 20


def test_equal_files_have_equal_fingerprints(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(bytes(3 * MIB))
    assert gguf_fingerprint(tmp_path / "a", 100) == gguf_fingerprint(tmp_path / "b", 100)


@pytest.mark.parametrize("place", [0, 99, 100, 100 + MIB - 1, 5 * MIB - 1, 4 * MIB])
def test_a_changed_byte_at_the_edges_changes_it(tmp_path: Path, place: int) -> None:
    path, content = tmp_path / "a", bytearray(5 * MIB)
    path.write_bytes(content)
    before = gguf_fingerprint(path, 100)
    content[place] = 1
    path.write_bytes(content)
    assert gguf_fingerprint(path, 100) != before


def test_the_size_counts(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(5 * MIB))
    before = gguf_fingerprint(path, 0)
    path.write_bytes(bytes(6 * MIB))
    assert gguf_fingerprint(path, 0) != before


def test_ten_gigabytes_take_no_time(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with open(path, "wb") as file:
        file.truncate(10 << 30)
    began = time.perf_counter()
    gguf_fingerprint(path, 10 * MIB)
    assert time.perf_counter() - began < 5  # reading all of it takes longer than that


def test_every_file_of_a_folder_counts(tmp_path: Path) -> None:
    names = ("config.json", "model_config.yaml", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja")
    names += ("lit_model.pth",)
    seen = {model_fingerprint(tmp_path)}
    for name in names:
        (tmp_path / name).write_bytes(b"1")
        seen.add(model_fingerprint(tmp_path))
        (tmp_path / name).write_bytes(b"2")
        seen.add(model_fingerprint(tmp_path))
    assert len(seen) == 2 * len(names) + 1
    before = model_fingerprint(tmp_path)
    (tmp_path / "README.md").write_bytes(b"another card")
    assert model_fingerprint(tmp_path) == before


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(EngineError):
        gguf_fingerprint(tmp_path / "missing", 0)
