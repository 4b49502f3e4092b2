"""`seedling models search | repo | token` against a hub on loopback."""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fake_hub import FakeHub
from memory_keyring import MemoryKeyring

from engine import hardware, jobs, keys, paths
from engine.commands import models, models_hub
from engine.errors import EngineError
from engine.hardware import Memory
from engine.library import catalogue, hub_access

STARTER = paths.resource("starter") / "starter-q8_0.gguf"


@pytest.fixture(autouse=True)
def repositories(hub: FakeHub) -> FakeHub:
    hub.add("org/small-GGUF", {"README.md": b"---\na: b\n---\n# Small\n", "s-Q8_0.gguf": STARTER},
            downloads=1234, cardData={"license": "mit", "language": ["en"]}, gguf={"total": 5_900_000})  # fmt: skip
    hub.add("org/gated", {"g-Q8_0.gguf": STARTER}, gated="manual", readers={"hf_reader"})
    hub.add("org/code", {"train.py": b""})
    return hub


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "memory_keyring.MemoryKeyring")
    keys._backend.cache_clear()
    yield
    keys._backend.cache_clear()
    MemoryKeyring.kept.clear()


def _shown(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the command prints."""
    parser = argparse.ArgumentParser()
    models.add_arguments(parser)
    args = parser.parse_args(words)
    args.context = jobs.JobContext()
    for event in models.run(args):
        models.show(event)
    return capsys.readouterr().out


def test_suggestions_say_how_to_get_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, hub: FakeHub
) -> None:
    monkeypatch.setattr(hardware, "memory", lambda: Memory(8 << 30, 8 << 30))
    text = _shown(capsys, "suggest")
    first = catalogue.suggested(8 << 30)[0]
    assert text.startswith(first.model.title)
    assert f"seedling models download {first.model.repo}:{first.quantization.upper()}\n" in text
    assert first.model.uses in text
    assert not hub.seen


def test_search_prints_a_line_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = _shown(capsys, "search", "small").splitlines()
    assert line.split() == ["org/small-GGUF", "5.9M", "mit", "1,234"]
    assert "gated" in _shown(capsys, "search", "gated")
    assert _shown(capsys, "search", "nowhere") == "Nothing was found.\n"


def test_search_passes_its_filters_on(hub: FakeHub, capsys: pytest.CaptureFixture[str]) -> None:
    _shown(capsys, "search", "x", "--kind", "gguf", "--licence", "mit", "--largest", "1.5B", "--sort", "likes")
    asked = hub.requests("/api/models")[-1].query
    assert (asked["search"], asked["sort"]) == (["x"], ["likes"])
    assert set(asked["filter"]) == {"gguf", "license:mit"}
    assert asked["num_parameters"] == ["min:0,max:1500M"]


def test_repo_prints_files_and_facts(capsys: pytest.CaptureFixture[str]) -> None:
    text = _shown(capsys, "repo", "org/small-GGUF")
    assert "licence        mit" in text
    assert "q8_0" in text
    assert "s-Q8_0.gguf" in text
    assert "fits" in text
    assert "# Small" not in text
    assert "# Small" in _shown(capsys, "repo", "org/small-GGUF", "--card")


def test_repo_says_what_is_in_the_way(hub: FakeHub, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"{hub.url}/org/gated" in _shown(capsys, "repo", "org/gated")
    assert "no weights" in _shown(capsys, "repo", "org/code")
    with pytest.raises(EngineError) as raised:
        _shown(capsys, "repo", "org/nowhere")
    assert raised.value.code == "repo_missing"


def test_a_token_comes_from_standard_input_and_opens(
    keyring: None, hub: FakeHub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("hf_reader\n"))
    assert "in the keyring" in _shown(capsys, "token", "set")
    assert list(MemoryKeyring.kept.values()) == ["hf_reader"]
    assert f"{hub.url}/org/gated" not in _shown(capsys, "repo", "org/gated")
    assert "deleted" in _shown(capsys, "token", "delete")
    assert "no token" in _shown(capsys, "token", "delete")
    assert not MemoryKeyring.kept


def test_a_token_is_no_argument(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _shown(capsys, "token", "set", "hf_reader")
    assert "hf_reader" in capsys.readouterr().err  # argparse, about the word it does not take


@pytest.mark.parametrize(("text", "count"), [("8B", 8e9), ("500m", 5e8), ("1.5 b", 1.5e9), ("7000", 7e3)])
def test_parameters_are_written_as_models_are_named(text: str, count: float) -> None:
    assert models_hub._parameters(text) == count


@pytest.mark.parametrize("text", ["", "many", "8GB", "-1B"])
def test_what_is_no_number_of_parameters(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        models_hub._parameters(text)


def test_without_a_keyring_the_token_is_not_kept(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("hf_reader\n"))
    with pytest.raises(EngineError) as raised:
        _shown(capsys, "token", "set")
    assert raised.value.code == "keyring_none"
    assert hub_access.token() is None


def test_the_command_itself(events: Callable[..., list[dict[str, Any]]]) -> None:
    found, end = events("models", "search", "small")
    assert (found["event"], found["repo"]) == ("HubRepo", "org/small-GGUF")
    assert end["stats"] == {"found": 1, "more": False}
