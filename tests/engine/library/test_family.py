"""Who came from whom, from real runs and adapters, and from files that lie about it."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
import small_run

from engine.library.family import Family, ancestors, descendants, family, key_of
from engine.library.models import ModelEntry
from engine.training import loop, recipe

Line = dict[str, Path]


def train(folder: Path, **keys: Any) -> Path:
    list(loop.train(recipe.make(keys), folder, threading.Event()))
    return folder


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Line:
    """A base, a model finetuned from it, an adapter to that, and a second child of the base."""
    place = tmp_path_factory.mktemp("family")
    runs, talks = place / "runs", small_run.write_talks(place / "talks.jsonl")
    text = small_run.write_text(place / "text.txt")
    quick = {"steps": 2, "sample_every": 0, "evaluate_every": 2, "checkpoint_every": 2}
    tuning = {"max_length": 32}
    base = train(runs / "base", **small_run.recipe(text, **quick) | {"max_length": 32})
    tuned = train(runs / "tuned", **small_run.finetuning("full", talks, base, **quick) | {"max_length": 32})
    adapter = train(runs / "adapter", **small_run.finetuning("lora", talks, tuned / "model", **quick) | tuning)
    second = train(runs / "second", **small_run.finetuning("continue", text, base, **quick) | {"max_length": 32})
    return {"runs": runs, "base": base, "tuned": tuned, "adapter": adapter, "second": second, "text": text}


@pytest.fixture
def nodes(line: Line) -> Family:
    return family(line["runs"], [])


def names(found: list[Any]) -> list[str]:
    return [node.name for node in found]


def test_ancestors_and_children(line: Line, nodes: Family) -> None:
    assert names(ancestors(nodes, line["adapter"])) == ["tuned", "base"]
    assert names(ancestors(nodes, line["adapter"] / "model")) == ["tuned", "base"]
    assert sorted(names(descendants(line["base"], nodes))) == ["adapter", "second", "tuned"]
    assert names(descendants(line["adapter"], nodes)) == []
    assert [node.name for node in descendants(line["tuned"] / "model", nodes) if node.needs_parent] == ["adapter"]


def test_data_runs_and_scores(line: Line, nodes: Family) -> None:
    node = nodes[key_of(line["base"])]
    assert [file.name for file in node.data] == ["text.txt"]
    assert len(node.data[0].sha256) == 64
    assert node.run is not None
    assert node.run.method == "pretrain"
    assert node.scores["val_loss"] == node.run.best
    assert not node.needs_parent


def test_a_copy_elsewhere_is_known_by_its_card(line: Line, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(line["tuned"] / "model", tmp_path / "copied"))
    found = family(line["runs"], [ModelEntry("copied", copy, "folder", "gpt", False)])[str(copy.resolve())]
    assert (found.method, found.parents) == ("full", [key_of(line["base"])])
    assert [file.name for file in found.data] == ["talks.jsonl"]
    assert found.scores["val_loss"] > 0


def test_a_parent_that_is_gone_is_a_node_that_says_so(line: Line, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    shutil.copytree(line["adapter"], runs / "adapter")
    info = json.loads((runs / "adapter" / "run.json").read_text())
    info["parent"] = str(tmp_path / "gone" / "model")
    (runs / "adapter" / "run.json").write_text(json.dumps(info))
    nodes = family(runs, [])
    (parent,) = ancestors(nodes, runs / "adapter")
    assert parent.missing
    assert parent.problem
    assert names(descendants(parent.key, nodes)) == ["adapter"]


def test_an_adapter_of_the_library_finds_its_base(line: Line, tmp_path: Path) -> None:
    adapter = Path(shutil.copytree(line["adapter"] / "model", tmp_path / "mine"))
    entry = ModelEntry("mine", adapter, "adapter", "gpt", False)
    node = family(line["runs"], [entry])[str(adapter.resolve())]
    assert (node.kind, node.needs_parent, node.parents) == ("adapter", True, [key_of(line["tuned"])])
    config = json.loads((adapter / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = "somebody/some-model"
    (adapter / "adapter_config.json").write_text(json.dumps(config))
    nodes = family(line["runs"], [entry])
    assert names(ancestors(nodes, adapter)) == ["some-model"]
    (adapter / "adapter_config.json").write_text("{")
    assert family(line["runs"], [entry])[str(adapter.resolve())].problem


def test_files_that_claim_a_circle_end(tmp_path: Path) -> None:
    entries = []
    for name, parent in (("a", "b"), ("b", "a"), ("c", "c")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "config.json").write_text("{}")
        (folder / "README.md").write_text(f"---\nbase_model: {parent}\n---\n")
        entries.append(ModelEntry(name, folder, "folder", "gpt", False))
    nodes = family(tmp_path / "none", entries)
    assert names(ancestors(nodes, tmp_path / "a")) == ["b"]
    assert names(descendants(tmp_path / "a", nodes)) == ["b"]
    assert "c" not in [child for child in nodes[key_of(tmp_path / "c")].children if child == key_of(tmp_path / "c")]


def test_a_broken_run_is_a_row_with_its_reason(line: Line, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    shutil.copytree(line["base"], runs / "base")
    (runs / "base" / "run.json").write_text("[")
    (node,) = family(runs, []).values()
    assert node.problem


def test_what_a_run_lacks_is_said_in_a_sentence(line: Line, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    shutil.copytree(line["base"], runs / "base")
    info = json.loads((runs / "base" / "run.json").read_text())
    name = info["data"]["files"][0]["name"]
    del info["data"]["files"][0]["sha256"]
    (runs / "base" / "run.json").write_text(json.dumps(info))
    (node,) = family(runs, []).values()
    assert (node.problem, [(each.name, each.sha256) for each in node.data]) == (None, [(name, "")])
    info["data"]["files"] = [7]
    (runs / "base" / "run.json").write_text(json.dumps(info))
    (node,) = family(runs, []).values()
    assert node.problem is not None
    assert node.problem.endswith(".")
    assert " " in node.problem
