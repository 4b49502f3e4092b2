"""Sampling: what each filter keeps, the order they come in, and how often each token is drawn."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.errors import EngineError
from engine.gpt import generate as module
from engine.gpt.config import default_config
from engine.gpt.generate import (
    draw,
    generate,
    greedy,
    make_sampler,
    min_p,
    repetition_penalty,
    temperature,
    top_k,
    top_p,
)
from engine.gpt.model import GPT
from engine.runtime.base import Sampling

torch.set_num_threads(1)

numbers = st.floats(-30, 30, width=32)
some_logits = st.lists(numbers, min_size=1, max_size=40).map(lambda values: torch.tensor(values))
quick = settings(max_examples=60, deadline=None)
inf = math.inf


def kept(logits: Tensor) -> set[int]:
    return set(torch.nonzero(logits > -inf).flatten().tolist())


# --- the filters ---


@quick
@given(logits=some_logits, k=st.integers(1, 50))
def test_top_k_keeps_the_k_likeliest(logits: Tensor, k: int) -> None:
    remaining = kept(top_k(logits, k))
    assert len(remaining) == min(k, len(logits))
    dropped = set(range(len(logits))) - remaining
    assert not dropped or logits[list(dropped)].max() <= logits[list(remaining)].min()


@quick
@given(logits=some_logits, p=st.floats(0, 1))
def test_top_p_keeps_the_smallest_set_that_reaches_p(logits: Tensor, p: float) -> None:
    probabilities, remaining = logits.double().softmax(0), kept(top_p(logits, p))
    assert int(logits.argmax()) in remaining
    held = probabilities[list(remaining)]
    assert held.sum() >= p - 1e-5
    assert len(remaining) == 1 or held.sum() - held.min() <= p + 1e-5
    dropped = set(range(len(logits))) - remaining
    assert not dropped or logits[list(dropped)].max() <= logits[list(remaining)].min()


@quick
@given(logits=some_logits, p=st.floats(0, 1))
def test_min_p_keeps_what_has_its_share_of_the_best(logits: Tensor, p: float) -> None:
    probabilities, remaining = logits.double().softmax(0), kept(min_p(logits, p))
    best = probabilities.max()
    assert int(logits.argmax()) in remaining
    for id, probability in enumerate(probabilities):
        if abs(probability / best - p) > 1e-5:
            assert (id in remaining) == (probability > p * best), id


@quick
@given(logits=some_logits, p=st.floats(0, 1), k=st.integers(1, 50))
def test_filters_leave_what_they_keep_as_it_is_and_their_input_too(logits: Tensor, p: float, k: int) -> None:
    before = logits.clone()
    for filtered in (top_k(logits, k), top_p(logits, p), min_p(logits, p)):
        assert torch.equal(filtered[filtered > -inf], logits[filtered > -inf])
    repetition_penalty(logits, [0], 2.0)
    temperature(logits, 0.5)
    assert torch.equal(logits, before)


def test_filters_by_hand() -> None:
    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()
    assert kept(top_k(logits, 2)) == {0, 1}
    assert kept(top_p(logits, 0.79)) == {0, 1}
    assert kept(top_p(logits, 0.81)) == {0, 1, 2}
    assert kept(top_p(logits, 0.0)) == {0}
    assert kept(min_p(logits, 0.29)) == {0, 1, 2}
    assert kept(min_p(logits, 0.31)) == {0, 1}


@quick
@given(logits=some_logits, value=st.floats(0.05, 20))
def test_temperature_scales_differences(logits: Tensor, value: float) -> None:
    scaled = temperature(logits, value)
    assert torch.isfinite(scaled).all()
    torch.testing.assert_close(scaled - scaled.max(), (logits - logits.max()) / value)


def test_temperature_near_zero_is_greedy_and_finite() -> None:
    scaled = temperature(torch.tensor([1.0, 3.0, -inf]), 1e-30)
    assert scaled.softmax(0).tolist() == [0.0, 1.0, 0.0]


@quick
@given(logits=some_logits, seen=st.lists(st.integers(-3, 45), max_size=10), penalty=st.floats(1, 3))
def test_repetition_penalty_only_lowers_what_was_seen(logits: Tensor, seen: list[int], penalty: float) -> None:
    changed = repetition_penalty(logits, seen, penalty)
    for id in range(len(logits)):
        if id in seen:
            expected = logits[id] / penalty if logits[id] > 0 else logits[id] * penalty
            assert changed[id].item() == pytest.approx(expected.item(), rel=1e-5)
            assert changed[id] <= logits[id]
        else:
            assert changed[id] == logits[id]


def test_repetition_penalty_counts_a_token_once() -> None:
    logits = torch.tensor([2.0, -2.0, 2.0])
    assert repetition_penalty(logits, [0, 0, 1, 1, 1], 2.0).tolist() == [1.0, -4.0, 2.0]


def test_greedy_takes_the_first_of_equals() -> None:
    assert greedy(torch.tensor([0.0, 2.0, 2.0])) == 1


def test_draws_are_as_frequent_as_their_probabilities() -> None:
    probabilities = torch.tensor([0.6, 0.25, 0.1, 0.05, 0.0])
    generator, draws = torch.Generator().manual_seed(0), 8000
    counts = torch.zeros(5)
    for _ in range(draws):
        counts[draw(probabilities.log(), generator)] += 1
    assert counts[4] == 0
    expected = probabilities[:4] * draws
    chi_square = ((counts[:4] - expected) ** 2 / expected).sum().item()
    assert chi_square < 16.27  # three degrees of freedom, one in a thousand


# --- the composition ---


def test_steps_come_in_the_documented_order(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []

    def note(name: str) -> None:
        original = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *args: called.append(name) or original(*args))

    for name in ("repetition_penalty", "top_k", "top_p", "min_p", "temperature", "greedy", "draw"):
        note(name)
    everything = Sampling(temperature=0.7, top_k=5, top_p=0.9, min_p=0.1, repetition_penalty=1.1, seed=0)
    make_sampler(everything)(torch.randn(20), [1, 2])
    assert called == ["repetition_penalty", "top_k", "top_p", "min_p", "temperature", "draw"]
    called.clear()
    make_sampler(Sampling(temperature=1.0, top_k=0, top_p=1.0, min_p=0.0))(torch.randn(20), [])
    assert called == ["temperature", "draw"]
    called.clear()
    make_sampler(Sampling(temperature=0.0, repetition_penalty=1.1))(torch.randn(20), [])
    assert called == ["repetition_penalty", "greedy"]


@quick
@given(
    logits=some_logits,
    sampling=st.builds(
        Sampling,
        temperature=st.floats(0, 3),
        top_k=st.integers(0, 50),
        top_p=st.floats(0, 1),
        min_p=st.floats(0, 1),
        repetition_penalty=st.floats(1, 2),
        penalty_window=st.integers(0, 8),
        seed=st.integers(0, 2**32),
    ),
    recent=st.lists(st.integers(0, 45), max_size=12),
)
def test_any_setting_gives_a_token_and_equal_seeds_equal_ones(
    logits: Tensor, sampling: Sampling, recent: list[int]
) -> None:
    first, second = make_sampler(sampling), make_sampler(sampling)
    chosen = [first(logits, recent) for _ in range(3)]
    assert chosen == [second(logits, recent) for _ in range(3)]
    assert all(0 <= id < len(logits) for id in chosen)


def test_the_window_limits_what_is_penalised() -> None:
    sampler = make_sampler(Sampling(temperature=0.0, repetition_penalty=2.0, penalty_window=2))
    logits = torch.tensor([4.0, 3.0, 0.0])
    assert sampler(logits, [0, 2, 2]) == 0  # the 0 lies outside the window
    assert sampler(logits, [2, 0, 2]) == 1
    everything_off = make_sampler(Sampling(temperature=0.0, repetition_penalty=2.0, penalty_window=0))
    assert everything_off(logits, [0, 0]) == 0


def test_without_a_seed_draws_differ() -> None:
    flat = torch.zeros(1000)
    draws = {tuple(make_sampler(Sampling(top_k=0, top_p=1.0, min_p=0.0))(flat, []) for _ in range(1)) for _ in range(8)}
    assert len(draws) > 1


def test_bfloat16_logits_are_sampled_too() -> None:
    assert make_sampler(Sampling(seed=0))(torch.tensor([0.0, 50.0]).to(torch.bfloat16), []) == 1


# --- the loop ---


@pytest.fixture(scope="module")
def model() -> GPT:
    return GPT(default_config("gpt2", vocabulary=60, context=24, layers=2, width=32, heads=4), seed=0).eval()


def test_greedy_generation_equals_the_plain_loop(model: GPT) -> None:
    ids = [3, 1, 4, 1, 5]
    generated = list(generate(model, ids, make_sampler(Sampling(temperature=0.0))))
    with torch.no_grad():
        while len(ids) <= model.config.context:
            ids.append(int(model(torch.tensor([ids]))[0, -1].argmax()))
    assert generated == ids[5:]
    assert len(generated) == 20  # until the context is full


def test_generation_stops_at_an_end_which_it_yields(model: GPT) -> None:
    sampler = make_sampler(Sampling(temperature=0.0))
    whole = list(generate(model, [7], sampler))
    end = whole[3]
    assert list(generate(model, [7], sampler, frozenset([end]))) == whole[: whole.index(end) + 1]


def test_equal_seeds_write_equal_texts(model: GPT) -> None:
    first, second, other = (list(generate(model, [7], make_sampler(Sampling(seed=seed)))) for seed in (1, 1, 2))
    assert first == second != other


def test_a_prompt_beyond_the_context_is_refused(model: GPT) -> None:
    with pytest.raises(EngineError, match="25 tokens"):
        next(generate(model, [0] * 25, make_sampler(Sampling())))
