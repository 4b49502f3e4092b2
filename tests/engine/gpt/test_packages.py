"""Models packed for Ollama, as a llamafile and for servers: what is in the package does what the model does."""

from __future__ import annotations

import subprocess
import sys
import threading
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from random_gpt import english_tokenizer, random_gpt
from small_run import of_method

from engine import jobs
from engine.events import Event, Failed, Finished
from engine.gpt import gguf_import, hf
from engine.gpt.packages import tag_of
from engine.jobs import JobContext
from engine.training import recipe as recipes
from engine.training.loop import train

SCRIPT = b"#!/bin/sh\necho running\nexit 0\n"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.set_num_threads(1)
    hf.save(random_gpt("qwen3"), english_tokenizer(), tmp_path / "My Model")
    return tmp_path / "My Model"


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    """A program with a ZIP at its end, as llamafile's is."""
    path = tmp_path / "runner"
    path.write_bytes(SCRIPT)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("its-own.txt", "of the runner")
    path.chmod(0o755)
    return path


def export(model: Path, out: Path, to: str, **more: Any) -> Event:
    return list(jobs.run(jobs.find("export"), {"model": str(model), "out": str(out), "to": to, **more}, JobContext()))[
        -1
    ]


def same_logits(one: Any, other: Any) -> bool:
    ids = torch.arange(12).view(1, -1)
    with torch.no_grad():
        return torch.allclose(one(ids), other(ids), atol=1e-5)


# --- Ollama ----------------------------------------------------------------------------------------------------------


def test_a_folder_for_ollama(model: Path, tmp_path: Path) -> None:
    ending = export(model, tmp_path / "out", "ollama", quantize="f32")
    assert isinstance(ending, Finished), ending
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["Modelfile", "README.md", "my-model-f32.gguf"]
    assert (tmp_path / "out" / "Modelfile").read_text().startswith("FROM ./my-model-f32.gguf\n")
    assert "ollama create my-model -f Modelfile" in (tmp_path / "out" / "README.md").read_text()
    found, _ = gguf_import.load(tmp_path / "out" / "my-model-f32.gguf")
    assert same_logits(found, hf.load(model))


@pytest.mark.parametrize("to", ["ollama", "vllm"])
def test_a_folder_that_holds_something_is_left_alone(model: Path, tmp_path: Path, to: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "precious.txt").write_text("mine")
    ending = export(model, tmp_path / "out", to)
    assert isinstance(ending, Failed)
    assert ending.code == "folder_not_empty"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["precious.txt"]


@pytest.mark.parametrize("name", ["My Model", "Ünï (2)", "...", "a/b"])
def test_names_that_others_take(name: str) -> None:
    tag = tag_of(name)
    assert tag
    assert all(each.isascii() and (each.islower() or each.isdigit() or each in "-.") for each in tag)


# --- llamafile -------------------------------------------------------------------------------------------------------


def test_a_llamafile_is_the_runner_with_the_model_inside(model: Path, runner: Path, tmp_path: Path) -> None:
    out = tmp_path / "my.llamafile"
    ending = export(model, out, "llamafile", quantize="f32", runner=str(runner))
    assert isinstance(ending, Finished), ending
    assert out.read_bytes().startswith(SCRIPT)
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == [".args", "its-own.txt", "my-model-f32.gguf"]
        assert archive.read(".args") == b"-m\nmy-model-f32.gguf\n...\n"
        inside = archive.getinfo("my-model-f32.gguf")
        assert inside.compress_type == zipfile.ZIP_STORED
        (tmp_path / "taken.gguf").write_bytes(archive.read(inside))
    start = out.read_bytes().find(b"GGUF\x03")
    assert start % 65536 == 0  # where it can be mapped into memory
    assert same_logits(gguf_import.load(tmp_path / "taken.gguf")[0], hf.load(model))
    if sys.platform != "win32":
        assert subprocess.run([out], capture_output=True).stdout == b"running\n"
    assert {path.name for path in tmp_path.iterdir()} == {"My Model", "runner", "my.llamafile", "taken.gguf"}


def test_what_is_not_the_runner_is_refused(model: Path, tmp_path: Path) -> None:
    (tmp_path / "script").write_bytes(SCRIPT)
    for runner in ("script", "missing"):
        ending = export(model, tmp_path / "out", "llamafile", runner=str(tmp_path / runner))
        assert isinstance(ending, Failed)
        assert ending.code == "no_runner"
    ending = export(model, tmp_path / "out", "llamafile")
    assert isinstance(ending, Failed)
    assert "--runner" in ending.data["reason"]
    assert not (tmp_path / "out").exists()


def test_a_file_of_another_kind_is_not_replaced(model: Path, runner: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("precious")
    ending = export(model, tmp_path / "out", "llamafile", runner=str(runner))
    assert isinstance(ending, Failed)
    assert (tmp_path / "out").read_text() == "precious"


# --- servers and several cards ---------------------------------------------------------------------------------------


def test_a_folder_for_servers(model: Path, tmp_path: Path) -> None:
    assert isinstance(export(model, tmp_path / "out", "vllm"), Finished)
    assert same_logits(hf.load(tmp_path / "out" / "model"), hf.load(model))
    text = (tmp_path / "out" / "README.md").read_text()
    assert "vllm serve ./model --served-model-name my-model" in text
    assert "torchrun" not in text  # nothing is known of how it was trained


def test_the_recipe_of_a_run_trains_on_several_cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    keys = of_method("lora", tmp_path, steps=4, batch_size=8, evaluate_every=2, checkpoint_every=4)
    list(train(recipes.make(keys), tmp_path / "run", threading.Event()))
    assert isinstance(export(tmp_path / "run", tmp_path / "out", "vllm", cards=4), Finished)
    recipe = tomllib.loads((tmp_path / "out" / "recipe.toml").read_text())
    assert (recipe["accumulation"], recipe["batch_size"]) == (4, 2)  # a step holds the same 8 items
    assert (recipe["data"], recipe["model"]) == (["data/data.jsonl"], "parent")
    assert not {"out", "threads"} & set(recipe)
    assert "torchrun --nproc-per-node 4 -m engine train recipe.toml" in (tmp_path / "out" / "README.md").read_text()
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "out").rename(elsewhere)  # another machine: nothing of this one is there
    for name in ("data.jsonl", "parent", "run"):
        (tmp_path / name).rename(tmp_path / f"gone {name}")
    values = recipes.read(elsewhere / "recipe.toml") | {"threads": 1}
    ending = list(train(recipes.make(values), tmp_path / "again", threading.Event()))[-1]
    assert isinstance(ending, Finished)
    assert ending.reason == "done"
