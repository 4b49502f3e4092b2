"""Recipes: what is refused and in which words, what is derived, what survives a round trip."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.errors import EngineError
from engine.gpt.config import FRESH_SHAPES, SHAPES, default_config
from engine.phrases import Phrase
from engine.training import defaults
from engine.training import recipe as recipes
from engine.training.defaults import DataFacts, Facts

START = {"method": "pretrain", "data": "a.txt"}


def refusal(**values: Any) -> EngineError:
    with pytest.raises(EngineError) as caught:
        recipes.make({**START, **values})
    return caught.value


def test_unknown_key_names_the_nearest() -> None:
    error = refusal(learning_rat=1e-3)
    assert error.code == "recipe_unknown_key"
    assert "learning_rat." in str(error)
    assert "learning_rate?" in str(error)
    assert isinstance(error.data["hint"], Phrase)


def test_unknown_key_far_from_all_lists_them() -> None:
    assert "batch_size" in str(refusal(zzzzzz=1))


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("steps", "ten", "a whole number"),
        ("steps", 1.5, "a whole number"),
        ("steps", True, "a whole number"),
        ("learning_rate", "fast", "a number"),
        ("learning_rate", float("nan"), "a number"),
        ("tied", 1, "true or false"),
        ("name", 7, "text"),
        ("data", [1], "text or a list of texts"),
        ("data", [], "text or a list of texts"),
    ],
)
def test_wrong_type_names_the_key_and_the_type(key: str, value: Any, wanted: str) -> None:
    error = refusal(**{key: value})
    assert error.code == "recipe_type"
    assert error.data["key"] == key
    assert wanted in str(error)
    assert isinstance(error.data["wanted"], Phrase)


@pytest.mark.parametrize(
    ("key", "value"), [("steps", 0), ("shape", "bert"), ("dropout", 1.0), ("method", "rlhf"), ("seed", -1)]
)
def test_value_out_of_range_names_the_key(key: str, value: Any) -> None:
    error = refusal(**{key: value})
    assert error.code == "recipe_value"
    assert error.data["key"] == key
    assert isinstance(error.data["reason"], Phrase)


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("model", {"model": "starter"}),
        ("shape", {"shape": "qwen2"}),
        ("epochs", {"steps": 5, "epochs": 1}),
        ("epochs", {"epochs": 0}),
        ("max_length", {"max_length": 65, "context": 64}),
        ("stride", {"max_length": 8, "stride": 9}),
        ("heads", {"width": 64, "heads": 3}),
        ("kv_heads", {"heads": 4, "kv_heads": 3}),
        ("warmup", {"steps": 5, "warmup": 6}),
        ("columns", {"columns": ["text=a", "b"]}),
        ("data_sha256", {"data_sha256": ["0", "1"]}),
        ("adamw_rate", {"optimizer": "adamw", "adamw_rate": 5}),
    ],
)
def test_contradictions_name_the_key(key: str, values: dict[str, Any]) -> None:
    error = refusal(**values)
    assert error.code == "recipe_conflict"
    assert error.data["key"] == key
    assert isinstance(error.data["reason"], Phrase)


def test_alternatives_are_named_with_an_or() -> None:
    reason = refusal(**{"lora.rank": 8}).data["reason"]
    assert reason == "has no meaning in pretrain: leave it out, or use lora or dpo"
    assert isinstance(reason.values["methods"], Phrase)
    wanted = refusal(method="classify", model="m", **{"classify.layers": "some"}).data["wanted"]
    assert wanted == "a whole number or all"


@pytest.mark.parametrize(
    ("passes", "reason"),
    [
        (1, "1 pass over 1,600 items, 16 a step, takes 100"),
        (2.5, "2.5 passes over 1,600 items, 16 a step, take 250"),
        (None, "3 passes over 1,600 items, 16 a step, take 300"),
    ],
)
def test_how_many_steps_there_are_is_counted_out(passes: float | None, reason: str) -> None:
    assert resolved(items=1600, epochs=passes).reasons["steps"] == reason


def test_steps_below_which_little_is_taught() -> None:
    reason = resolved(items=160).reasons["steps"]
    assert reason == "3 passes over 160 items, 16 a step, take 30, and fewer than 200 teach little"


@pytest.mark.parametrize("key", ["method", "data"])
def test_what_is_missing_is_named(key: str) -> None:
    with pytest.raises(EngineError) as caught:
        recipes.make({name: value for name, value in START.items() if name != key})
    assert (caught.value.code, caught.value.data["key"]) == ("recipe_missing", key)


def test_continue_needs_a_model() -> None:
    assert refusal(method="continue").data["key"] == "model"


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("steps=20", ("steps", 20)),
        ("steps = 2_000", ("steps", 2000)),
        ("learning_rate=1e-3", ("learning_rate", 0.001)),
        ("tied=false", ("tied", False)),
        ("sample_prompt=Once = upon", ("sample_prompt", "Once = upon")),
        ("data=a.txt,b.txt", ("data", ("a.txt", "b.txt"))),
        ("steps=ten", ("steps", "ten")),
        ("unknown=1", ("unknown", "1")),
    ],
)
def test_settings_of_the_command_line(setting: str, expected: tuple[str, Any]) -> None:
    assert recipes.parse_setting(setting) == expected


def test_settings_of_tables() -> None:
    assert recipes.parse_setting("dpo.beta=0.2") == ("dpo.beta", 0.2)
    assert recipes.parse_setting("lora.targets=query,value") == ("lora.targets", ("query", "value"))
    assert recipes.parse_setting("classify.layers=all") == ("classify.layers", "all")


def test_a_setting_without_equals_is_refused() -> None:
    with pytest.raises(EngineError, match="key=value"):
        recipes.parse_setting("steps")


def test_toml_round_trip(tmp_path: Path) -> None:
    asked = recipes.make(
        {
            **START,
            "data": [str(tmp_path / 'odd "name"\\.txt'), str(tmp_path / "ü\x7f\n.txt")],
            "learning_rate": 1e-05,
            "tied": False,
            "seed": 2**53,
            "sample_prompt": "Grüße\t\u2028🌱",
        }
    )
    (tmp_path / "recipe.toml").write_text(recipes.to_toml(asked), "utf-8")
    assert recipes.make(recipes.read(tmp_path / "recipe.toml")) == asked


def test_tables_are_nested_in_files_and_dotted_elsewhere(tmp_path: Path) -> None:
    text = 'method = "lora"\nmodel = "m"\ndata = "a"\n[lora]\nrank = 8\ntargets = "query"\n'
    (tmp_path / "r.toml").write_text(text)
    read = recipes.make(recipes.read(tmp_path / "r.toml") | {"lora.alpha": 4})
    assert (read.lora.rank, read.lora.alpha, read.lora.targets) == (8, 4.0, ("query",))
    nested = {"method": "lora", "model": "m", "data": read.data, "lora": {"rank": 8, "alpha": 4, "targets": ["query"]}}
    assert recipes.make(nested) == read
    (tmp_path / "again.toml").write_text(recipes.to_toml(read))
    assert recipes.make(recipes.read(tmp_path / "again.toml")) == read


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("lora.bits", 5, "recipe_value"),
        ("lora.rank", 0, "recipe_value"),
        ("lora.rank", "many", "recipe_type"),
        ("lora.rnk", 8, "recipe_unknown_key"),
        ("lora", 8, "recipe_unknown_key"),
        ("dpo.loss", "hinge", "recipe_value"),
        ("dpo.beta", -1, "recipe_value"),
        ("classify.layers", "some", "recipe_type"),
        ("classify.layers", -1, "recipe_value"),
    ],
)
def test_keys_of_tables_are_checked_and_named(key: str, value: Any, code: str) -> None:
    error = refusal(**{key: value})
    assert (error.code, error.data["key"]) == (code, key)


@pytest.mark.parametrize(
    ("key", "value", "cure"), [("lora.rank", 8, "lora or dpo"), ("dpo.beta", 1, "dpo"), ("replay", "b.txt", "continue")]
)
def test_a_key_of_another_method_is_refused_with_the_cure(key: str, value: Any, cure: str) -> None:
    error = refusal(**{key: value})
    assert (error.code, error.data["key"]) == ("recipe_conflict", key)
    assert cure in str(error)
    assert "pretrain" in str(error)


def test_paths_of_a_file_are_relative_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEDLING_DATA", "/shared/data")
    text = 'method = "continue"\ndata = ["a.txt", "$SEEDLING_DATA/b.txt", "/c.txt"]\nmodel = "parent"\nout = "run"\n'
    (tmp_path / "r.toml").write_text(text)
    values = recipes.read(tmp_path / "r.toml")
    assert values["data"] == (str(tmp_path / "a.txt"), "/shared/data/b.txt", "/c.txt")
    assert values["out"] == str(tmp_path / "run")
    assert values["model"] == "parent", "no such path, so it is a name in the library"
    (tmp_path / "parent").mkdir()
    assert recipes.read(tmp_path / "r.toml")["model"] == str(tmp_path / "parent")


@pytest.mark.parametrize("text", [b"steps = ", b"steps = 1\nsteps = 2", b"\xff"])
def test_broken_toml_is_one_sentence(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "r.toml").write_bytes(text)
    with pytest.raises(EngineError, match=r"r\.toml is not a recipe"):
        recipes.read(tmp_path / "r.toml")


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"none\.toml"):
        recipes.read(tmp_path / "none.toml")


def resolved(size_bytes: int = 20_000, items: int = 30, **values: Any) -> recipes.Recipe:
    facts = Facts(size_bytes, threads=2, bf16=True)
    return defaults.resolve_data(defaults.resolve(recipes.make({**START, **values}), facts), DataFacts(items))


def test_defaults_of_a_small_text_are_small_and_fit_k_quants() -> None:
    r = resolved()
    assert (r.shape, r.layers, r.width, r.max_length, r.stride) == ("qwen3", 2, 256, 256, 256)
    assert default_config(r.shape, r.vocabulary, r.context, r.layers, r.width, r.heads).feed_forward % 256 == 0
    assert (r.optimizer, r.schedule, r.precision, r.threads) == ("muon", "wsd", "bf16", 2)
    assert r.steps == 200
    assert r.patience == 5
    assert r.adamw_rate == 5
    assert resolved(optimizer="adamw").adamw_rate is None


def test_more_text_gives_a_larger_model_and_more_steps() -> None:
    sizes = [resolved(size, size // 1000) for size in (20_000, 500_000, 5_000_000, 20_000_000, 100_000_000)]
    for small, large in itertools.pairwise(sizes):
        assert (small.layers * small.width, small.vocabulary) <= (large.layers * large.width, large.vocabulary)
        assert small.steps <= large.steps


def test_given_steps_are_made() -> None:
    r = resolved(steps=20)
    assert (r.steps, r.patience, r.warmup, r.evaluate_every, r.checkpoint_every) == (20, 0, 1, 2, 2)


def test_epochs_become_steps() -> None:
    assert resolved(epochs=2, batch_size=8, items=33).steps == 9


def test_context_follows_the_window() -> None:
    assert resolved(max_length=64).context == 64
    assert resolved(context=64).max_length == 64


@pytest.mark.parametrize("width", [32, 48, 64, 128, 256, 320])
@pytest.mark.parametrize("shape", FRESH_SHAPES)
def test_any_width_gets_heads_that_fit(width: int, shape: str) -> None:
    r = resolved(width=width, shape=shape)
    default_config(r.shape, r.vocabulary, r.context, r.layers, r.width, r.heads)


def test_narrow_models_stay_in_float32() -> None:
    assert resolved(width=64).precision == "float32"
    assert resolved(width=64, precision="bf16").precision == "bf16"


def test_architecture_comes_from_the_parent() -> None:
    parent = default_config("gpt2", 300, 32, 2, 64, 2)
    facts = Facts(1000, parent=parent)
    asked = {"method": "continue", "data": "a", "model": "m"}
    r = defaults.resolve(recipes.make(asked), facts)
    assert (r.shape, r.width, r.vocabulary, r.max_length) == ("gpt2", 64, 300, 32)
    defaults.resolve(recipes.make({**asked, "width": 64}), facts)
    for key, value in (("width", 128), ("max_length", 33)):
        with pytest.raises(EngineError) as caught:
            defaults.resolve(recipes.make({**asked, key: value}), facts)
        assert (caught.value.code, caught.value.data["key"]) == ("recipe_conflict", key)


def test_a_small_model_is_trained_whole_by_dpo_and_a_large_one_by_an_adapter() -> None:
    found = []
    for width, layers in ((64, 2), (1024, 24)):
        parent = default_config("qwen3", 300, 32, layers, width, 4)
        found.append(
            defaults.resolve(recipes.make({"method": "dpo", "data": "a", "model": "m"}), Facts(9, parent=parent))
        )
    assert [r.dpo.train for r in found] == ["full", "lora"]
    assert (found[0].lora.rank, found[1].lora.rank) == (None, 16)
    assert found[1].learning_rate == pytest.approx(10 * 0.01 * 3e-3 / 4)


@pytest.mark.parametrize("method", recipes.METHODS)
def test_every_default_has_a_reason(method: str) -> None:
    parent = None if method == "pretrain" else default_config("gpt2", 300, 32, 2, 64, 2)
    asked = recipes.make({"method": method, "data": "a", **({"model": "m"} if parent else {}), "batch_size": 4})
    r = defaults.resolve_data(defaults.resolve(asked, Facts(1000, parent=parent)), DataFacts(70))
    shown = defaults.explained(r, r.reasons)
    assert shown.keys() == r.given().keys() - asked.given().keys()
    assert all(because and isinstance(because, Phrase) for _, because in shown.values())
    for key, (value, because) in shown.items():
        assert r.value(key) == value
        assert f"here because {because}\n{key.rpartition('.')[2]} = " in recipes.to_toml(r)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_parent_of_any_shape_goes_on(shape: str) -> None:
    facts = Facts(1000, parent=default_config(shape, 300, 32, 6, 64, 4))
    r = defaults.resolve(recipes.make({"method": "full", "data": "a", "model": "m"}), facts)
    assert (r.shape, r.qkv_bias) == (shape, facts.parent.qkv_bias)
    assert recipes.make(r.given()) == r


def test_a_resolved_recipe_resolves_to_itself() -> None:
    r = resolved(steps=20)
    assert defaults.resolve_data(defaults.resolve(r, Facts(10**9, threads=8)), DataFacts(5)) == r


def test_imports_no_torch() -> None:
    code = "import sys, engine.commands.train; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={**os.environ}, check=False).returncode == 0
