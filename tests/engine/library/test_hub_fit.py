"""Which quantization to begin with, and what of a repository fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import EngineError
from engine.hardware import Memory
from engine.library import catalogue, hub_fit, learned, memory_fit
from engine.library.hub_files import Choice, File, choices_of_model
from engine.library.hub_fit import Room
from engine.paths import resource
from engine.runtime.gguf_header import read_header

GB = 10**9
QUANTIZATIONS = {"Q2_K": 3, "Q3_K_M": 4, "Q4_K_M": 5, "Q5_K_M": 6, "Q6_K": 7, "Q8_0": 9, "F16": 16}


def _room(gigabytes: float) -> Room:
    return Room(Memory(int(gigabytes * GB), int(gigabytes * GB)))


def _choices(sizes: dict[str, int] = QUANTIZATIONS, name: str = "m") -> list[Choice]:
    return choices_of_model("org/name", [File(f"{name}-{q}.gguf", size * GB) for q, size in sizes.items()])


def _begins_with(room: Room, choices: list[Choice], repo: str = "org/name") -> str | None:
    return hub_fit.recommended(repo, choices, hub_fit.of_choices(choices, 8 * GB, room), room)


@pytest.mark.parametrize(
    ("gigabytes", "name"), [(64, "m-Q4_K_M.gguf"), (8, "m-Q4_K_M.gguf"), (6, "m-Q3_K_M.gguf"), (2, None)]
)
def test_the_best_of_the_middle_that_fits(gigabytes: float, name: str | None) -> None:
    assert _begins_with(_room(gigabytes), _choices()) == name


def test_one_that_may_be_slow_comes_before_none() -> None:
    choices, room = _choices({"Q4_K_M": 5}), _room(6)
    (fit,) = hub_fit.of_choices(choices, 8 * GB, room)
    assert fit["fit"] == "slow"
    assert _begins_with(room, choices) == "m-Q4_K_M.gguf"


def test_names_that_nobody_knows_are_chosen_by_size() -> None:
    assert _begins_with(_room(64), _choices({"a": 3, "b": 5})) == "m-b.gguf"


def test_the_catalogue_comes_first_for_its_own_repositories() -> None:
    model = next(model for model in catalogue.models() if model.recommended["16"] == "q8_0" and model.base)
    choices = choices_of_model(model.repo, [File(model.file_of(q), n) for q, n in model.about_bytes.items()])
    room = Room(Memory(16 << 30, 16 << 30))
    assert _begins_with(room, choices, model.repo) == model.file_of("q8_0")


def test_what_lacks_a_part_or_is_no_model_is_not_begun_with() -> None:
    files = [File("m-Q4_K_M-00001-of-00002.gguf", GB), File("mmproj-Q4_K_M.gguf", GB), File("m-Q2_K.gguf", GB)]
    choices = choices_of_model("org/name", files)
    assert isinstance(choices[0].problem or choices[1].problem, EngineError)
    assert _begins_with(_room(64), choices) == "m-Q2_K.gguf"


def test_what_unloading_frees_counts() -> None:
    choices = _choices({"Q4_K_M": 5})
    memory = Memory(16 * GB, 2 * GB)
    assert hub_fit.of_choices(choices, 8 * GB, Room(memory))[0]["fit"] == "too_large"
    assert hub_fit.of_choices(choices, 8 * GB, Room(memory, 8 * GB))[0]["fit"] == "fits"


def test_a_header_is_exact_for_its_file_and_nearly_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(resource("starter")) / "starter-q8_0.gguf"
    header, size = read_header(path), path.stat().st_size
    choices = choices_of_model("org/name", [File("s-Q8_0.gguf", size), File("s-F32.gguf", 4 * size)])
    rows = hub_fit.of_choices(choices, header.parameters, _room(8), ("s-Q8_0.gguf", header))
    need = memory_fit.needed(header, context=hub_fit.CONTEXT)
    assert [row["exact"] for row in rows] == [True, False]
    assert rows[0]["memory"] - size == need.total - need.weights
    assert rows[1]["memory"] - rows[0]["memory"] == 3 * size
    assert rows[0]["memory"] < hub_fit.of_choices(choices, header.parameters, _room(8))[0]["memory"]


def test_rearranged_weights_are_not_read_again_from_their_file(monkeypatch: pytest.MonkeyPatch) -> None:
    header = read_header(Path(resource("starter")) / "starter-q8_0.gguf")
    monkeypatch.setattr(memory_fit, "rearranged_types", lambda: frozenset({"Q4_K"}))
    room = Room(Memory(5 * GB, 5 * GB))  # too little for either as it is
    for quantization, fit in (("UD-Q4_K_XL", "too_large"), ("Q6_K", "slow")):
        choices = _choices({quantization: 6})
        assert hub_fit.of_choices(choices, None, room, ("other", header))[0]["fit"] == fit


def test_our_own_model_takes_four_bytes_a_weight() -> None:
    files = [File("config.json", 1), File("tokenizer.json", 1), File("model.safetensors", 2 * GB)]
    choices = choices_of_model("org/name", files)
    for parameters in (GB, None):
        (row,) = hub_fit.of_choices(choices, parameters, _room(8))
        assert 4 * GB < row["memory"] < 5 * GB
    assert hub_fit.of_list({"parameters": GB, "formats": ["safetensors"]}, _room(4)) == "too_large"
    assert hub_fit.of_list({"parameters": GB, "formats": ["gguf"]}, _room(4)) == "fits"
    assert hub_fit.of_list({"parameters": None, "formats": ["gguf"]}, _room(4)) is None


def test_what_is_not_for_memory_has_no_verdict() -> None:
    (row,) = hub_fit.of_choices([Choice("data", "x.parquet", ("x.parquet",), 99 * GB)], None, _room(1))
    assert row == {"memory": None, "fit": None, "exact": False, "gpu_fits": {}}


def test_what_loads_taught_counts_for_the_hub_as_for_the_library() -> None:
    header = read_header(Path(resource("starter")) / "starter-q8_0.gguf")
    choices, need = _choices({"Q4_K_M": 1}), memory_fit.needed(header, context=hub_fit.CONTEXT)
    rows = [None, ("other", header)]
    before = [hub_fit.of_choices(choices, GB, _room(8), known)[0]["memory"] for known in rows]
    for _ in range(3):
        learned.record(need, need.weights + need.cache + 2 * (need.compute + need.overhead))
    after = [hub_fit.of_choices(choices, GB, _room(8), known)[0]["memory"] for known in rows]
    assert after[1] - before[1] == pytest.approx(need.compute + need.overhead, rel=0.01)
    assert after[0] > before[0]
    details, tight = {"parameters": 4 * GB, "formats": ["gguf"]}, memory_fit.rough(int(2.4 * GB), 4 * GB)
    assert hub_fit.of_list(details, _room(tight.total / 0.88 / GB)) == "slow"


def test_each_graphics_processor_is_judged_by_itself() -> None:
    """None was at hand to run this with."""
    name, size = "starter-q8_0.gguf", (resource("starter") / "starter-q8_0.gguf").stat().st_size
    header = read_header(resource("starter") / name)
    room = Room(Memory(8 * GB, 8 * GB), gpus={"large": 80 * GB, "small": 1_500_000_000, "full": 0})
    choices = choices_of_model("org/name", [File(name, size), File("starter-f16.gguf", 3 * GB)])
    small, large = hub_fit.of_choices(choices, None, room, (name, header))
    assert small["gpu_fits"] == {"large": "fits", "small": "fits", "full": "too_large"}
    assert large["gpu_fits"] == {"large": "fits", "small": "slow", "full": "too_large"}
    assert hub_fit.of_choices(choices, None, room)[0]["gpu_fits"] == {}, "nothing is said before the header is known"
