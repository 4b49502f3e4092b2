"""A second run over the same data prepares in a moment; over anything else it takes nothing of the first one's."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import small_run
from random_gpt import english_tokenizer

from engine import jobs, paths
from engine.events import Event, Finished, Log
from engine.gpt.tokenizer import Marks, Tokenizer
from engine.jobs import JobContext
from engine.training import kept
from engine.training import recipe as recipes
from engine.training.jobs import train
from engine.training.methods.base import Preparation
from engine.training.methods.conversations import Full
from engine.training.methods.table import METHODS
from engine.training.prepare import prepare
from engine.training.run import Run

Params = dict[str, Any]


@dataclass(frozen=True)
class Prepared:
    folder: Path
    said: tuple[str, ...]

    @property
    def data(self) -> dict[str, Any]:
        return Run.open(self.folder).info["data"]

    @property
    def made(self) -> tuple[Any, ...]:
        """All that comes from the data."""
        tokenizer = (self.folder / "tokenizer" / "tokenizer.json").read_bytes()
        return self.said, tokenizer, self.data["sha256"], self.data["split"], self.data["files"]

    @property
    def tokens(self) -> Path:
        return self.folder / "data" / "ids.npy"


@pytest.fixture
def prepared(tmp_path: Path) -> Callable[[Params], Prepared]:
    numbers = iter(range(100))

    def make(params: Params) -> Prepared:
        folder = tmp_path / f"run-{next(numbers)}"
        events = list(prepare(recipes.make(params), folder, threading.Event()))
        return Prepared(folder, tuple(event.text for event in events if isinstance(event, Log)))

    return make


def params_of(method: str, folder: Path) -> Params:
    """Data of which some rows are broken, said twice or too long, so that there is something to report."""
    params = small_run.of_method(method, folder, max_length=48 if method == "dpo" else 24)
    if method not in ("pretrain", "continue"):
        data = Path(params["data"])
        lines = data.read_text().splitlines()
        data.write_text("\n".join([*lines, '{"broken": ', lines[0], lines[1].replace("dog", "dog " * 40, 1)]))
    if method == "continue":
        params |= {"replay": str(small_run.write_text(folder / "general.txt", 50))}
    return params


@pytest.mark.parametrize("method", METHODS)
def test_the_second_run_takes_everything(method: str, tmp_path: Path, prepared: Callable[[Params], Prepared]) -> None:
    params = params_of(method, tmp_path)
    first, second = prepared(params), prepared(params)
    assert second.made == first.made
    assert bool(first.said) == (method not in ("pretrain", "continue"))
    assert second.tokens.samefile(first.tokens), "it was taken, not made again"
    names = {path.name for path in (first.folder / "data").iterdir()}
    assert {path.name for path in (second.folder / "data").iterdir()} == names


def test_the_same_data_elsewhere_is_the_same(tmp_path: Path, prepared: Callable[[Params], Prepared]) -> None:
    params = params_of("full", tmp_path)
    first = prepared(params)
    elsewhere = shutil.copy(params["data"], (tmp_path / "elsewhere").mkdir() or tmp_path / "elsewhere")
    second = prepared({**params, "data": str(elsewhere)})
    assert second.tokens.samefile(first.tokens)
    assert second.made == first.made


def test_a_run_is_whole_without_the_cache(tmp_path: Path, prepared: Callable[[Params], Prepared]) -> None:
    params = params_of("full", tmp_path)
    prepared(params)
    run = prepared(params).folder
    shutil.rmtree(paths.cache())
    end = list(jobs.run(train, {"out": str(run), "resume": True}, JobContext()))[-1]
    assert isinstance(end, Finished)
    assert end.reason == "done", end


# --- every component of the keys -------------------------------------------------------------------------------------


def other_content(params: Params, monkeypatch: pytest.MonkeyPatch) -> Params:
    data = Path(params["data"])
    data.write_text(data.read_text().replace("the cat", "a cat"))
    return params


def other_name(params: Params, monkeypatch: pytest.MonkeyPatch) -> Params:
    return {**params, "data": str(Path(params["data"]).rename(Path(params["data"]).with_name("other.jsonl")))}


def other_order(params: Params, monkeypatch: pytest.MonkeyPatch) -> Params:
    return {**params, "data": tuple(reversed(params["data"]))}


def other_tokenizer(params: Params, monkeypatch: pytest.MonkeyPatch) -> Params:
    texts = [Path(params["data"]).read_text()]
    Tokenizer.train(texts, english_tokenizer().vocabulary - 20).save(params["model"])
    return params


def other_template(params: Params, monkeypatch: pytest.MonkeyPatch) -> Params:
    settings = Path(params["model"], "tokenizer_config.json")
    found = json.loads(settings.read_text())
    (template := Path(params["model"], "chat_template.jinja")).write_text(found["chat_template"].replace("\\n", " "))
    settings.write_text(json.dumps({**found, "chat_template": template.read_text()}))
    return params


def other_replay(params: Params, monkeypatch: pytest.MonkeyPatch) -> Params:
    Path(params["replay"]).write_text("Something else entirely. " * 40)
    return params


def unique(params: Params, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.setattr(Full, "unique", True)
    return params


def other_encoder(params: Params, monkeypatch: pytest.MonkeyPatch) -> Params:
    class Fewer(Full):
        def encode(self, examples: Iterable[Any], preparation: Preparation) -> Generator[Event, None, Any]:
            return (yield from super().encode(islice(examples, 20), preparation))

    monkeypatch.setitem(METHODS, "full", Fewer())
    return params


def keys(**changed: Any) -> Callable[[Params, pytest.MonkeyPatch], Params]:
    return lambda params, monkeypatch: {**params, **changed}


def of_table(folder: Path) -> Params:
    """Rows in which it depends on what is asked for what a text and its label are."""
    params = small_run.of_method("classify", folder)
    table = folder / "table.csv"
    rows = [f"{'dog' if n % 3 else 'cat'} number {n},{'ab'[n % 2]},{'xyz'[n % 3]}" for n in range(60)]
    table.write_text("\n".join(["words,first,second", *rows]))
    return {**params, "data": str(table), "columns": ("text=words", "label=first")}


COMPONENTS: dict[str, tuple[str, Callable[[Params, pytest.MonkeyPatch], Params]]] = {
    "content": ("full", other_content),
    "name": ("full", other_name),
    "order": ("files", other_order),
    "columns": ("table", keys(columns=("text=words", "label=second"))),
    "kind": ("texts", keys(method="continue")),
    "vocabulary": ("pretrain", keys(vocabulary=290)),
    "tokenizer": ("full", other_tokenizer),
    "template": ("full", other_template),
    "max_length": ("full", keys(max_length=22)),
    "train_on": ("full", keys(train_on="all")),
    "share_of_text": ("pretrain", keys(validation_share=0.3)),
    "share_of_classes": ("classify", keys(validation_share=0.3)),
    "seed": ("classify", keys(seed=6)),
    "replay": ("continue", other_replay),
    "unique": ("full", unique),
    "encoder": ("full", other_encoder),
}


@pytest.mark.parametrize("component", COMPONENTS)
def test_what_depends_on_something_else_is_made_anew(
    component: str,
    tmp_path: Path,
    prepared: Callable[[Params], Prepared],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    base, change = COMPONENTS[component]
    if base == "table":
        params = of_table(tmp_path)
    elif base == "files":
        params = small_run.of_method("full", tmp_path)
        more = tmp_path / "more.jsonl"
        small_run.write_talks(more, 7)
        params["data"] = (params["data"], str(more))
    elif base == "texts":
        params = small_run.of_method("classify", tmp_path)
        with open(params["data"], "a", encoding="utf-8") as file:
            file.write('{"text": "a bird sang", "label": "bird"}\n')  # a label that occurs once is worth a sentence
    else:
        params = params_of(base, tmp_path)
    first = prepared(params).made
    changed = change(params, monkeypatch)
    warm = prepared(changed).made
    monkeypatch.setenv("SEEDLING_HOME", str(tmp_path / "fresh"))
    assert warm == prepared(changed).made
    assert warm != first, "the change must matter"


def test_marks_that_no_file_names_are_part_of_a_tokenizer(tmp_path: Path) -> None:
    files = Path(small_run.write_parent(tmp_path / "parent")) / "tokenizer.json"
    plain = Tokenizer.from_file(files)
    plain.save(tmp_path / "saved")
    backend = plain._plain
    begun = Tokenizer(backend, marks=Marks(begin="<|im_start|>", adds_begin=True))
    ended = Tokenizer(backend, marks=Marks(ends=(5,)))
    with_template = Tokenizer(backend, "{{ messages }}")
    found = [kept.fingerprint(one, tmp_path / "saved") for one in (plain, begun, ended, with_template)]
    assert len({json.dumps(one) for one in found}) == 4
    assert kept.fingerprint(Tokenizer.from_file(files), tmp_path / "saved") == found[0]


@pytest.mark.parametrize("method", METHODS)
def test_methods_encode_by_nothing_but_what_they_name(
    method: str, tmp_path: Path, prepared: Callable[[Params], Prepared], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: set[str] = set()

    class Watched:
        def __init__(self, recipe: Any) -> None:
            self._recipe = recipe

        def __getattr__(self, name: str) -> Any:
            looked_at.add(name)
            return getattr(self._recipe, name)

    kind = type(METHODS[method])
    encode = kind.encode

    def watched(self: Any, examples: Any, preparation: Preparation) -> Generator[Event, None, Any]:
        recipe: Any = Watched(preparation.recipe)
        return (yield from encode(self, examples, replace(preparation, recipe=recipe)))

    monkeypatch.setattr(kind, "encode", watched)
    prepared(params_of(method, tmp_path))
    assert looked_at == set(METHODS[method].encodes_by)
