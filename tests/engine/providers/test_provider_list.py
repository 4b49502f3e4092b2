"""`providers.json`: what is on it, who writes it, and what becomes of one that is damaged or newer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine import files, paths
from engine.errors import EngineError
from engine.providers import provider_list
from engine.providers.base import Provider, RemoteModel

ROOT = Path(provider_list.__file__).parents[2]
BOX = Provider("box", "ollama", "http://127.0.0.1:11434")
MODELS = (RemoteModel("box", "qwen3:8b", context=4096, capabilities=("chat",), leaves=True), RemoteModel("box", "b/c"))


def write(document: Any) -> Path:
    path = paths.home() / "providers.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def row(**more: Any) -> dict[str, Any]:
    return {"name": "box", "kind": "ollama", "address": "http://127.0.0.1:11434", "key_place": ""} | more


def test_a_provider_is_added_found_changed_and_removed() -> None:
    assert provider_list.read() == {}
    provider_list.add(BOX, MODELS)
    found = provider_list.find("box")
    assert (found.provider, found.models) == (BOX, MODELS)
    assert found.looked > 0
    elsewhere = Provider("box", "openai", "https://api.example.com/v1", "keyring")
    provider_list.replace(elsewhere)
    provider_list.set_models("box", MODELS[1:])
    assert (provider_list.find("box").provider, provider_list.find("box").models) == (elsewhere, MODELS[1:])
    provider_list.remove("box")
    assert provider_list.read() == {}


def test_names_that_are_taken_unknown_or_none() -> None:
    provider_list.add(BOX)
    before = (paths.home() / "providers.json").read_bytes()
    for name in ("BOX", "", "a/b", " a", "a\n", "x" * 41):
        with pytest.raises(EngineError) as raised:
            provider_list.add(Provider(name, "ollama", "http://localhost"))
        assert raised.value.code == ("provider_exists" if name == "BOX" else "provider_bad_name")
    for change in (
        lambda: provider_list.remove("none"),
        lambda: provider_list.set_models("none", ()),
        lambda: provider_list.replace(Provider("none", "ollama", "http://localhost")),
        lambda: provider_list.find("none"),
    ):
        with pytest.raises(EngineError, match="no server or API called none"):
            change()
    with pytest.raises(EngineError) as raised:
        provider_list.add(Provider("new", "ollama", "http://me:secret@localhost"))
    assert raised.value.code == "provider_bad_address"
    with pytest.raises(EngineError) as raised:
        provider_list.replace(Provider("box", "ollama", "HTTP://localhost/"))
    assert raised.value.code == "provider_bad_address"
    assert (paths.home() / "providers.json").read_bytes() == before


def test_what_a_newer_version_knows_survives() -> None:
    newer = row(tags=["x"], models=[{"id": "m", "context": 9, "colour": "red"}], looked=5.0)
    path = write({"version": 9, "providers": [newer, row(name="other", kind="moon")], "more": 1})
    assert [listed.models[0].context for listed in provider_list.read().values()] == [9]
    provider_list.add(Provider("new", "vllm", "http://localhost:8000"))
    document = json.loads(path.read_text())
    assert (document["version"], document["more"]) == (9, 1)
    assert [written["name"] for written in document["providers"]] == ["box", "new", "other"]
    assert document["providers"][0]["tags"] == ["x"]
    assert document["providers"][2] == row(name="other", kind="moon")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"nonsense", b"[" * 100_000, b'{"providers": 1}', b'{"providers": [1]}', b'{"providers": [{}]}',
        json.dumps({"providers": [row(address="http://me@x")]}).encode(),
        json.dumps({"providers": [row(models=[{}])]}).encode(),
        json.dumps({"providers": [row(models=3)]}).encode(),
        json.dumps({"providers": [row(looked="x")]}).encode(),
        json.dumps({"providers": [row(name="a/b")]}).encode(),
    ],
    ids=range(12),
)  # fmt: skip
def test_a_damaged_list_is_moved_aside(content: bytes, home: Path) -> None:
    (home / "providers.json").write_bytes(content)
    assert provider_list.read() == {}
    assert [path.read_bytes() for path in home.glob("providers.broken-*")] == [content]
    provider_list.add(BOX)
    assert list(provider_list.read()) == ["box"]


def test_values_of_the_wrong_kind_are_not_taken() -> None:
    write({"providers": [row(models=[{"id": "m", "context": "x", "leaves": "yes", "quantization": 4, "loaded": 1}])]})
    (model,) = provider_list.find("box").models
    assert model == RemoteModel("box", "m", leaves=True)  # what may leave is taken to


def test_names_and_numbers_of_models_that_nobody_has() -> None:
    provider_list.add(BOX, [RemoteModel("box", f"\ud800{number}") for number in range(provider_list.MOST_MODELS + 1)])
    assert provider_list.find("box").models[1].id == "\ufffd1"
    assert len(provider_list.find("box").models) == provider_list.MOST_MODELS


def test_who_waits_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_list, "PATIENCE_S", 0.05)
    with files.exclusive(paths.home() / "providers.lock", 1), pytest.raises(EngineError) as raised:
        provider_list.add(BOX)
    assert raised.value.code == "provider_list_busy"


_ADD = """
import sys
from engine.providers import provider_list
from engine.providers.base import Provider
for number in range(10):
    provider_list.add(Provider(f"{sys.argv[1]}{number}", "ollama", "http://localhost"))
"""


def test_several_processes_lose_nothing() -> None:
    writers = [subprocess.Popen([sys.executable, "-c", _ADD, who], cwd=ROOT) for who in "abc"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert len(provider_list.read()) == 30
