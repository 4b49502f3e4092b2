"""Guessing ahead: what is guessed, what it may cost, and that the text is the one that plain decoding writes."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from random_gpt import english_tokenizer, random_gpt

from benchmarks.copying_gpt import copying_gpt
from engine.errors import EngineError
from engine.gpt import gguf
from engine.runtime import llama
from engine.runtime.base import Sampling, common_prefix
from engine.runtime.llama import LlamaRuntime
from engine.runtime.llama_context import Context
from engine.runtime.speculation import Evaluation, Pace, PromptLookup

EXACT = {"threads": 1, "cache_type": "f32", "flash_attention": False}
GREEDY = Sampling(temperature=0)
WILD = Sampling(temperature=1.5, top_k=0, top_p=1, min_p=0, seed=3)
NEVER = threading.Event()


def propose(ids: list[int], most: int = 32) -> list[int]:
    return PromptLookup().propose(ids, most, NEVER)


# --- prompt lookup ---------------------------------------------------------------------------------------------------


def test_the_text_goes_on_as_it_did_before() -> None:
    assert propose([1, 2, 3, 4, 5, 6, 7, 9, 1, 2, 3]) == [4, 5, 6]
    assert propose([1, 2, 3, 4, 5, 6, 7, 9, 1, 2, 3], most=2) == [4, 5]


def test_without_three_tokens_in_common_nothing_is_guessed() -> None:
    assert propose([2, 3, 4, 9, 2, 3]) == []
    assert propose([1, 2, 3]) == []
    assert propose([]) == []


def test_the_longest_run_in_common_counts() -> None:
    assert propose([8, 1, 2, 3, 4, 0, 7, 1, 2, 3, 5, 0, 8, 1, 2, 3]) == [4, 0, 7, 1]


def test_among_equals_the_latest_counts() -> None:
    assert propose([8, 1, 2, 3, 4, 0, 7, 1, 2, 3, 5, 0, 6, 1, 2, 3]) == [5, 0, 6]


def test_what_turns_in_a_circle_goes_on_turning() -> None:
    assert propose([9, 1, 2, 1, 2, 1, 2, 1]) == [2, 1, 2, 1, 2]
    assert propose([7] * 40) == [7] * 32


def test_what_was_the_same_for_longer_is_trusted_for_longer() -> None:
    text = list(range(100))
    assert [len(propose(text + text[:length])) for length in (2, 3, 10, 50)] == [0, 3, 10, 32]


@pytest.mark.parametrize("seed", range(5))
def test_a_growing_text_gives_what_a_whole_one_gives(seed: int) -> None:
    draw = random.Random(seed)
    lookup, ids = PromptLookup(), [draw.randrange(3) for _ in range(20)]
    for _ in range(60):
        guess = lookup.propose(ids, 8, NEVER)
        # looked for in the plainest way
        found = [(run, end) for end in range(3, len(ids)) for run in [same_before(ids, end)] if run >= 3][-8:]
        assert guess[:1] == ([ids[max(found)[1]]] if found else [])
        ids += [draw.randrange(3) for _ in range(draw.randrange(1, 4))]


def same_before(ids: list[int], end: int) -> int:
    pairs = zip(reversed(ids[:end]), reversed(ids), strict=False)
    return min(32, sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)))


# --- what guesses may cost -------------------------------------------------------------------------------------------


def written_by(pace: Pace, tokens: int, each: float, right: Callable[[int], bool], seconds: float = 0.01) -> float:
    """How much longer than one by one it takes to write so many, where `each` guessed token costs so much of one."""
    took, written = 0.0, 0
    while written < tokens:
        length = pace.length()
        good = length if right(written) else 0
        evaluation = Evaluation([0] * length, 0.0, seconds * (1 + each * length), 1 + good)
        pace.record(evaluation)
        took, written = took + evaluation.seconds, written + evaluation.written
    return took / (written * seconds)


@pytest.mark.parametrize("each", [0.05, 0.1, 0.5, 1.0])
def test_wrong_guesses_cost_little(each: float) -> None:
    assert written_by(Pace(), 1000, each, lambda _: False) < 1.03


def test_right_guesses_pay() -> None:
    assert written_by(Pace(), 1000, 0.1, lambda _: True) < 0.2
    assert written_by(Pace(), 1000, 0.5, lambda _: True) < 0.7


def test_guesses_are_tried_again_after_wrong_ones() -> None:
    pace = Pace()
    written_by(pace, 1000, 0.2, lambda _: False)
    assert written_by(pace, 2000, 0.2, lambda written: written > 200) < 0.6


def test_a_pause_of_the_machine_is_no_reason_to_stop() -> None:
    pace = Pace()
    written_by(pace, 100, 0.1, lambda _: True)
    pace.record(Evaluation([0] * 4, 0.0, 5.0, 5))
    assert written_by(pace, 1000, 0.1, lambda _: True) < 0.3


def test_long_guesses_come_back_after_a_disturbed_hour() -> None:
    pace = Pace()
    written_by(pace, 300, 0.1, lambda _: True)
    for length in (32, 16, 8, 4) * 10:
        pace.record(Evaluation([0] * length, 0.0, 0.01 * (1 + 2 * length), 1 + length))
    assert written_by(pace, 2000, 0.1, lambda _: True) < 0.35


def test_the_first_tokens_are_written_one_by_one() -> None:
    pace = Pace()
    pace.record(Evaluation(written=1))  # chosen from the prompt's logits
    for _ in range(2):
        assert pace.length() == 0
        pace.record(Evaluation([], 0.0, 0.01, 1))
    assert pace.length() > 0


def test_time_spent_on_guessing_counts_though_nothing_is_guessed() -> None:
    pace = Pace()
    for _ in range(3):
        pace.record(Evaluation([], 0.0, 0.01, 1))
    for _ in range(3):
        pace.record(Evaluation([], 0.02, 0.01, 1))
    assert pace.length() == 0


# --- the runtime -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`copying`, `random` and `small` with the same tokenizer, in float32; `short` has a context of 128."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("models")
    models = {
        "copying": copying_gpt(416, context=1024),
        "random": random_gpt("llama", context=2304),
        "small": random_gpt("llama", context=2304, seed=1, layers=1),
        "short": random_gpt("llama", context=128),
    }
    for name, model in models.items():
        gguf.write_gguf(model, english_tokenizer(), folder / f"{name}.gguf")
    return folder


@pytest.fixture(autouse=True)
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock by which every evaluation takes as long, whatever else the machine does."""
    monkeypatch.setattr(llama, "perf_counter", itertools.count().__next__)


