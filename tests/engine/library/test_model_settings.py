"""How models are opened: kept by name, checked, and following their models."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from engine import paths
from engine.errors import EngineError
from engine.library import model_settings, models
from engine.library.model_settings import ModelSettings

ALL = ModelSettings(
    context=2048, gpu_layers=-1, threads=2, batch=64, cache_type="q8_0", flash_attention=True, mmap=False, mlock=True,
    speculation="draft", draft_model="/tiny.gguf", adapters=(("/a.gguf", 1.0), ("/b.gguf", 0.5)), template="{{ x }}",
)  # fmt: skip


def test_settings_come_back_as_they_were() -> None:
    assert model_settings.load("a") == ModelSettings()
    model_settings.save("a", ALL)
    assert model_settings.load("a") == ALL
    model_settings.save("a", ModelSettings(mmap=False))
    assert model_settings.load("a") == ModelSettings(mmap=False)
    model_settings.save("a", ModelSettings())
    assert "a" not in (paths.home() / "model_settings.json").read_text()


def test_options_are_those_that_are_set() -> None:
    assert ModelSettings().options() == {}
    assert ModelSettings(context=64, mmap=False, template="x").options() == {
        "context": 64,
        "mmap": False,
        "template": "x",
    }
    assert set(ALL.options("gpt")) == {"context", "threads", "template"}
    assert ALL.options()["adapters"] == (("/a.gguf", 1.0), ("/b.gguf", 0.5))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("context", 0),
        ("context", True),
        ("threads", 1.5),
        ("gpu_layers", -2),
        ("batch", "many"),
        ("cache_type", "q9"),
        ("flash_attention", 1),
        ("mlock", "yes"),
        ("speculation", "magic"),
        ("draft_model", ""),
        ("adapters", (("/a.gguf",),)),
        ("adapters", (("/a.gguf", float("nan")),)),
        ("adapters", ((7, 1.0),)),
        ("adapters", [["/a.gguf", 1.0]]),
        ("template", 7),
        ("template", "x" * (2**20 + 1)),
    ],
)
def test_values_that_cannot_be(name: str, value: Any, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(EngineError) as caught:
        ModelSettings(**{name: value})
    assert caught.value.code == "bad_option"
    if name == "adapters" and isinstance(value, list):
        return  # JSON has no tuples
    kept = {"a": {name: value, "seen": 3, "batch" if name != "batch" else "threads": 32}}
    (paths.home() / "model_settings.json").write_text(json.dumps({"models": kept}))
    with caplog.at_level("WARNING"):
        assert set(model_settings.load("a").options().values()) == {32}
    assert name in caplog.text or "strength" in caplog.text


def test_keys_of_newer_versions_survive() -> None:
    path = paths.home() / "model_settings.json"
    path.write_text('{"version": 9, "models": {"a": {"context": 64, "rope": "new"}, "b": {"x": 1}}}')
    model_settings.save("a", ModelSettings(threads=3))
    assert json.loads(path.read_text()) == {"version": 9, "models": {"a": {"rope": "new", "threads": 3}, "b": {"x": 1}}}


@pytest.mark.parametrize("content", [b"", b"[]", b'{"models": 7}', b'{"models": {"a": 7}}', b"\xff", b"[" * 100_000])
def test_damaged_settings_are_moved_aside(content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path = paths.home() / "model_settings.json"
    path.write_bytes(content)
    with caplog.at_level("WARNING"):
        assert model_settings.load("a") == ModelSettings()
    assert [file.read_bytes() for file in paths.home().glob("model_settings.broken-*.json")] == [content]
    model_settings.save("a", ALL)
    assert model_settings.load("a") == ALL


def test_settings_follow_a_model(data: Callable[[str], Path]) -> None:
    models.add(data("malformed-models/gguf/valid-mini.gguf"), "tiny")
    model_settings.save("tiny", ModelSettings(context=64))
    model_settings.save("large", ALL)
    models.rename("tiny", "small")
    assert model_settings.load("small") == ModelSettings(context=64)
    assert model_settings.load("tiny") == ModelSettings()
    model_settings.duplicate("large", "small")
    assert model_settings.load("small") == model_settings.load("large")
    models.remove("small")
    assert model_settings.load("small") == ModelSettings()


def test_paths_in_settings_follow_a_folder_that_moved(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    wanted = ModelSettings(draft_model=str(old / "draft.gguf"), adapters=((str(old / "a.gguf"), 0.5), ("/b", 1.0)))
    model_settings.save("a", wanted)
    models.relocated(old, new)
    moved = model_settings.load("a")
    assert moved.draft_model == str(new / "draft.gguf")
    assert moved.adapters == ((str(new / "a.gguf"), 0.5), ("/b", 1.0))


def test_they_are_the_options_of_the_runtime() -> None:
    from engine.runtime import llama_options

    assert model_settings.CACHE_TYPES == llama_options.CACHE_TYPES
    assert model_settings.SPECULATIONS == llama_options.SPECULATIONS
    ours = {field.name for field in fields(ModelSettings)}
    assert ours == {field.name for field in fields(llama_options.LlamaOptions)} | {"template"}
    options = ALL.options()
    del options["template"]
    assert llama_options.LlamaOptions(**options).batch == 64
