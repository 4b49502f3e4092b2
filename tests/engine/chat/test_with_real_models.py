"""Chats with real tokenizers and a real, if tiny and untrained, model in llama.cpp."""

from __future__ import annotations

import json
import lzma
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import CHATML, ScriptedRuntime

from engine import jobs
from engine.chat.backend import LocalBackend, open_backend
from engine.chat.messages import ChatOptions, Message
from engine.chat.prompt import build_prompt, plain_text
from engine.chat.templates import TemplateRenderer
from engine.errors import EngineError
from engine.events import Event, Failed, Finished, Log, Progress, TextDelta
from engine.gpt.tokenizer import Tokenizer
from engine.runtime.base import Runtime, Sampling, open_runtime

TINY = "gguf-tiny-random/llama-2-tiny-random.gguf"
INSTRUCT = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]"
    "{% else %}{{ m.content }}{{ eos_token }}{% endif %}{% endfor %}"
)


@pytest.fixture
def runtime(data: Callable[..., Path]) -> Iterator[Runtime]:
    runtime = open_runtime(data(TINY), context=512, threads=1, batch=64)
    yield runtime
    runtime.close()


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def stats_of(events: list[Event]) -> dict[str, Any]:
    assert isinstance(events[-1], Finished)
    return events[-1].stats


# --- llama.cpp -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", [None, CHATML, INSTRUCT], ids=["none", "chatml", "instruct"])
def test_a_second_turn_evaluates_only_what_is_new(runtime: Runtime, template: str | None) -> None:
    runtime.info = replace(runtime.info, template=template)
    backend = LocalBackend(runtime)
    messages = [Message("user", "Hello  there,\nyou é🙂")]
    known = 0
    for turn in range(4):
        events = list(backend.stream(messages, ChatOptions(Sampling(seed=turn), max_tokens=15)))
        stats = stats_of(events)
        assert stats["cached_tokens"] >= known, turn
        # the last token of a reply was chosen, but not evaluated yet
        known = stats["prompt_tokens"] + stats["output_tokens"] - 1
        reply = Message("assistant", text_of(events), tuple(stats["tokens"]), stats["model"])
        messages += [reply, Message("user", "And then?")]
    backend.close()


def test_typed_special_tokens_stay_text(runtime: Runtime) -> None:
    renderer = TemplateRenderer()

    def render(messages: Any) -> str:
        return renderer.render(INSTRUCT, messages, bos_token="<s>", eos_token="</s>")

    messages = [Message("user", "a</s><s>b"), Message("assistant", "</s>"), Message("user", "<s>")]
    ids = build_prompt(runtime, render, messages)
    bos, eos = runtime.tokenize("<s>", True), runtime.tokenize("</s>", True)
    assert [id for id in ids if [id] in (bos, eos)] == [*bos, *eos]
    text = b"".join(runtime.piece(id) for id in ids).decode()
    assert text.replace(" ", "") == render(messages).replace(" ", "")  # SentencePiece adds some after special tokens
    renderer.close()


def test_a_stretch_inside_a_prompt_gets_no_space_of_sentencepiece(runtime: Runtime) -> None:
    messages = [Message("user", "one</s>"), Message("user", "two"), Message("user", " three<s>"), Message("user", "4")]
    ids = build_prompt(runtime, plain_text, messages)
    assert b"".join(runtime.piece(id) for id in ids) == b"<s> " + plain_text(messages).encode()


def test_a_conversation_that_does_not_fit_is_named(runtime: Runtime) -> None:
    backend = LocalBackend(runtime)
    with pytest.raises(EngineError) as caught:
        list(backend.stream([Message("user", "word " * 600)]))
    assert caught.value.code == "context_overflow"
    assert caught.value.data["asked"] > caught.value.data["context"] == 512
    assert text_of(list(backend.stream([Message("user", "hi")], ChatOptions(max_tokens=5))))
    backend.close()


def test_a_reply_fills_the_context_and_no_more(runtime: Runtime) -> None:
    backend = LocalBackend(runtime)
    stats = stats_of(list(backend.stream([Message("user", "word " * 490)], ChatOptions(Sampling(seed=1)))))
    assert stats["prompt_tokens"] + stats["output_tokens"] == 512 or stats["stop"]
    backend.close()


def test_stop_comes_at_once_and_progress_is_told(runtime: Runtime) -> None:
    backend = LocalBackend(runtime)
    cancelled = threading.Event()
    events = []
    for event in backend.stream([Message("user", "word " * 400)], cancelled=cancelled):
        events.append(event)
        cancelled.set()
    assert isinstance(events[0], Progress)
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "cancelled"
    backend.close()


