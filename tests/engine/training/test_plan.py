"""The plan job: answers become recipes that train, edits stay, contradictions name their key, nothing is begun."""

from __future__ import annotations

import json
import threading
import tomllib
from pathlib import Path
from typing import Any

import pytest
import small_run

from engine import jobs, paths
from engine.events import Failed, Finished
from engine.jobs import JobContext
from engine.phrases import Phrase
from engine.training import answers, dial, loop, plan, recipe
from engine.training.answers import Situation

WRITERS = {
    "style": small_run.write_talks,
    "label": small_run.write_labelled,
    "preference": small_run.write_pairs,
    "text": small_run.write_text,
    "new": small_run.write_text,
}
METHODS = {"style": "full", "label": "classify", "preference": "dpo", "text": "continue", "new": "pretrain"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With a known speed, so that plans are the same everywhere."""
    monkeypatch.setenv("SEEDLING_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(plan, "_flops", lambda: 2.5e11)
    return tmp_path / "home"


def ending(**params: Any) -> Finished | Failed:
    last = list(jobs.run(jobs.find("plan"), params, JobContext()))[-1]
    assert isinstance(last, (Finished, Failed))
    return last


def planned(**params: Any) -> dict[str, Any]:
    last = ending(**params)
    assert isinstance(last, Finished), last
    assert last.reason == "planned"
    return json.loads(json.dumps(last.to_json()))["stats"]


def write(goal: str, folder: Path) -> dict[str, Any]:
    data = WRITERS[goal](folder / ("data.txt" if goal in ("text", "new") else "data.jsonl"))
    model = {} if goal == "new" else {"model": str(small_run.write_parent(folder / "parent"))}
    return {"answers": {"goal": goal, **model}, "data": [str(data)]}


@pytest.mark.parametrize("goal", METHODS)
def test_answers_become_a_recipe_that_trains(tmp_path: Path, goal: str) -> None:
    found = planned(**write(goal, tmp_path), **({"context": 32} if goal == "new" else {"max_length": 32}))
    assert found["asked"]["method"] == METHODS[goal]
    asked = recipe.make(recipe.flat(found["asked"]) | {"steps": 2, "sample_every": 0, "epochs": None})
    assert list(loop.train(asked, tmp_path / "run", threading.Event()))[-1].to_json()["reason"] == "done"
    used = tomllib.loads((tmp_path / "run" / "recipe.toml").read_text())
    same = ("learning_rate", "optimizer", "schedule", "layers", "width", "heads", "batch_size", "max_length")
    for key in same:
        assert used[key] == found["recipe"][key], key


@pytest.mark.parametrize("goal", METHODS)
def test_every_key_is_given_or_has_a_reason(tmp_path: Path, goal: str) -> None:
    found = planned(**write(goal, tmp_path))
    for key in found["recipe"]:
        assert key in found["asked"] or key in found["reasons"], key
    for key in set(found["asked"]) - {"data", "model"}:
        assert found["reasons"][key], key


@pytest.mark.parametrize("goal", METHODS)
@pytest.mark.parametrize("time", ["short", 5])
def test_reasons_are_phrases(tmp_path: Path, goal: str, time: str | int) -> None:
    params = write(goal, tmp_path)
    params["answers"] |= {"care": "gentle", "time": time}
    last = ending(**params)
    assert isinstance(last, Finished)
    for key, reason in last.stats["reasons"].items():
        assert isinstance(reason, Phrase), (key, reason)


@pytest.mark.parametrize("goal", METHODS)
def test_what_is_written_plans_the_same(tmp_path: Path, goal: str) -> None:
    first = planned(**write(goal, tmp_path))
    path = tmp_path / "saved.toml"
    path.write_text(first["toml"], "utf-8")
    again = planned(recipe=str(path))
    assert again["recipe"] == first["recipe"]
    assert again["toml"].count("\n") == first["toml"].count("\n")


def test_the_number_of_items_is_that_of_the_run(tmp_path: Path) -> None:
    params = write("style", tmp_path)
    found = planned(**params)
    asked = recipe.make(recipe.flat(found["asked"]) | {"steps": 1, "epochs": None, "sample_every": 0})
    list(loop.train(asked, tmp_path / "run", threading.Event()))
    about = json.loads((tmp_path / "run" / "run.json").read_text())["data"]
    assert (about["items"], about["held_back"]) == (found["estimate"]["items"], found["estimate"]["held_back"])


def test_an_edit_stays_and_what_cannot_stand_beside_it_gives_way(tmp_path: Path) -> None:
    params = write("style", tmp_path)
    found = planned(**params, steps=50)
    assert found["recipe"]["steps"] == 50
    assert "epochs" not in found["asked"]
    changed = planned(**params, method="lora")
    assert changed["recipe"]["lora.rank"] == 16
    wide = planned(**write("new", tmp_path), width=320)
    assert (wide["recipe"]["width"], wide["recipe"]["heads"]) == (320, 5)


@pytest.mark.parametrize(
    ("edit", "key"),
    [
        ({"width": 320, "heads": 7}, "heads"),
        ({"steps": 5, "epochs": 2.0}, "epochs"),
        ({"method": "lora"}, "model"),
        ({"learning_rate": "fast"}, "learning_rate"),
        ({"learning_rat": 1e-3}, "learning_rat"),
        ({"method": "nonsense"}, "method"),
        ({"max_length": 100, "context": 50}, "max_length"),
    ],
)
def test_a_contradiction_names_its_key(tmp_path: Path, edit: dict[str, Any], key: str) -> None:
    last = ending(**write("new", tmp_path), **edit)
    assert isinstance(last, Failed)
    assert last.data["key"] == key


@pytest.mark.parametrize(
    "wrong", [{"goal": "fly"}, {"goal": "style"}, {"goal": "new", "time": -1}, {"goal": "new", "care": 3}, {},
              {"goal": "new", "time": True}, {"goal": "new", "parameters": 10}],
)  # fmt: skip
def test_wrong_answers_are_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    last = ending(data=[str(small_run.write_text(tmp_path / "a.txt"))], answers=wrong)
    assert isinstance(last, Failed)
    assert last.code in ("recipe_value", "recipe_missing")


def test_data_that_cannot_be_read_fails_in_words(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("")
    for data in ([str(tmp_path / "none.txt")], [str(tmp_path / "empty.txt")], []):
        last = ending(answers={"goal": "new"}, data=data)
        assert isinstance(last, Failed)
        assert last.code != "bug", last


def test_a_card_is_believed_and_the_files_are_left_alone(tmp_path: Path) -> None:
    card = {
        "kind": "labelled",
        "report": {"read": 1000, "size_bytes": 80_000, "duplicates": 100, "labels": {"a": 995, "b": 5}},
        "lengths": {"mean": 20.0, "quantiles": [5, 20, 40, 90, 300]},
    }
    parent = str(small_run.write_parent(tmp_path / "parent"))
    found = planned(answers={"goal": "label", "model": parent}, data=["gone.csv"], card=card, max_length=30)
    assert found["estimate"]["items"] + found["estimate"]["held_back"] == 900
    assert {risk["code"] for risk in found["risks"]} >= {"labels_rare", "texts_long"}


def test_nothing_is_begun(tmp_path: Path, home: Path) -> None:
    planned(**write("style", tmp_path))
    assert not paths.runs().exists()


# --- answers alone ---------------------------------------------------------------------------------------------------

ROOMY = Situation(rows=2000, size_bytes=10**6, tokens=2e5, parameters=5_000_000, operations=3e7, flops=2.5e11)


def test_care_and_time_move_what_they_mean() -> None:
    style = {"goal": "style", "model": "m"}
    epochs = [answers.keys_of({**style, "time": time}, ROOMY)[0]["epochs"] for time in ("short", "medium", "long")]
    assert epochs == sorted(epochs)
    assert len(set(epochs)) == 3
    gentle, bold = (answers.keys_of({**style, "care": care}, ROOMY)[0] for care in ("gentle", "bold"))
    assert gentle["validation_share"] == 0.1
    assert gentle["patience"] < bold["patience"]
    assert answers.CARES["gentle"].rate < 1 < answers.CARES["bold"].rate


def test_care_moves_the_learning_rate(tmp_path: Path) -> None:
    params = write("style", tmp_path)
    rates = []
    for care in ("gentle", "usual", "bold"):
        params["answers"]["care"] = care
        rates.append(planned(**params)["recipe"]["learning_rate"])
    assert rates[0] == pytest.approx(rates[1] / 3, rel=0.02)
    assert rates[2] == pytest.approx(rates[1] * 2, rel=0.02)


def test_few_rows_are_read_more_often() -> None:
    keys, reasons = answers.keys_of({"goal": "style", "model": "m"}, Situation(200, 10**4, 2e3, 5_000_000))
    assert keys["epochs"] * 200 / 16 >= 200
    assert "small" in reasons["epochs"]
    assert keys["validation_share"] == 0.1


def test_minutes_are_kept() -> None:
    keys, _ = answers.keys_of({"goal": "style", "model": "m", "time": 0.1}, ROOMY)
    assert keys["epochs"] * ROOMY.tokens * ROOMY.operations / ROOMY.flops <= 6


def test_large_models_get_an_adapter_where_one_can_be_had() -> None:
    for parameters, adaptable, method in ((10**9, True, "lora"), (10**9, False, "full"), (10**6, True, "full")):
        now = Situation(2000, 10**6, 2e5, parameters, adaptable, 6.0 * parameters, 2.5e11)
        assert answers.keys_of({"goal": "style", "model": "m"}, now)[0]["method"] == method


def test_a_dial_at_a_size_and_at_a_time(tmp_path: Path) -> None:
    data = [str(small_run.write_text(tmp_path / "data.txt", 4000))]
    sized = planned(answers={"goal": "new", "parameters": 4_000_000}, data=data)
    assert 2e6 < sized["estimate"]["parameters"] < 6e6
    assert sized["reasons"]["layers"].endswith("come nearest to 4M parameters")
    timed = planned(answers={"goal": "new", "time": 2}, data=data)
    about, recipe = timed["estimate"], timed["recipe"]
    assert about["seconds"] <= 120
    assert about["tokens"] == recipe["steps"] * recipe["batch_size"] * recipe["accumulation"] * recipe["max_length"]
    assert about["expected"] == "words"
    setting = dial.for_seconds(120, about["flops"], about["size_bytes"])
    assert {key: recipe[key] for key in setting.keys} == setting.keys


def test_more_memory_than_there_is_is_a_risk(tmp_path: Path) -> None:
    data = [str(small_run.write_text(tmp_path / "data.txt"))]
    codes = [risk["code"] for risk in planned(answers={"goal": "new", "parameters": 10**11}, data=data)["risks"]]
    assert "memory_short" in codes
    codes = [risk["code"] for risk in planned(answers={"goal": "new", "parameters": 2 * 10**6}, data=data)["risks"]]
    assert "memory_short" not in codes


def test_rows_left_out_do_not_count(tmp_path: Path) -> None:
    asked = write("style", tmp_path)
    whole, less = planned(**asked), planned(**asked, exclude_rows=["1-10"])
    items = [each["estimate"]["items"] + each["estimate"]["held_back"] for each in (whole, less)]
    assert items[0] - items[1] == 10