@pytest.fixture
def opened(folder: Path) -> Iterator[Callable[..., LlamaRuntime]]:
    runtimes = []

    def open_it(name: str, **options: object) -> LlamaRuntime:
        runtimes.append(LlamaRuntime(folder / f"{name}.gguf", **{**EXACT, **options}))
        return runtimes[-1]

    yield open_it
    for runtime in runtimes:
        runtime.close()


def ids_of(runtime: LlamaRuntime, prompt: list[int], most: int, sampling: Sampling = GREEDY) -> list[int]:
    runtime._vocabulary.is_end = lambda id: False  # type: ignore[method-assign]
    return [token.id for token, _ in zip(runtime.generate(prompt, sampling), range(most), strict=False)]


def source(seed: int, length: int = 60) -> list[int]:
    """A text, and again how it begins."""
    draw = random.Random(seed)
    ids = [draw.randrange(300) for _ in range(length)]
    return ids + ids[:4]


def test_a_copy_is_guessed_and_the_same(opened: Callable[..., LlamaRuntime]) -> None:
    prompt = source(0)
    plain, fast = opened("copying"), opened("copying", speculation="lookup")
    expected = ids_of(plain, prompt, 56)
    assert expected == prompt[4:60]
    assert ids_of(fast, prompt, 56) == expected
    assert fast.accepted > 40
    assert (plain.drafted, plain.accepted) == (0, 0)


@pytest.mark.trial(sample=2, full=20)
def test_greedy_text_is_that_of_plain_decoding(opened: Callable[..., LlamaRuntime], trials: range) -> None:
    plain, fast = opened("random"), opened("random", speculation="lookup")
    drafted = 0
    for seed in trials:
        prompt = source(seed)
        assert ids_of(fast, prompt, 2000) == ids_of(plain, prompt, 2000)
        drafted += fast.drafted
    assert drafted > 0


