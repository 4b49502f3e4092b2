"""How likely a token was: exact in itself, the model's own, and the same by every way a token may come about."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import EngineError
from engine.paths import resource
from engine.runtime.base import ALTERNATIVES, Runtime, Sampling, Token, open_runtime
from engine.runtime.choices import check_finite, likelihoods

GREEDY = Sampling(temperature=0)


def softmax(logits: np.ndarray) -> np.ndarray:
    shares: np.ndarray = np.exp(logits.astype(np.float64) - float(logits.max()))
    return shares / shares.sum()


def found(logits: list[float] | np.ndarray, id: int, count: int = 8) -> tuple[float, tuple[tuple[int, float], ...]]:
    row = np.asarray(logits, np.float32)
    return likelihoods(row, check_finite(row, "x"), id, count)


@pytest.mark.parametrize("size", [1, 5, 8, 4096, 151_936, 262_144])
@pytest.mark.parametrize("spread", [1e-3, 3.0, 40.0])
def test_probabilities_are_those_of_float64(size: int, spread: float) -> None:
    draw = np.random.default_rng(size)
    logits = (draw.standard_normal(size) * spread + 17).astype(np.float32)
    expected, id = softmax(logits), int(draw.integers(size))
    probability, alternatives = found(logits, id)
    assert probability == pytest.approx(expected[id], rel=1e-5, abs=1e-12)
    best = np.argsort(-logits, kind="stable")[:8]
    assert [other for other, _ in alternatives] == best.tolist()
    assert [share for _, share in alternatives] == pytest.approx(expected[best].tolist(), rel=1e-5, abs=1e-12)


def test_of_equal_ones_the_first_come() -> None:
    assert found([2.0] * 20, 19) == (pytest.approx(0.05), tuple((id, pytest.approx(0.05)) for id in range(8)))
    assert [id for id, _ in found([1, 3, 0, 3, 1, 1, 2], 0, count=4)[1]] == [1, 3, 6, 0]


def test_forbidden_tokens_have_none_of_it() -> None:
    assert found([0.0, -math.inf, 0.0, -math.inf], 1, count=3) == (0.0, ((0, 0.5), (2, 0.5), (1, 0.0)))


def test_very_unlike_logits_do_not_overflow() -> None:
    probability, alternatives = found([1e38, -1e38, 0.0], 0, count=2)
    assert (probability, alternatives) == (1.0, ((0, 1.0), (2, 0.0)))


def test_what_was_given_is_left_as_it_was() -> None:
    logits = np.arange(50, dtype=np.float32)
    logits.setflags(write=False)
    found(logits, 3)


@pytest.mark.parametrize("broken", [math.nan, math.inf])
@pytest.mark.parametrize("place", [0, 3, 99])
def test_numbers_that_are_none_are_named(broken: float, place: int) -> None:
    logits = np.zeros(100, np.float32)
    logits[place] = broken
    with pytest.raises(EngineError) as caught:
        check_finite(logits, "broken.gguf")
    assert (caught.value.code, caught.value.data) == ("not_a_number", {"place": "broken.gguf"})


def test_a_row_in_which_all_is_forbidden_is_none_to_choose_from() -> None:
    with pytest.raises(EngineError, match="no numbers"):
        check_finite(np.full(9, -np.inf, np.float32), "x")
    logits = np.full(9, -np.inf, np.float32)
    logits[4] = -1
    assert check_finite(logits, "x") == 4


# --- both runtimes ---------------------------------------------------------------------------------------------------


@pytest.fixture(params=["llama", "gpt"])
def starter(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    exact = {"cache_type": "f32", "flash_attention": False} if request.param == "llama" else {}
    opened = open_runtime("starter", request.param, threads=1, context=256, **exact)
    yield opened
    opened.close()


def written(runtime: Runtime, prompt: list[int], sampling: Sampling, most: int, choices: int = 8) -> list[Token]:
    tokens = runtime.generate(prompt, sampling, choices=choices)
    return [token for token, _ in zip(tokens, range(most), strict=False)]


@pytest.mark.parametrize(
    "sampling",
    [GREEDY, Sampling(temperature=1.7, top_k=3, seed=5), Sampling(temperature=0, repetition_penalty=1.8)],
    ids=["greedy", "hot", "penalized"],
)
def test_probabilities_are_the_models_own(starter: Runtime, sampling: Sampling) -> None:
    """Whatever sampling made of them; the very first token's, too."""
    prompt = starter.tokenize("Once upon a time there was a cat. The cat", True)
    tokens = written(starter, prompt, sampling, 20)
    assert len(tokens) == 20
    rows = starter.evaluate([*prompt, *(token.id for token in tokens)], "all")[len(prompt) - 1 :]
    for token, logits in zip(tokens, rows, strict=False):
        expected = softmax(logits)
        assert token.probability == pytest.approx(expected[token.id], rel=1e-3, abs=1e-6)
        assert len(token.alternatives) == ALTERNATIVES
        assert all(share == pytest.approx(expected[id], rel=1e-3, abs=1e-6) for id, share in token.alternatives)
        assert min(share for _, share in token.alternatives) >= np.sort(expected)[-8] * 0.999


def test_choices_change_no_token(starter: Runtime) -> None:
    prompt, sampling = starter.tokenize("The dog", True), Sampling(temperature=1.2, seed=9)
    with_them = written(starter, prompt, sampling, 40)
    without = written(starter, prompt, sampling, 40, choices=0)
    assert [token.id for token in with_them] == [token.id for token in without]
    assert {(token.probability, token.alternatives) for token in without} == {(None, ())}


def test_as_many_alternatives_as_are_asked_for(starter: Runtime) -> None:
    for count in (1, 3, 10**6):
        (token,) = written(starter, [300, 301], GREEDY, 1, choices=count)
        assert len(token.alternatives) == min(count, starter.info.vocabulary)
    assert sum(share for _, share in token.alternatives) == pytest.approx(1, abs=1e-4)


def test_both_runtimes_find_the_same() -> None:
    """In the form both can open: our own GPT reads the GGUF file of the starter, too."""
    path = str(resource("starter") / "starter-q8_0.gguf")
    ours = open_runtime("starter", "gpt", threads=1, context=64)
    theirs = open_runtime(path, "llama", threads=1, context=64, cache_type="f32", flash_attention=False)
    prompt = ours.tokenize("Once upon a time", True)
    for one, other in zip(written(ours, prompt, GREEDY, 8), written(theirs, prompt, GREEDY, 8), strict=True):
        if one.id != other.id:
            break
        assert one.probability == pytest.approx(other.probability, abs=0.03)  # 8 bits a weight
    ours.close()
    theirs.close()


def test_logits_are_read_anew_after_the_cache_has_moved(data: Callable[..., Path]) -> None:
    """llama.cpp may answer from the same memory, or from other memory, each time."""
    options: dict[str, Any] = {"threads": 1, "cache_type": "f32", "flash_attention": False, "context": 512}
    runtime = open_runtime(data("gguf-tiny-random/llama-2-tiny-random.gguf"), **options)
    ids = list(range(5, 60))
    for length in (1, 40, 2, 55):
        (token,) = written(runtime, ids[:length], GREEDY, 1)
        runtime.evaluate(ids[:length], "all")  # more rows: a larger buffer
        expected = softmax(runtime.evaluate(ids[:length])[0])
        assert token.probability == pytest.approx(expected[token.id], rel=1e-4)
        assert token.id == int(expected.argmax())
    runtime.close()
