"""How a GGUF model may be opened: what each option does, and one sentence for what it cannot be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from random_gpt import english_tokenizer, random_gpt

from engine import hardware
from engine.errors import EngineError
from engine.gpt import gguf
from engine.runtime import llama, llama_library
from engine.runtime.base import Sampling, open_runtime
from engine.runtime.llama import LlamaRuntime
from engine.runtime.llama_options import CACHE_TYPES, LlamaOptions

Data = Callable[[str], Path]
EXACT = {"threads": 1, "cache_type": "f32", "flash_attention": False}
IDS = [1 + i % 60 for i in range(40)]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With heads of 32 numbers, one block of every quantized type."""
    path = tmp_path_factory.mktemp("model") / "model.gguf"
    gguf.write_gguf(random_gpt("qwen3", heads=2), english_tokenizer(), path)
    return path


@pytest.fixture(scope="module")
def exact(model: Path) -> np.ndarray:
    return logits(model, **EXACT)


def logits(path: Path, **options: object) -> np.ndarray:
    runtime = LlamaRuntime(path, **({"threads": 1} | options))
    try:
        return runtime.evaluate(IDS, "all")
    finally:
        runtime.close()


@pytest.mark.parametrize("type", CACHE_TYPES)
def test_every_cache_type_computes_about_the_same(model: Path, exact: np.ndarray, type: str) -> None:
    allowed = {"f32": 0.05, "f16": 0.1, "bf16": 0.5, "q8_0": 0.5}.get(type, 3.5)
    difference = np.abs(logits(model, cache_type=type) - exact)
    assert difference.max() < allowed
    assert type == "f32" or difference.max() > 0  # it is not f32 in disguise


@pytest.mark.parametrize("flash_attention", [True, False])
def test_flash_attention_computes_the_same(model: Path, exact: np.ndarray, flash_attention: bool) -> None:
    assert np.abs(logits(model, cache_type="f32", flash_attention=flash_attention) - exact).max() < 0.05


@pytest.mark.parametrize(
    "options", [{"mmap": True}, {"mmap": False}, {"batch": 1}, {"batch": 5}, {"threads": 2}], ids=str
)
def test_how_it_is_loaded_and_computed_changes_nothing(
    model: Path, exact: np.ndarray, options: dict[str, object]
) -> None:
    np.testing.assert_allclose(logits(model, **EXACT | options), exact, atol=1e-3)


