"""`seedling export` on a tiny model, as people and as programs see it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

Seedling = Callable[..., subprocess.CompletedProcess[str]]
Events = Callable[..., list[dict[str, Any]]]


def test_a_gguf_is_written(events: Events, tiny_model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.gguf"
    said = events("export", tiny_model, out, "--to", "gguf")
    assert [e["event"] for e in said if e["event"] in ("Finished", "Failed")] == ["Finished"]
    assert said[-1]["stats"]["size_bytes"] == out.stat().st_size
    assert out.read_bytes()[:4] == b"GGUF"
    assert list(tmp_path.iterdir()) == [out]


def test_people_read_a_table_and_a_sentence(seedling: Seedling, tiny_model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.gguf"
    done = seedling("export", tiny_model, out, "--to", "gguf", "--quantize", "q8_0", "--check")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[-1] == f"{out} is written, proven to answer like the model."
    for words in ("bits per weight", "Q8_0", "the same 256 greedy tokens", "KL divergence", "perplexity"):
        assert any(words in line for line in lines), words


def test_a_model_folder_is_written(seedling: Seedling, tiny_model: Path, tmp_path: Path) -> None:
    done = seedling("export", tiny_model, tmp_path / "out", "--to", "hf")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].endswith("is written, not checked.")
    assert (tmp_path / "out" / "model.safetensors").exists()


def test_what_cannot_be_exported_is_one_sentence(seedling: Seedling, tmp_path: Path) -> None:
    done = seedling("export", "no-such-model", tmp_path / "out.gguf", "--to", "gguf", "--json")
    assert done.returncode == 1
    assert "no-such-model" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert json.loads(done.stdout.splitlines()[-1])["event"] == "Failed"
    assert list(tmp_path.iterdir()) == []
