from __future__ import annotations

import json
import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from gguf_files import GGUF

from engine.errors import EngineError
from engine.runtime import llama
from engine.runtime.base import Sampling, Token, open_runtime
from engine.runtime.llama import LlamaRuntime
from engine.runtime.llama_library import system_info

Data = Callable[[str], Path]
EXACT = {"threads": 1, "cache_type": "f32", "flash_attention": False}
GREEDY = Sampling(temperature=0)
HELLO = [1, 15043, 3186]  # <s> Hello world


@pytest.fixture
def runtime(data: Data) -> Iterator[LlamaRuntime]:
    opened = LlamaRuntime(data("gguf-tiny-random/llama-2-tiny-random.gguf"), **EXACT)
    yield opened
    opened.close()


@pytest.fixture
def mini(data: Data) -> Iterator[LlamaRuntime]:
    """128 positions, 64 tokens."""
    opened = LlamaRuntime(data("malformed-models/gguf/valid-mini.gguf"), **EXACT)
    yield opened
    opened.close()


def endless(runtime: LlamaRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model whose texts never end by themselves."""
    monkeypatch.setattr(runtime._vocabulary, "is_end", lambda id: False)


def ids_of(tokens: Iterator[Token], most: int = 1000) -> list[int]:
    return [token.id for token, _ in zip(tokens, range(most), strict=False)]


# --- opening ---------------------------------------------------------------------------------------------------------


def test_info(data: Data) -> None:
    path = data("gguf-tiny-random/llama-2-tiny-random.gguf")
    runtime = LlamaRuntime(path, name="Tiny", threads=1)
    info = runtime.info
    runtime.close()
    assert (info.name, info.architecture, info.backend) == ("Tiny", "llama", "llama")
    assert (info.context, info.trained_context, info.vocabulary) == (4096, 4096, 32_000)
    assert (info.parameters, info.size_bytes) == (513_048, path.stat().st_size)
    assert (info.bos_token, info.eos_token, info.adds_bos, info.template) == ("<s>", "</s>", True, None)
    assert len(info.fingerprint) == 64


@pytest.mark.parametrize(("asked", "given"), [(None, 128), (100, 100), (1000, 128), (1, 1)])
def test_context_is_what_was_asked_or_trained(data: Data, asked: int | None, given: int) -> None:
    runtime = LlamaRuntime(data("malformed-models/gguf/valid-mini.gguf"), context=asked, threads=1)
    assert (runtime.info.context, runtime.info.trained_context) == (given, 128)
    runtime.close()


@pytest.mark.parametrize(
    "option",
    [{"context": 0}, {"context": 2.5}, {"threads": 0}, {"batch": -1}, {"batch": True}, {"cache_type": "q3_0"}],
    ids=str,
)
def test_options_out_of_range(data: Data, option: dict[str, float]) -> None:
    with pytest.raises(EngineError) as caught:
        LlamaRuntime(data("malformed-models/gguf/valid-mini.gguf"), **option)  # type: ignore[arg-type]
    assert caught.value.code == "bad_option"
    assert next(iter(option)) in str(caught.value)


def test_loading_tells_how_far_it_is(data: Data) -> None:
    shares: list[float] = []
    LlamaRuntime(data("gguf-tiny-random/llama-2-tiny-random.gguf"), threads=1, on_load=shares.append).close()
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_loading_stops_when_told(data: Data) -> None:
    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        LlamaRuntime(data("gguf-tiny-random/llama-2-tiny-random.gguf"), threads=1, on_load=stop)


def test_a_path_that_is_not_ascii(data: Data, tmp_path: Path) -> None:
    path = tmp_path / "Модель 模型 é" / "tiny ü.gguf"
    path.parent.mkdir()
    shutil.copy(data("malformed-models/gguf/valid-mini.gguf"), path)
    LlamaRuntime(path, threads=1).close()


def test_unknown_architecture_is_named(data: Data, tmp_path: Path) -> None:
    model = GGUF.read(data("malformed-models/gguf/valid-mini.gguf")).rename_architecture("zebra")
    with pytest.raises(EngineError) as caught:
        LlamaRuntime(model.write(tmp_path / "striped.gguf"))
    assert str(caught.value).startswith("striped.gguf has the architecture zebra, which this version of llama.cpp")


def test_what_llama_cpp_refuses_has_its_reason_and_its_last_words(data: Data, tmp_path: Path) -> None:
    model = GGUF.read(data("malformed-models/gguf/valid-mini.gguf")).set("llama.rope.dimension_count", "u32", 7)
    with pytest.raises(EngineError) as caught:
        LlamaRuntime(model.write(tmp_path / "odd.gguf"))
    assert "llama.cpp cannot load odd.gguf" in str(caught.value)
    assert "invalid n_rot: 7, expected 8" in str(caught.value)
    assert "print_info" in caught.value.detail or "llama_model_load" in caught.value.detail


def test_malformed_files_never_reach_llama_cpp(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama.c, "llama_model_load_from_file", lambda *_: pytest.fail("llama.cpp was called"))
    for name in ("truncated-data", "duplicate-key", "zero-tensors"):
        with pytest.raises(EngineError):
            LlamaRuntime(data(f"malformed-models/gguf/{name}.gguf"))


def test_embedding_models_are_refused_also_when_only_llama_cpp_knows(
    data: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llama.c, "llama_model_has_encoder", lambda model: True)
    with pytest.raises(EngineError, match="which cannot write a reply"):
        LlamaRuntime(data("malformed-models/gguf/valid-mini.gguf"))


def test_nothing_is_printed(data: Data, capfd: pytest.CaptureFixture[str]) -> None:
    LlamaRuntime(data("malformed-models/gguf/valid-mini.gguf"), threads=1).close()
    assert capfd.readouterr() == ("", "")


def test_the_log_has_it_at_level_debug(data: Data, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        LlamaRuntime(data("malformed-models/gguf/valid-mini.gguf"), threads=1).close()
    assert "n_ctx_train" in caplog.text


def test_closing_twice_does_nothing(data: Data) -> None:
    runtime = LlamaRuntime(data("malformed-models/gguf/valid-mini.gguf"), threads=1)
    runtime.close()
    runtime.close()
    with pytest.raises(RuntimeError, match="closed"):
        runtime.evaluate([1])
    with pytest.raises(RuntimeError, match="closed"):
        runtime.tokenize("a", False)


def test_system_info_names_the_version_and_the_module_that_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert system_info().startswith("llama.cpp 0.5.0-dev: CPU")
    monkeypatch.setattr("engine.runtime.llama_library.processor_module", "haswell")
    assert system_info().startswith("llama.cpp 0.5.0-dev for haswell: CPU")


# --- templates and names from the file -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [("text", "{{ messages }}", "{{ messages }}"), ("text", b"{{ \xff }}", None), ("u32", 7, None), ("text", "", None)],
)
def test_template(data: Data, tmp_path: Path, kind: str, content: object, expected: str | None) -> None:
    model = GGUF.read(data("malformed-models/gguf/valid-mini.gguf")).set("tokenizer.chat_template", kind, content)
    runtime = LlamaRuntime(model.write(tmp_path / "model.gguf"), threads=1)
    assert runtime.info.template == expected
    runtime.close()


def test_a_template_of_1024_bytes_keeps_its_last(data: Data, tmp_path: Path) -> None:
    model = GGUF.read(data("malformed-models/gguf/valid-mini.gguf"))
    model.set("tokenizer.chat_template", "text", "x" * 1023 + "!")
    runtime = LlamaRuntime(model.write(tmp_path / "model.gguf"), threads=1)
    assert runtime.info.template == "x" * 1023 + "!"
    runtime.close()


def test_the_name_of_a_model_is_that_of_its_file(data: Data) -> None:
    runtime = LlamaRuntime(data("malformed-models/gguf/name-path-traversal.gguf"), threads=1)
    assert runtime.info.name == "name-path-traversal"
    runtime.close()


# --- tokens ----------------------------------------------------------------------------------------------------------


def test_special_tokens_only_when_asked(runtime: LlamaRuntime) -> None:
    assert runtime.tokenize("</s>", special=True) == [2]
    assert 2 not in runtime.tokenize("</s>", special=False)
    assert runtime.piece(2) == b"</s>"
    assert runtime.is_end(2)
    assert not runtime.is_end(1000)


# --- logits ----------------------------------------------------------------------------------------------------------


def test_logits_are_those_of_the_reference(runtime: LlamaRuntime, data: Data) -> None:
    for sequence in json.loads(data("gguf-tiny-random/expected.json").read_text())["seqs"]:
        logits = runtime.evaluate(sequence["ids"])
        assert logits.shape == (1, 32_000)
        assert logits.dtype == np.float32
        for id, value in sequence["top"]:
            assert logits[0, id] == pytest.approx(value, abs=1e-3)
        assert int(logits.argmax()) == sequence["top"][0][0]


def test_all_logits_are_those_of_every_prefix(runtime: LlamaRuntime) -> None:
    everything = runtime.evaluate([*HELLO, 5, 6], "all")
    assert everything.shape == (5, 32_000)
    assert runtime.reused == 0
    for length in range(1, 6):
        np.testing.assert_allclose(runtime.evaluate([*HELLO, 5, 6][:length])[0], everything[length - 1], atol=1e-5)


@pytest.mark.parametrize("want", ["last", "all"])
def test_chunks_do_not_change_logits(data: Data, want: str) -> None:
    ids = [1 + i % 60 for i in range(100)]
    path = data("malformed-models/gguf/valid-mini.gguf")
    found = []
    for batch in (512, 7, 1):
        runtime = LlamaRuntime(path, batch=batch, **EXACT)
        found.append(runtime.evaluate(ids, want))  # type: ignore[arg-type]
        runtime.close()
    np.testing.assert_allclose(found[1], found[0], atol=1e-4)
    np.testing.assert_allclose(found[2], found[0], atol=1e-4)


def test_all_logits_are_fetched_in_bounded_chunks(runtime: LlamaRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = runtime.evaluate(HELLO, "all")
    monkeypatch.setattr(llama, "LOGITS_ROWS", 2)
    sizes: list[int] = []
    evaluate = runtime._context.evaluate
    monkeypatch.setattr(runtime._context, "evaluate", lambda ids, rows: (sizes.append(len(ids)), evaluate(ids, rows)))
    np.testing.assert_allclose(runtime.evaluate(HELLO, "all"), whole, atol=1e-5)
    assert sizes == [2, 1]


def test_logits_of_more_positions_than_llama_cpp_has_room_for() -> None:
    starter = open_runtime("starter", threads=1, context=256)
    try:
        assert starter.evaluate([1 + number % 250 for number in range(200)], "all").shape[0] == 200
    finally:
        starter.close()


def test_what_was_returned_does_not_change_later(runtime: LlamaRuntime) -> None:
    first = runtime.evaluate(HELLO)
    copy = first.copy()
    runtime.evaluate([1, 5])
    np.testing.assert_array_equal(first, copy)


# --- the cache -------------------------------------------------------------------------------------------------------


def test_the_common_prefix_is_not_evaluated_again(runtime: LlamaRuntime) -> None:
    runtime.evaluate([1, 2, 3, 4, 5])
    fresh = {}
    for ids, reused in (([1, 2, 3, 9], 3), ([1, 2, 3, 9, 10], 4), ([1, 2, 3, 9, 10], 4), ([7, 8], 0), ([7], 0)):
        fresh[tuple(ids)] = runtime.evaluate(ids)
        assert runtime.reused == reused, ids
    for ids, logits in fresh.items():
        runtime._context.forget()
        np.testing.assert_allclose(runtime.evaluate(ids), logits, atol=1e-5)


def test_a_generation_continues_the_cache_of_the_one_before(mini: LlamaRuntime) -> None:
    prompt = [1, 7, 8, 9]
    reply = ids_of(mini.generate(prompt, GREEDY), 6)
    next_prompt = [*prompt, *reply, 10, 11]
    ids_of(mini.generate(next_prompt, GREEDY), 1)
    assert mini.reused >= len(prompt) + len(reply) - 1


def test_memory_that_cannot_be_cut_is_cleared(runtime: LlamaRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    """As recurrent models refuse it."""
    runtime.evaluate([1, 2, 3, 4])
    monkeypatch.setattr(llama.c, "llama_memory_seq_rm", lambda *_: False)
    logits = runtime.evaluate([1, 2, 9])
    assert runtime.reused == 0
    runtime._context.forget()
    np.testing.assert_allclose(runtime.evaluate([1, 2, 9]), logits, atol=1e-5)


def test_any_failure_empties_the_cache(runtime: LlamaRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = runtime.evaluate(HELLO)
    monkeypatch.setattr(llama.c, "llama_decode", lambda *_: 1)
    with pytest.raises(EngineError) as caught:
        runtime.evaluate([*HELLO, 7])
    assert caught.value.code == "evaluation_failed"
    assert "llama_decode returned 1" in caught.value.detail
    monkeypatch.undo()
    np.testing.assert_array_equal(runtime.evaluate(HELLO), expected)
    assert runtime.reused == 0


# --- limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [126, 127, 128])
def test_the_context_may_be_filled_to_the_last_position(
    mini: LlamaRuntime, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """llama.cpp rounds 128 up to 256, and position 128 of this model ends the process."""
    endless(mini, monkeypatch)
    written = ids_of(mini.generate([3] * length, Sampling(seed=1)))
    assert len(written) == 128 - length + 1


@pytest.mark.parametrize("length", [129, 257, 5000])
def test_a_longer_prompt_is_refused_and_never_cut(mini: LlamaRuntime, length: int) -> None:
    for call in (lambda ids: mini.generate(ids, GREEDY), mini.evaluate, lambda ids: mini.evaluate(ids, "all")):
        with pytest.raises(EngineError) as caught:
            call([3] * length)
        assert caught.value.code == "context_overflow"
        assert (caught.value.data["asked"], caught.value.data["context"]) == (length, 128)


def test_ids_are_checked(mini: LlamaRuntime) -> None:
    for ids, code in (([], "empty_prompt"), ([64], "bad_token"), ([1, -1], "bad_token")):
        with pytest.raises(EngineError) as caught:
            mini.evaluate(ids)
        assert caught.value.code == code


# --- sampling --------------------------------------------------------------------------------------------------------


def test_greedy_takes_the_likeliest(mini: LlamaRuntime) -> None:
    prompt = [1, 7, 8]
    written = ids_of(mini.generate(prompt, GREEDY), 8)
    likeliest = mini.evaluate(prompt + written, "all").argmax(axis=1).tolist()
    assert written == likeliest[len(prompt) - 1 : -1]


def test_a_seed_repeats_a_text_and_none_does_not(runtime: LlamaRuntime) -> None:
    def write(seed: int | None) -> list[int]:
        return ids_of(runtime.generate([1], Sampling(temperature=1, top_k=0, top_p=1, min_p=0, seed=seed)), 8)

    assert write(7) == write(7)
    assert write(7) != write(8)
    assert write(None) != write(None)
    assert write(2**32 - 1) == write(2**32 - 1)  # llama.cpp takes this number for "any"


@pytest.mark.parametrize("filter_", [{"top_k": 1}, {"top_p": 0.0}, {"min_p": 1.0}], ids=str)
def test_each_filter_alone_leaves_the_likeliest(mini: LlamaRuntime, filter_: dict[str, float]) -> None:
    hot = {"temperature": 5.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0} | filter_
    expected = ids_of(mini.generate([1, 7, 8], GREEDY), 6)
    assert ids_of(mini.generate([1, 7, 8], Sampling(**hot)), 6) == expected  # type: ignore[arg-type]


def test_sampled_tokens_have_their_probabilities(mini: LlamaRuntime) -> None:
    logits = mini.evaluate([1, 7])[0].astype(np.float64) / 0.5
    probabilities = np.exp(logits - logits.max())
    probabilities /= probabilities.sum()
    counts = np.zeros(64)
    for seed in range(2000):
        sampling = Sampling(temperature=0.5, top_k=0, top_p=1, min_p=0, seed=seed)
        counts[next(iter(mini.generate([1, 7], sampling))).id] += 1
    assert np.abs(counts / 2000 - probabilities).max() < 0.05


def test_the_penalty_counts_the_last_tokens_of_the_prompt(mini: LlamaRuntime) -> None:
    candidates = ([1, first, second] for first in range(3, 57) for second in range(3, 57))
    prompt = next(ids for ids in candidates if int(mini.evaluate(ids)[0].argmax()) == ids[1])

    def likeliest(penalty_window: int) -> int:
        sampling = Sampling(temperature=0, repetition_penalty=20, penalty_window=penalty_window)
        return next(iter(mini.generate(prompt, sampling))).id

    logits = mini.evaluate(prompt)[0]
    for window in (0, 1, 2, 64):
        penalized = logits.copy()
        for id in set(prompt[-window:] if window else []):
            penalized[id] = penalized[id] / 20 if penalized[id] > 0 else penalized[id] * 20
        assert likeliest(window) == int(penalized.argmax())
    assert likeliest(1) == prompt[1] != likeliest(2)


def test_the_token_that_ends_a_text_is_marked_and_the_last(runtime: LlamaRuntime) -> None:
    end = runtime.evaluate(HELLO)[0].argmax()
    runtime._vocabulary.is_end = lambda id: id == end  # type: ignore[method-assign]
    tokens = list(runtime.generate(HELLO, GREEDY))
    assert [(token.id, token.end) for token in tokens] == [(end, True)]


@pytest.mark.parametrize("name", ["nan-weight", "inf-output"])
def test_weights_that_are_no_numbers_end_with_a_sentence(data: Data, name: str) -> None:
    runtime = LlamaRuntime(data(f"malformed-models/gguf/{name}.gguf"), threads=1)
    with pytest.raises(EngineError, match="weights are damaged"):
        list(runtime.generate([1, 7, 8, 9, 10, 11, 12], Sampling(seed=1)))
    runtime.close()


# --- progress and cancelling -----------------------------------------------------------------------------------------


def test_progress_between_chunks(data: Data) -> None:
    runtime = LlamaRuntime(data("malformed-models/gguf/valid-mini.gguf"), batch=16, **EXACT)
    seen: list[tuple[int, int]] = []
    next(iter(runtime.generate([3] * 50, GREEDY, progress=lambda done, total: seen.append((done, total)))))
    assert seen == [(0, 50), (16, 50), (32, 50), (48, 50), (50, 50)]
    seen.clear()
    next(iter(runtime.generate([3] * 60, GREEDY, progress=lambda done, total: seen.append((done, total)))))
    assert seen == [(50, 60), (60, 60)]
    runtime.close()


def test_cancelled_between_chunks_the_cache_keeps_what_is_done(data: Data) -> None:
    runtime = LlamaRuntime(data("malformed-models/gguf/valid-mini.gguf"), batch=16, **EXACT)
    cancelled = threading.Event()

    def stop(done: int, total: int) -> None:
        if done == 32:
            cancelled.set()

    assert list(runtime.generate([3] * 50, GREEDY, cancelled, stop)) == []
    logits = runtime.evaluate([3] * 50)
    assert runtime.reused == 32
    runtime._context.forget()
    np.testing.assert_allclose(runtime.evaluate([3] * 50), logits, atol=1e-5)
    runtime.close()


def test_cancelled_inside_a_chunk_the_cache_is_dropped(runtime: LlamaRuntime) -> None:
    """Through the abort callback: set after the last look between chunks."""

    class LateEvent(threading.Event):
        looks = 0

        def is_set(self) -> bool:
            self.looks += 1
            return self.looks > 2

    late = LateEvent()
    assert list(runtime.generate(list(range(1, 500)), GREEDY, late)) == []
    assert late.looks > 2
    assert runtime._context.ids == []
    runtime.evaluate(list(range(1, 500)))
    assert runtime.reused == 0


def test_cancelled_between_tokens(mini: LlamaRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    endless(mini, monkeypatch)
    cancelled = threading.Event()
    written = []
    for token in mini.generate([1, 7], GREEDY, cancelled):
        written.append(token)
        if len(written) == 3:
            cancelled.set()
    assert len(written) == 3


def test_cancelled_before_it_began(mini: LlamaRuntime) -> None:
    cancelled = threading.Event()
    cancelled.set()
    assert list(mini.generate([1, 7], GREEDY, cancelled)) == []


# --- one user at a time ----------------------------------------------------------------------------------------------


def test_an_older_generation_may_not_go_on_in_a_changed_cache(mini: LlamaRuntime) -> None:
    tokens = iter(mini.generate([1, 7, 8], GREEDY))
    next(tokens)
    mini.evaluate([5, 6])
    with pytest.raises(RuntimeError, match="something else"):
        next(tokens)


def test_a_second_thread_is_refused(data: Data) -> None:
    runtime = LlamaRuntime(data("malformed-models/gguf/valid-mini.gguf"), batch=8, **EXACT)
    refused: list[BaseException] = []

    def from_elsewhere(done: int, total: int) -> None:
        def call() -> None:
            try:
                runtime.evaluate([1])
            except RuntimeError as error:
                refused.append(error)

        thread = threading.Thread(target=call)
        thread.start()
        thread.join()

    next(iter(runtime.generate([3] * 10, GREEDY, progress=from_elsewhere)))
    assert len(refused) == 3
    runtime.close()


# --- state -----------------------------------------------------------------------------------------------------------


def test_state_moves_to_another_runtime(runtime: LlamaRuntime, data: Data) -> None:
    runtime.evaluate([1, 2, 3, 4])
    expected = runtime.evaluate([1, 2, 3, 4, 5])
    state = runtime.save_state()
    other = LlamaRuntime(data("gguf-tiny-random/llama-2-tiny-random.gguf"), **EXACT)
    other.load_state(state)
    np.testing.assert_allclose(other.evaluate([1, 2, 3, 4, 5]), expected, atol=1e-5)
    assert other.reused == 4
    other.close()


def test_the_state_of_an_empty_cache(runtime: LlamaRuntime) -> None:
    empty = runtime.save_state()
    runtime.evaluate([1, 2, 3])
    runtime.load_state(empty)
    runtime.evaluate([1, 2, 3])
    assert runtime.reused == 0


def test_states_that_do_not_fit_change_nothing(runtime: LlamaRuntime, mini: LlamaRuntime, data: Data) -> None:
    half = LlamaRuntime(data("gguf-tiny-random/llama-2-tiny-random.gguf"), **(EXACT | {"cache_type": "f16"}))
    short = LlamaRuntime(data("gguf-tiny-random/llama-2-tiny-random.gguf"), context=2, **EXACT)
    for other in (mini, half, runtime):
        other.evaluate([1, 2, 3])
    good = runtime.save_state()
    flipped = bytearray(good)
    flipped[-9] ^= 1
    bad = [b"", b"nonsense", good[:-1], good[:20], bytes(flipped), mini.save_state(), half.save_state()]
    for state in bad:
        with pytest.raises(EngineError) as caught:
            runtime.load_state(state)
        assert caught.value.code == "bad_state"
    with pytest.raises(EngineError):
        short.load_state(good)
    runtime.evaluate([1, 2, 3, 4])
    assert runtime.reused == 3
    half.close()
    short.close()


def test_a_state_llama_cpp_refuses_keeps_the_present_cache(
    runtime: LlamaRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime.evaluate([1, 2, 3])
    state = runtime.save_state()
    expected = runtime.evaluate([9, 8, 7, 6])
    real = llama.c.llama_state_seq_set_data
    answers = iter((lambda *_: 0, real))
    monkeypatch.setattr(llama.c, "llama_state_seq_set_data", lambda *arguments: next(answers)(*arguments))
    with pytest.raises(EngineError):
        runtime.load_state(state)
    np.testing.assert_allclose(runtime.evaluate([9, 8, 7, 6]), expected, atol=1e-5)
    assert runtime.reused == 3