# --- jobs ------------------------------------------------------------------------------------------------------------


def run(job: str, params: dict[str, Any], context: jobs.JobContext) -> list[Event]:
    return list(jobs.run(jobs.find(job), params, context))


def test_load_and_chat_as_the_worker_does(data: Callable[..., Path]) -> None:
    context = jobs.JobContext()
    messages = [{"role": "user", "content": "hi"}]
    (failed,) = run("chat", {"messages": messages}, context)
    assert isinstance(failed, Failed)
    assert failed.code == "no_model_loaded"

    loading = run("load", {"model": str(data(TINY)), "backend": None, "options": {"context": 64}}, context)
    assert loading[-2] == Progress(100, 100, "percent")
    end = loading[-1]
    assert isinstance(end, Finished)
    assert (end.reason, end.stats["backend"], end.stats["context"]) == ("loaded", "llama", 64)
    assert end.stats["memory_bytes"] > end.stats["size_bytes"]

    reply = run("chat", {"messages": messages, "options": {"max_tokens": 3, "temperature": 0}}, context)
    assert len(stats_of(reply)["tokens"]) == 3
    (failed,) = run("chat", {"messages": messages, "options": {"top_p": 7}}, context)
    assert isinstance(failed, Failed)
    assert failed.code == "bad_option"
    context.state["backend"].close()


def test_loading_replaces_what_was_loaded(data: Callable[..., Path]) -> None:
    runtime = ScriptedRuntime()
    context = jobs.JobContext(state={"backend": LocalBackend(runtime)})
    (*_, failed) = run("load", {"model": str(data(TINY)) + ".missing"}, context)
    assert isinstance(failed, Failed)
    assert runtime.closed
    assert "backend" not in context.state
    run("load", {"model": str(data(TINY))}, context)
    context.state["backend"].close()


@pytest.mark.parametrize(
    ("name", "reason"),
    [("endless-loop", ""), ("sandbox-escape", "refused"), ("syntax-error", "does not work"), ("big-string", "memory")],
)
def test_a_model_with_a_hostile_template_still_answers(data: Callable[..., Path], name: str, reason: str) -> None:
    backend = open_backend(data(f"malformed-models/gguf/template-{name}.gguf"))
    events = list(backend.stream([Message("user", "a")], ChatOptions(max_tokens=2)))
    (warning,) = [event for event in events if isinstance(event, Log)]
    assert warning.level == "warning"
    assert reason in warning.text
    assert isinstance(events[-1], Finished)
    backend.close()


# --- the same ids as transformers ------------------------------------------------------------------------------------


class TokenizerRuntime(ScriptedRuntime):
    """A scripted runtime with our real tokenizer."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        super().__init__()
        self.tokenizer = tokenizer

    def tokenize(self, text: str, special: bool) -> list[int]:
        return self.tokenizer.encode(text, special)

    def piece(self, id: int) -> bytes:
        return self.tokenizer.piece(id)


def test_prompts_have_the_ids_of_transformers(data: Callable[..., Path], tmp_path: Path) -> None:
    """All known templates over all recorded conversations, by a tokenizer of ours."""
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer.train(["Hello, how can I help you with a joke? You are a helpful assistant. "] * 9, 400)
    tokenizer.save(tmp_path)
    reference = PreTrainedTokenizerFast(tokenizer_file=str(tmp_path / "tokenizer.json"))
    runtime, renderer = TokenizerRuntime(tokenizer), TemplateRenderer()
    with lzma.open(data("chat-templates/renderings.jsonl.xz"), "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    compared = 0
    for row in rows:
        template = (data("chat-templates") / row["template"]).read_text(encoding="utf-8")
        typed = any("<|im_" in message["content"] for message in row["messages"])
        if "output" not in row or "strftime_now" in template or typed or not row["messages"]:
            continue
        names = {name: row[name] for name in ("bos_token", "eos_token", "add_generation_prompt")}

        def render(messages: Any, template: str = template, names: dict[str, Any] = names) -> str:
            return renderer.render(template, messages, **names)

        ids = build_prompt(runtime, render, [Message(m["role"], m["content"]) for m in row["messages"]])
        expected = reference.apply_chat_template(row["messages"], chat_template=template, return_dict=False, **names)
        assert ids == expected, (row["template"], row["case"])
        compared += 1
    assert compared > 500
    renderer.close()
