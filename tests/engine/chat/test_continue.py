"""Continuing a reply: the same ids, to the last one, as if it had never been cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from fakes import CHATML, ScriptedRuntime
from random_gpt import english_tokenizer, random_gpt

from engine.chat.backend import ChatBackend, LocalBackend, open_backend
from engine.chat.messages import ChatOptions, Message, whole_characters
from engine.errors import EngineError
from engine.events import Event, Finished, TextDelta
from engine.gpt import hf
from engine.gpt.gguf import write_gguf
from engine.runtime.base import Sampling

HI = [Message("user", "hi")]
GREEDY = Sampling(temperature=0, repetition_penalty=1.5)  # without the penalty a random model repeats one token
LENGTH = 40


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def answer(backend: ChatBackend, messages: list[Message], **options: object) -> tuple[Message, Finished]:
    events = list(backend.stream(messages, ChatOptions(**options)))  # type: ignore[arg-type]
    end = events[-1]
    assert isinstance(end, Finished)
    return Message("assistant", text_of(events), tuple(end.stats["tokens"]), end.stats["model"]), end


def go_on(backend: ChatBackend, begun: Message, **options: object) -> tuple[Message, Finished]:
    """The whole reply, after what was begun has been continued."""
    open_end = Message("assistant", whole_characters(begun.content), begun.tokens, begun.model)
    rest, end = answer(backend, [*HI, open_end], continue_final_message=True, **options)
    return Message("assistant", open_end.content + rest.content, rest.tokens, rest.model), end


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One small random model as both backends take it."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("models")
    model, tokenizer = random_gpt("qwen3", context=128), english_tokenizer()
    hf.save(model, tokenizer, folder / "tiny", dtype=torch.float32)
    write_gguf(model, tokenizer, folder / "tiny.gguf", "f32")
    return {"gpt": folder / "tiny", "llama": folder / "tiny.gguf"}


@pytest.fixture(params=["gpt", "llama"])
def backend(request: pytest.FixtureRequest, models: dict[str, Path]) -> Iterator[ChatBackend]:
    backend = open_backend(models[request.param], threads=1)
    yield backend
    backend.close()


def test_a_reply_cut_anywhere_goes_on_with_the_ids_of_the_uncut_one(backend: ChatBackend) -> None:
    whole, end = answer(backend, HI, sampling=GREEDY, max_tokens=LENGTH)
    assert end.reason == "length"
    assert len(set(whole.tokens or ())) > 3
    for cut in range(1, LENGTH):
        begun, _ = answer(backend, HI, sampling=GREEDY, max_tokens=cut)
        continued, end = go_on(backend, begun, sampling=GREEDY, max_tokens=LENGTH - cut)
        assert continued == whole, cut
        assert end.stats["output_tokens"] == LENGTH - cut


def test_a_reply_may_be_continued_more_than_once(backend: ChatBackend) -> None:
    whole, _ = answer(backend, HI, sampling=GREEDY, max_tokens=LENGTH)
    reply, _ = answer(backend, HI, sampling=GREEDY, max_tokens=10)
    for _ in range(3):
        reply, _ = go_on(backend, reply, sampling=GREEDY, max_tokens=10)
    assert reply == whole


def test_without_its_ids_the_text_goes_on(backend: ChatBackend) -> None:
    begun, _ = answer(backend, HI, sampling=GREEDY, max_tokens=10)
    typed = Message("assistant", whole_characters(begun.content))
    continued, _ = go_on(backend, typed, sampling=GREEDY, max_tokens=5)
    assert continued.content.startswith(typed.content)
    assert len(continued.content) > len(typed.content)


def test_the_prompt_ends_in_the_open_reply() -> None:
    runtime = ScriptedRuntime(CHATML).enqueue(" world")
    backend = LocalBackend(runtime)
    reply, _ = go_on(backend, Message("assistant", "Hello<|im_end|>", tuple(b"Hello<|im_end|>"), "f00d"))
    before = "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
    assert runtime.prompts[0] == [*runtime.tokenize(before, special=True), *b"Hello<|im_end|>"]
    assert reply.content == "Hello<|im_end|> world"
    assert reply.tokens == tuple(b"Hello<|im_end|> world")
    backend.close()


def test_ids_of_another_model_are_not_used() -> None:
    runtime = ScriptedRuntime().enqueue("!")
    backend = LocalBackend(runtime)
    reply, _ = go_on(backend, Message("assistant", "Hello", (1, 2, 3), "another"))
    assert reply.tokens == tuple(b"Hello!")
    backend.close()


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_character_cut_in_two_becomes_whole(cut: int) -> None:
    smile = "🙂".encode()
    runtime = ScriptedRuntime().enqueue(b"a" + smile, [*smile[cut:], *b"!"])
    backend = LocalBackend(runtime)
    begun, _ = answer(backend, HI, max_tokens=1 + cut)
    assert begun.content == "a\ufffd"
    continued, _ = go_on(backend, begun)
    assert continued.content == "a🙂!"
    assert continued.tokens == (*b"a", *smile, *b"!")
    backend.close()


def test_a_replacement_character_that_the_model_wrote_stays() -> None:
    backend = LocalBackend(ScriptedRuntime().enqueue("a\ufffd", "b"))
    begun, _ = answer(backend, HI)
    continued, _ = go_on(backend, begun)
    assert continued.content == "a\ufffdb"
    backend.close()


@pytest.mark.parametrize("messages", [[], HI])
def test_only_a_reply_can_be_continued(messages: list[Message]) -> None:
    backend = LocalBackend(ScriptedRuntime())
    with pytest.raises(EngineError, match="only a reply"):
        list(backend.stream(messages, ChatOptions(continue_final_message=True)))
    backend.close()


def test_the_option_is_true_or_false() -> None:
    assert ChatOptions.from_json({"continue_final_message": True, "max_tokens": 3}).continue_final_message
    with pytest.raises(EngineError, match="true or false"):
        ChatOptions.from_json({"continue_final_message": "yes"})