@pytest.mark.parametrize(
    "sampling",
    [WILD, Sampling(temperature=0.7, seed=1), Sampling(temperature=0, repetition_penalty=1.3, penalty_window=8)],
    ids=str,
)
def test_a_seed_gives_the_text_it_gives_without_guesses(
    opened: Callable[..., LlamaRuntime], sampling: Sampling
) -> None:
    plain, fast = opened("copying"), opened("copying", speculation="lookup")
    for seed in range(3):
        assert ids_of(fast, source(seed), 80, sampling) == ids_of(plain, source(seed), 80, sampling)
        assert fast.drafted > 0


@pytest.mark.parametrize(
    "options", [{}, {"cache_type": "bf16"}, {"cache_type": "f16", "flash_attention": False}], ids=str
)
def test_with_a_coarse_cache_only_near_ties_may_turn(
    opened: Callable[..., LlamaRuntime], options: dict[str, object]
) -> None:
    options = {"cache_type": None, "flash_attention": None, **options}
    plain, fast = opened("random", **options), opened("random", speculation="lookup", **options)
    for seed in range(4):
        prompt = source(seed)
        one, other = (ids_of(runtime, prompt, 300) for runtime in (plain, fast))
        same = common_prefix(one, other)
        if same < 300:
            best, second = np.sort(plain.evaluate(prompt + one[:same])[0])[[-1, -2]]
            assert best - second < 0.1
    assert fast.drafted > 0


@pytest.mark.parametrize("sampling", [GREEDY, WILD], ids=["greedy", "wild"])
@pytest.mark.parametrize("speculation", ["lookup", "draft"])
def test_choices_are_those_of_plain_decoding(
    opened: Callable[..., LlamaRuntime], folder: Path, speculation: str, sampling: Sampling
) -> None:
    """Of every token by the row it was chosen from, whether it was guessed or not."""
    draft = {"draft_model": folder / "random.gguf"} if speculation == "draft" else {}
    plain, fast = opened("random"), opened("random", speculation=speculation, **draft)
    for runtime in (plain, fast):
        runtime._vocabulary.is_end = lambda id: False  # type: ignore[method-assign]
    for seed in range(2):
        one, other = (
            [token for token, _ in zip(runtime.generate(source(seed), sampling, choices=8), range(200), strict=False)]
            for runtime in (plain, fast)
        )
        assert [token.id for token in one] == [token.id for token in other]
        for expected, found in zip(one, other, strict=True):
            assert found.probability == pytest.approx(expected.probability, rel=1e-3, abs=1e-6)
            shares = ([share for _, share in token.alternatives] for token in (found, expected))
            assert next(shares) == pytest.approx(next(shares), rel=1e-3, abs=1e-6)
    assert fast.drafted > 0


