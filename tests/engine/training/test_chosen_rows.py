"""Which rows a run learns from and which it is evaluated on: `exclude_rows` and `evaluation`, with every method."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_run
import torch

from engine.errors import EngineError
from engine.events import Event, Finished, Log
from engine.gpt.tokenizer import Tokenizer
from engine.training import loop, recipe
from engine.training.methods.table import METHODS, method_of
from engine.training.run import Run


def run(params: dict[str, Any]) -> list[Event]:
    torch.set_num_threads(1)
    return list(loop.train(recipe.make(params), Path(params["out"]), threading.Event()))


def texts(items: Any, tokenizer: Tokenizer) -> list[str]:
    """What the items say, one by one."""
    return [tokenizer.decode(items.batch(np.array([number]))[0][0].tolist()) for number in range(len(items))]


def learnt_and_held(folder: Path) -> tuple[list[str], list[str]]:
    opened = Run.open(folder)
    data = method_of(opened.recipe).load(opened.folder / "data", opened.info["data"], opened.recipe)
    tokenizer = Tokenizer.load(opened.folder / "tokenizer")
    return texts(data.training(), tokenizer), texts(data.held_back(), tokenizer)


def others(path: Path, method: str) -> Path:
    """A few rows, all with the word zebra, of the kind that the method learns from."""
    rows: list[dict[str, Any]] = []
    for n in range(4):
        match METHODS[method].kind:
            case "text":
                rows.append({"text": f"A zebra said {n}. " * 5})
            case "conversation":
                asked = {"role": "user", "content": "zebra?"}
                rows.append({"messages": [asked, {"role": "assistant", "content": f"the zebra {n}"}]})
            case "labelled":
                rows.append({"text": f"zebra {n}", "label": ("cat", "dog")[n % 2]})
            case _:
                rows.append({"prompt": "zebra", "chosen": f"so {n}", "rejected": f"but {n} then"})
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


@pytest.mark.parametrize("method", METHODS)
def test_evaluation_has_files_of_its_own(method: str, tmp_path: Path) -> None:
    params = small_run.of_method(method, tmp_path, steps=2, out=str(tmp_path / "run"))
    held = others(tmp_path / "held.jsonl", method)
    assert isinstance(run({**params, "evaluation": str(held)})[-1], Finished)
    learnt, evaluated = learnt_and_held(tmp_path / "run")
    assert len(learnt) > 10
    assert not any("zebra" in text for text in learnt)
    assert evaluated
    assert "zebra" in " ".join(evaluated)
    info = Run.open(tmp_path / "run").info
    assert [file["name"] for file in info["data"]["evaluation"]] == ["held.jsonl"]
    if METHODS[method].kind != "text":
        pairs = 2 if method == "dpo" else 1
        assert info["data"]["held_back"] == len(evaluated) == 4, f"batches of {pairs}"
    assert str(tmp_path) not in (tmp_path / "run" / "model" / "README.md").read_text()


@pytest.mark.parametrize("method", METHODS)
def test_excluded_rows_are_not_learnt(method: str, tmp_path: Path) -> None:
    params = small_run.of_method(method, tmp_path, steps=2, out=str(tmp_path / "run"))
    data = tmp_path / "both.jsonl"
    rows = others(data, method).read_text().splitlines()
    own = Path(params["data"])
    if own.suffix == ".txt":
        usual = [json.dumps({"text": text}) for text in own.read_text().split("\n<|endoftext|>\n")]
    else:
        usual = own.read_text().splitlines()
    data.write_text("\n".join([rows[0], *usual[:5], "{", *rows[1:3], *usual[5:], rows[3]]))
    # the broken line has no number
    last = len(usual) + 4
    events = run({**params, "data": str(data), "exclude_rows": ("1", "7-8", str(last))})
    assert isinstance(events[-1], Finished)
    said = [event.text for event in events if isinstance(event, Log)]
    assert "4 rows were left out, as the recipe says." in said
    learnt, held = learnt_and_held(tmp_path / "run")
    assert learnt
    assert not any("zebra" in text for text in (*learnt, *held))


def test_rows_that_are_not_there(tmp_path: Path) -> None:
    params = small_run.of_method("full", tmp_path, steps=2, out=str(tmp_path / "run"))
    for rows, code in (("41", "rows_beyond"), ("1-40", "rows_all_left_out")):
        with pytest.raises(EngineError) as caught:
            run({**params, "exclude_rows": rows})
        assert caught.value.code == code
    assert not (tmp_path / "run").exists()


def test_an_evaluation_of_which_nothing_is_left(tmp_path: Path) -> None:
    params = small_run.of_method("full", tmp_path, steps=2, out=str(tmp_path / "run"))
    held = tmp_path / "held.jsonl"
    talk = [{"role": "user", "content": "word " * 500}, {"role": "assistant", "content": "long " * 500}]
    held.write_text(f"{json.dumps({'messages': talk})}\n" * 2)
    with pytest.raises(EngineError, match=r"held\.jsonl can be evaluated on"):
        run({**params, "evaluation": str(held)})
    assert not (tmp_path / "run").exists()


def test_rows_of_the_evaluation_that_are_learnt_are_named(tmp_path: Path) -> None:
    params = small_run.of_method("dpo", tmp_path, steps=2, out=str(tmp_path / "run"))
    held = tmp_path / "held.jsonl"
    held.write_text("".join(Path(params["data"]).read_text().splitlines(keepends=True)[:3]))
    said = [event.text for event in run({**params, "evaluation": str(held)}) if isinstance(event, Log)]
    assert any(text.startswith("3 rows also stand in the evaluation data") for text in said)


def test_recipes_that_contradict_themselves() -> None:
    given = {"method": "pretrain", "data": "a.txt"}
    for more, words in (
        ({"exclude_rows": "7-x"}, "7-x, which is no row"),
        ({"evaluation": "b.txt", "validation_share": 0.1}, "leave one out"),
    ):
        with pytest.raises(EngineError) as caught:
            recipe.make({**given, **more})
        assert words in str(caught.value)
    assert recipe.parse_setting("exclude_rows=17,200-250") == ("exclude_rows", ("17", "200-250"))
    found = recipe.absolute({"evaluation": "b.txt"}, Path("/there"))
    assert found["evaluation"] == "/there/b.txt"