@pytest.mark.parametrize(
    ("options", "mode"),
    [
        ({}, "AUTO"),
        ({"mmap": True}, "MMAP"),
        ({"mmap": False}, "NONE"),
        ({"mlock": True}, "MMAP_MLOCK"),
        ({"mmap": False, "mlock": True}, "MLOCK"),
        ({"mlock": False}, "AUTO"),
    ],
    ids=str,
)
def test_how_the_file_is_brought_in(options: dict[str, bool], mode: str) -> None:
    from engine.runtime.llama_library import c

    assert LlamaOptions(**options).load_mode() == getattr(c, f"LLAMA_LOAD_MODE_{mode}")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"cache_type": "q3_0"},
            "The option cache_type must be one of f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0, not",
        ),
        ({"cache_type": 8}, "The option cache_type must be one of"),
        ({"flash_attention": "on"}, "The option flash_attention must be True or False, not on."),
        ({"flash_attention": 1}, "The option flash_attention must be"),
        ({"mmap": "no"}, "The option mmap must be"),
        ({"mlock": 1}, "The option mlock must be"),
        ({"gpu_layers": -2}, "The option gpu_layers must be a whole number"),
        ({"gpu_layers": 1.5}, "The option gpu_layers must be"),
        ({"batch": 0}, "The option batch must be a whole number"),
        ({"threads": 0}, "The option threads must be a whole number"),
        ({"threads": 2**40}, "The option threads must be a whole number"),
        ({"context": 0}, "The option context must be a whole number"),
        ({"speculation": "wild"}, "The option speculation must be one of none, lookup, draft, not wild."),
        ({"speculation": "draft"}, "Speculation with a draft model needs one. Name it"),
        ({"adapters": [("a.gguf", float("nan"))]}, "The option adapters must be a number"),
        (
            {"cache_type": "q8_0", "flash_attention": False},
            "A cache of the type q8_0 needs flash attention, which is switched off. Switch it on,",
        ),
    ],
    ids=str,
)
def test_what_an_option_cannot_be_is_one_sentence(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(EngineError) as caught:
        LlamaOptions(**options)  # type: ignore[arg-type]
    assert str(caught.value).startswith(sentence)


def test_none_is_automatic_everywhere(model: Path, exact: np.ndarray) -> None:
    names = LlamaOptions.__dataclass_fields__.keys() - {"adapters"}
    assert logits(model, **dict.fromkeys(names)).shape == exact.shape


def test_heads_that_are_no_whole_blocks_are_refused(data: Data) -> None:
    with pytest.raises(EngineError) as caught:
        LlamaRuntime(data("malformed-models/gguf/valid-mini.gguf"), cache_type="q4_0")
    assert caught.value.code == "cache_unfit"
    assert "valid-mini cannot keep its cache as q4_0: K cache type q4_0 with block size 32 does not" in str(
        caught.value
    )


def test_layers_on_a_graphics_processor_that_is_not_there(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama_library, "has_gpu", False)
    with pytest.raises(EngineError) as caught:
        LlamaRuntime(model, gpu_layers=4)
    assert caught.value.code == "no_gpu"
    LlamaRuntime(model, gpu_layers=0, threads=1).close()


@pytest.mark.parametrize(("asked", "given"), [(None, -1), (-1, -1), (0, 0), (7, 7)])
def test_layers_on_a_graphics_processor(monkeypatch: pytest.MonkeyPatch, asked: int | None, given: int) -> None:
    monkeypatch.setattr(llama_library, "has_gpu", True)
    assert LlamaOptions(gpu_layers=asked).layers_on_gpu() == given


def test_mlock_beyond_the_systems_limit_is_refused_before_loading(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "lockable", lambda: 65_536)
    monkeypatch.setattr(llama, "load", lambda *_, **__: pytest.fail("it was loaded"))
    with pytest.raises(EngineError) as caught:
        LlamaRuntime(model, mlock=True)
    assert "model cannot be kept in main memory: it needs " in str(caught.value)
    assert "and a program may keep 65.5 kB. Switch mlock off" in str(caught.value)


def test_a_state_belongs_to_its_cache_type(model: Path) -> None:
    one, other = LlamaRuntime(model, threads=1, cache_type="q8_0"), LlamaRuntime(model, threads=1, cache_type="q4_0")
    try:
        one.evaluate([1, 2, 3])
        state = one.save_state()
        with pytest.raises(EngineError) as caught:
            other.load_state(state)
        assert caught.value.code == "bad_state"
        one.evaluate([5])
        one.load_state(state)
        one.evaluate([1, 2, 3, 4])
        assert one.reused == 3
    finally:
        one.close()
        other.close()


# --- our own GPT ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"cache_type": "q8_0"},
        {"gpu_layers": 3},
        {"speculation": "lookup"},
        {"adapters": [("a.gguf", 1.0)]},
        {"mlock": True},
    ],
    ids=str,
)
def test_our_own_gpt_says_what_it_has_not(options: dict[str, object]) -> None:
    with pytest.raises(EngineError) as caught:
        open_runtime("starter", "gpt", **options)
    assert str(caught.value).startswith("starter (in-house) runs in Seedling's own GPT, which has no ")
    assert next(iter(options)) in str(caught.value)


def test_our_own_gpt_takes_what_asks_for_nothing() -> None:
    names = LlamaOptions.__dataclass_fields__.keys() - {"context", "threads", "adapters"}
    runtime = open_runtime(
        "starter", "gpt", threads=1, **dict.fromkeys(names) | {"gpu_layers": 0, "speculation": "none", "adapters": []}
    )
    assert len(list(zip(runtime.generate([1], Sampling(temperature=0)), range(3), strict=False))) == 3
    assert (runtime.drafted, runtime.accepted) == (0, 0)
    runtime.set_adapters([])
    with pytest.raises(EngineError):
        runtime.set_adapters([("a.gguf", 1.0)])
    runtime.close()