def test_the_row_of_another_guess_is_seen(
    opened: Callable[..., LlamaRuntime], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = Context.row
    monkeypatch.setattr(Context, "row", lambda self, index: row(self, -1))
    with pytest.raises(AssertionError):
        test_choices_are_those_of_plain_decoding(opened, folder, "draft", GREEDY)


@pytest.mark.parametrize("draft", ["random", "small"])
def test_a_draft_model_changes_nothing(opened: Callable[..., LlamaRuntime], folder: Path, draft: str) -> None:
    plain = opened("random")
    fast = opened("random", speculation="draft", draft_model=folder / f"{draft}.gguf")
    for seed in range(2):
        assert ids_of(fast, source(seed), 150) == ids_of(plain, source(seed), 150)
        assert fast.drafted > 0
        if draft == "random":  # the same model is nearly always right
            assert fast.accepted > 100
            assert fast.accepted > 0.9 * fast.drafted


def test_a_draft_model_with_a_shorter_context_stops_at_its_end(
    opened: Callable[..., LlamaRuntime], folder: Path
) -> None:
    plain = opened("random")
    fast = opened("random", speculation="draft", draft_model=folder / "short.gguf")
    assert ids_of(fast, source(1), 200) == ids_of(plain, source(1), 200)
    assert fast.drafted > 0


@pytest.mark.parametrize("room", [0, 1, 2, 9])
def test_the_context_may_be_filled_to_the_last_position(opened: Callable[..., LlamaRuntime], room: int) -> None:
    fast = opened("short", speculation="lookup")
    prompt = [7] * (128 - room)
    assert len(ids_of(fast, prompt, 1000)) == room + 1
    assert ids_of(opened("short"), prompt, 1000) == ids_of(fast, prompt, 1000)


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_a_guess_is_no_longer_than_a_batch(opened: Callable[..., LlamaRuntime], batch: int) -> None:
    fast = opened("copying", speculation="lookup", batch=batch)
    assert ids_of(fast, source(0), 56) == source(0)[4:60]
    assert (fast.drafted > 0) == (batch > 1)


def test_a_draft_model_stops_reading_when_cancelled(opened: Callable[..., LlamaRuntime], folder: Path) -> None:
    fast = opened("random", speculation="draft", draft_model=folder / "small.gguf", batch=8)
    stopped = threading.Event()
    stopped.set()
    assert fast._draft_model is not None
    assert fast._draft_model.propose(source(0), 4, stopped) == []
    assert len(fast._draft_model._context.ids) < 64
    assert ids_of(fast, source(0), 40) == ids_of(opened("random"), source(0), 40)


@pytest.mark.parametrize("most", [8, 20, 33])
def test_a_text_left_behind_in_a_guess_leaves_an_honest_cache(opened: Callable[..., LlamaRuntime], most: int) -> None:
    plain, fast = opened("copying"), opened("copying", speculation="lookup")
    prompt = source(0)
    written = ids_of(fast, prompt, most)
    assert fast.accepted > 0
    follow = [*prompt, *written, 5, 6]
    logits = fast.evaluate(follow)
    assert fast.reused >= len(prompt) + most - 1
    np.testing.assert_allclose(plain.evaluate(follow), logits, atol=1e-4)


def test_cancelled_within_a_guess(opened: Callable[..., LlamaRuntime]) -> None:
    fast, cancelled, written = opened("copying", speculation="lookup"), threading.Event(), 0
    for _ in fast.generate(source(0), GREEDY, cancelled):
        written += 1
        if written == 30:
            cancelled.set()
    assert written == 30


def test_a_model_that_cannot_go_back_reads_again(
    opened: Callable[..., LlamaRuntime], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that llama.cpp does not say it of."""
    fast = opened("copying", speculation="lookup")
    fast._drafter = lambda: _Wrong()  # type: ignore[method-assign]
    monkeypatch.setattr(llama.c, "llama_memory_seq_rm", lambda *_: False)
    assert ids_of(fast, source(0), 40) == source(0)[4:44]
    assert fast.drafted > 0


class _Wrong:
    def propose(self, ids: list[int], most: int, cancelled: threading.Event) -> list[int]:
        return [411] * min(most, 2)


@pytest.mark.parametrize("kind", ["recurrent", "hybrid"])
def test_recurrent_models_are_refused(
    opened: Callable[..., LlamaRuntime], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(llama.c, f"llama_model_is_{kind}", lambda model: True)
    with pytest.raises(EngineError) as caught:
        opened("random", speculation="lookup")
    assert caught.value.code == "speculation_unfit"
    opened("random", speculation="none")


def test_a_draft_model_of_another_vocabulary_is_refused(
    opened: Callable[..., LlamaRuntime], data: Callable[[str], Path], folder: Path
) -> None:
    other = data("gguf-tiny-random/llama-2-tiny-random.gguf")
    with pytest.raises(EngineError) as caught:
        opened("random", speculation="draft", draft_model=other)
    assert str(caught.value).startswith("llama-2-tiny-random.gguf cannot draft for random.gguf: they share 0 of 416")


def test_one_vocabulary_may_go_on_where_the_other_ends(
    opened: Callable[..., LlamaRuntime], folder: Path, tmp_path: Path
) -> None:
    """As they do where one of them is padded. What only one has is never guessed, nor read by the other."""
    gguf.write_gguf(random_gpt("llama", context=2304, vocabulary=480), english_tokenizer(), tmp_path / "padded.gguf")
    plain = opened("random")
    fast = opened("random", speculation="draft", draft_model=tmp_path / "padded.gguf")
    assert ids_of(fast, source(2), 60) == ids_of(plain, source(2), 60)
    long = LlamaRuntime(tmp_path / "padded.gguf", **EXACT)
    long_fast = LlamaRuntime(tmp_path / "padded.gguf", **EXACT, speculation="draft", draft_model=folder / "random.gguf")
    try:
        assert ids_of(long_fast, [470, 1, 2], 60) == ids_of(long, [470, 1, 2], 60)
    finally:
        long.close()
        long_fast.close()
