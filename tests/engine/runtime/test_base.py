from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from engine.errors import EngineError
from engine.phrases import Phrase
from engine.runtime.base import Sampling, check_ids, check_option, common_prefix, one_of


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": -0.1},
        {"temperature": math.nan},
        {"temperature": math.inf},
        {"temperature": "hot"},
        {"temperature": True},
        {"top_k": -1},
        {"top_k": 2.5},
        {"top_k": 2**31},
        {"top_p": 1.01},
        {"min_p": -1},
        {"repetition_penalty": 0},
        {"penalty_window": -1},
        {"seed": -1},
        {"seed": 2**63},
    ],
    ids=str,
)
def test_sampling_out_of_range(wrong: dict[str, object]) -> None:
    with pytest.raises(EngineError) as caught:
        Sampling(**wrong)  # type: ignore[arg-type]
    assert str(caught.value).startswith(f"The option {next(iter(wrong))} must be a")


def test_sampling_at_its_limits() -> None:
    Sampling(temperature=0, top_k=0, top_p=0, min_p=1, repetition_penalty=1, penalty_window=0, seed=2**63 - 1)
    Sampling(temperature=2, top_p=1, min_p=0, seed=0)


def test_the_sentence_says_what_would_do() -> None:
    with pytest.raises(EngineError) as caught:
        check_option("context", 0, least=1, whole=True)
    assert str(caught.value) == "The option context must be a whole number of at least 1, not 0."
    with pytest.raises(EngineError) as caught:
        check_option("top_p", 2, least=0, most=1)
    assert str(caught.value) == "The option top_p must be a number from 0 to 1, not 2."
    with pytest.raises(EngineError) as caught:
        check_option("threads", 0, least=1, most=2**31 - 1, whole=True)
    assert str(caught.value) == "The option threads must be a whole number from 1 to 2,147,483,647, not 0."
    assert isinstance(caught.value.data["expected"], Phrase)
    with pytest.raises(EngineError) as caught:
        check_option("adapters", math.nan, least=-math.inf)
    assert str(caught.value) == "The option adapters must be a number, not nan."


@pytest.mark.parametrize(
    ("choices", "said"), [(("cpu",), "cpu"), ((True, False), "True or False"), ("abc", "one of a, b, c")]
)
def test_choices(choices: Sequence[object], said: str) -> None:
    assert one_of(choices) == said


def test_ids_become_plain_numbers() -> None:
    assert check_ids((1, 2), 3, 2) == [1, 2]


def test_the_wrong_id_is_named() -> None:
    with pytest.raises(EngineError) as caught:
        check_ids([1, 7, 2], 5, 10)
    assert caught.value.data["id"] == 7


@pytest.mark.parametrize(
    ("one", "other", "length"),
    [([], [], 0), ([1], [], 0), ([1, 2, 3], [1, 2, 4], 2), ([1, 2], [1, 2, 3], 2), ([2], [1], 0)],
)
def test_common_prefix(one: list[int], other: list[int], length: int) -> None:
    assert common_prefix(one, other) == common_prefix(other, one) == length
