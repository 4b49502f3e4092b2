"""The dial: sizes follow from one number, in the proportions that others found, and more of it never gives less."""

from __future__ import annotations

import pytest

from engine.gpt.config import parameters
from engine.gpt.model import GPT
from engine.training import defaults, dial
from engine.training import recipe as recipes

MEGABYTE, FLOPS = 1_000_000, 2.5e11


@pytest.mark.parametrize("depth", range(2, 33))
def test_proportions(depth: int) -> None:
    width = dial.width(depth)
    assert width % 256 == 0
    assert 0.6 <= max(256, 64 * depth) / width <= 1.5
    assert width // dial.heads(width) == 64


def test_vocabulary_grows_with_the_text_and_is_less_than_half_of_the_blocks() -> None:
    sizes = [dial.for_text(10**power) for power in range(3, 11)]
    assert [size.vocabulary for size in sizes] == sorted(size.vocabulary for size in sizes)
    for size in sizes:
        blocks = size.parameters - size.width * size.vocabulary
        assert size.vocabulary * size.width <= max(0.51 * blocks, 512 * size.width)


def test_parameters_are_those_of_the_model() -> None:
    config = dial.for_text(MEGABYTE).config
    found = sum(parameter.numel() for parameter in GPT(config, seed=0).parameters())
    assert found == pytest.approx(parameters(config), rel=0.01)


def test_a_recipe_without_sizes_gets_those_of_the_dial() -> None:
    asked = recipes.make({"method": "pretrain", "data": "a.txt"})
    resolved = defaults.resolve(asked, defaults.Facts(MEGABYTE))
    size = dial.for_text(MEGABYTE)
    assert (resolved.layers, resolved.width) == (size.layers, size.width)
    assert (resolved.vocabulary, resolved.context, resolved.heads) == (size.vocabulary, size.context, size.heads)


@pytest.mark.parametrize("size_bytes", [20_000, MEGABYTE, 10**7, 10**9])
def test_more_time_never_reads_less(size_bytes: int) -> None:
    settings = [dial.for_seconds(seconds, FLOPS, size_bytes) for seconds in (10, 60, 120, 600, 3600, 86_400)]
    tokens, layers = [s.tokens for s in settings], [s.size.layers for s in settings]
    assert tokens == sorted(tokens)
    assert layers == sorted(layers)


@pytest.mark.parametrize("seconds", [30, 120, 600])
def test_the_time_is_kept(seconds: int) -> None:
    setting = dial.for_seconds(seconds, FLOPS, MEGABYTE)
    work = setting.steps * setting.rows * setting.accumulation * setting.size.context
    assert work * dial.operations(setting.size.config) / FLOPS <= seconds


def test_a_text_is_not_read_more_often_than_it_teaches() -> None:
    assert dial.for_seconds(10**6, FLOPS, 50_000).passes <= 16
    assert dial.for_parameters(10**8, MEGABYTE).passes <= 4.1


def test_a_size_comes_near() -> None:
    for wanted in (3_000_000, 30_000_000, 300_000_000):
        setting = dial.for_parameters(wanted, 10**9)
        assert 0.6 < setting.size.parameters / wanted < 1.6
        assert setting.rows <= 64


def test_batches_follow_the_law_where_it_was_measured() -> None:
    setting = dial.for_parameters(110_000_000, 10**11)
    per_step = setting.rows * setting.accumulation * setting.size.context
    assert 2**18 <= per_step <= 2**20  # nanochat: 2^19 at this size


def test_keys_make_a_recipe_and_have_reasons() -> None:
    setting = dial.for_seconds(120, FLOPS, MEGABYTE)
    recipes.make({"method": "pretrain", "data": "a.txt", **setting.keys})
    assert set(setting.reasons) == set(setting.keys)


def test_what_is_expected_needs_text_time_and_size_together() -> None:
    assert dial.expected(2_000_000, 100_000, 40_000) == "pieces"
    assert dial.expected(3_700_000, 5_000_000, MEGABYTE) == "words"
    assert dial.expected(100_000_000, 10**9, MEGABYTE) == "words"  # more than the text says is not learnt
    assert dial.expected(10_000_000, 50_000_000, 10**8) == "sentences"
    assert dial.expected(30_000_000, 600_000_000, 2 * 10**9) == "stories"
    assert dial.expected(2_000_000, 600_000_000, 2 * 10**9) == "words"
    assert dial.expected(124_000_000, 10**10, 4 * 10**10) == "articles"
