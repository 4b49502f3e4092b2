"""The models of providers in the library: listed and found without asking, refused wherever files are needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine import jobs
from engine.errors import EngineError
from engine.evaluation.jobs import TASKS
from engine.events import Event, Failed, Finished, Model
from engine.jobs import JobContext
from engine.library import models, owned
from engine.library.family import family
from engine.providers import provider_list
from engine.providers.base import Provider, RemoteModel
from engine.runtime.base import placed_adapters
from engine.training.side_by_side import fit_together

NAME = "here/qwen3:8b"


@pytest.fixture(autouse=True)
def listed() -> None:
    told = RemoteModel("here", "qwen3:8b", 4096, 8, 9, "Q4_K_M", ("chat", "tools"))
    cloud = RemoteModel("here", "big-cloud", leaves=True)
    provider_list.add(Provider("here", "ollama", "http://127.0.0.1:11434"), [told, cloud])
    embedding = RemoteModel("api", "embed", capabilities=("embedding",))
    provider_list.add(Provider("api", "openai", "https://api.openai.com/v1"), [RemoteModel("api", "gpt-5"), embedding])


def run(job: str, **params: Any) -> list[Event]:
    return list(jobs.run(jobs.find(job), params, JobContext()))


def test_they_come_last_and_are_found_by_their_names() -> None:
    names = [entry.name for entry in models.entries()]
    assert names[-4:] == [NAME, "here/big-cloud", "api/gpt-5", "api/embed"]
    entry = models.find(NAME)
    assert (entry.kind, entry.backend, entry.path, entry.origin) == ("remote", "remote", Path(NAME), "here")
    assert (entry.address, entry.problem) == (NAME, None)
    assert models.find("here/another").name == "here/another"
    assert "writes no replies" in str(models.find("api/embed").problem)
    for name in ("nobody/qwen3", "nobody"):
        with pytest.raises(EngineError):
            models.find(name)


def test_an_address_of_a_local_model_is_its_path(tiny_model: Path) -> None:
    assert models.find(tiny_model).address == str(tiny_model)


def test_the_library_tells_what_is_known_of_them() -> None:
    rows = {row.name: row for row in run("library") if isinstance(row, Model)}
    assert rows[NAME].details == {
        "origin": "here",
        "provider": "here",
        "provider_kind": "ollama",
        "address": "http://127.0.0.1:11434",
        "reach": "machine",
        "leaves": False,
        "context": 4096,
        "parameters": 8,
        "size_bytes": 9,
        "quantization": "Q4_K_M",
        "badges": ["chat", "tools"],
        "error": None,
        "freed_bytes": None,
    }
    assert (rows["here/big-cloud"].details["leaves"], rows["here/big-cloud"].details["reach"]) == (True, "machine")
    assert (rows["api/gpt-5"].details["leaves"], rows["api/gpt-5"].details["reach"]) == (True, "internet")


def test_what_leaves_is_a_problem_where_nothing_may(home: Path) -> None:
    (home / "settings.json").write_text(json.dumps({"stay_here": True}))
    problems = {entry.name: entry.problem for entry in models.entries()}
    assert problems[NAME] is None
    assert all("Nothing leaves this computer" in str(problems[name]) for name in ("here/big-cloud", "api/gpt-5"))
    for name in ("here/big-cloud", "api/gpt-5"):
        ended = run("load", model=name, backend="remote")[-1]
        assert isinstance(ended, Failed)
        assert ended.code == "provider_stays"


@pytest.mark.parametrize(
    ("job", "params"),
    [
        ("verify", {"model": NAME}),
        ("memory", {"model": NAME}),
        ("copy_model", {"path": NAME}),
        ("export", {"model": NAME, "out": "x.gguf", "to": "gguf"}),
        ("quantizations", {"model": NAME, "data": "x"}),
        ("render_template", {"model": NAME, "messages": []}),
        ("load", {"model": NAME, "backend": "llama"}),
    ],
)
def test_what_needs_files_refuses_them_in_one_sentence(job: str, params: dict[str, Any]) -> None:
    ended = run(job, **params)[-1]
    assert isinstance(ended, Failed)
    assert (ended.code, ended.data) == ("model_remote", {"name": NAME, "provider": "here"})


@pytest.mark.parametrize("task", [*TASKS])
def test_they_are_not_evaluated(task: str, tmp_path: Path) -> None:
    text = tmp_path / "text.csv"
    text.write_text("text,label\na text,one\nanother,two\n")
    params = {"model": NAME, "data": str(text), "backend": None, "seeds": 1}
    ended = list(jobs.run(TASKS[task], params, JobContext()))[-1]
    assert isinstance(ended, Failed)
    assert ended.code == "model_remote"


def test_they_are_neither_removed_renamed_deleted_nor_hidden_by_others(tiny_model: Path) -> None:
    for attempt in (
        lambda: models.remove(NAME),
        lambda: models.rename(NAME, "other"),
        lambda: owned.delete(models.find(NAME)),
        lambda: placed_adapters([(NAME, 1.0)]),
        lambda: models.describe(models.find(NAME)),
    ):
        with pytest.raises(EngineError) as caught:
            attempt()
        assert caught.value.code == "model_remote"
    with pytest.raises(EngineError) as caught:
        models.add(tiny_model, NAME)
    assert caught.value.code == "model_name_taken"


def test_they_have_no_part_in_families_and_hardly_any_memory() -> None:
    assert not [node for node in family().values() if node.name == NAME]
    assert fit_together([models.find(NAME)], available=500_000_000)
    assert not fit_together([models.find(NAME)], available=1)


def test_finished_tells_no_file_of_them() -> None:
    ended = run("library")[-1]
    assert isinstance(ended, Finished)
    assert ended.stats["models"] == 6
