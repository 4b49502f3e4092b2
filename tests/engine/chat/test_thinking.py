"""What a model thinks is told from its reply, kept beside it, and never lost, doubled or sent back."""

from __future__ import annotations

import random
from typing import Any

import pytest
from fakes import CHATML, ScriptedRuntime

from engine.chat.backend import LocalBackend
from engine.chat.messages import ChatOptions, Message
from engine.chat.thinking import ThoughtSplitter
from engine.events import Event, Finished, TextDelta, ThinkingDelta

HI = Message("user", "hi")
OPENED = CHATML.replace("assistant\n{% endif", "assistant\n<think>\n{% endif")  # as DeepSeek-R1's template


def texts(events: list[Any]) -> tuple[str, str]:
    """Thought and reply."""
    return (
        "".join(event.text for event in events if isinstance(event, ThinkingDelta)),
        "".join(event.text for event in events if isinstance(event, TextDelta)),
    )


def split(pieces: list[str], inside: bool = False) -> tuple[str, str]:
    splitter = ThoughtSplitter(inside)
    events = [event for piece in pieces for event in splitter.feed(piece)]
    return texts([*events, *splitter.close()])


CASES = [
    ("<think>\nHm.\n</think>\n\nHello", False, ("Hm.", "Hello")),
    ("\n <think>a\n\nb</think>c", False, ("a\n\nb", "c")),
    ("<think></think>Hello", False, ("", "Hello")),
    ("<think>\n\n</think>\n\n  Hello ", False, ("", "Hello ")),
    ("<think>never ends < / </thin", False, ("never ends < /", "")),
    ("Hello <think>no</think>", False, ("", "Hello <think>no</think>")),
    ("<think>a</think>b<think>c</think>", False, ("a", "b<think>c</think>")),
    ("  Hello\n", False, ("", "  Hello\n")),
    ("<thi", False, ("", "<thi")),
    ("<thinking>x", False, ("", "<thinking>x")),
    ("\n\n", False, ("", "\n\n")),
    ("", False, ("", "")),
    ("Hm.\n</think>\n\nHello", True, ("Hm.", "Hello")),
    ("Hm <think> x", True, ("Hm <think> x", "")),
    ("🌱</think>🌿", True, ("🌱", "🌿")),
]


@pytest.mark.parametrize(("text", "inside", "expected"), CASES)
def test_however_a_reply_is_cut_up_thought_and_reply_are_the_same(
    text: str, inside: bool, expected: tuple[str, str]
) -> None:
    assert split([text], inside) == expected
    assert split(list(text), inside) == expected
    chance = random.Random(1)
    for _ in range(50):
        cuts = sorted(chance.choices(range(len(text) + 1), k=3))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        assert split(pieces, inside) == expected


def test_a_reply_that_is_no_thought_is_not_held_back() -> None:
    splitter = ThoughtSplitter()
    assert splitter.feed("H") == [TextDelta("H")]
    assert splitter.feed("<think>") == [TextDelta("<think>")]


def test_a_thought_is_shown_as_it_comes() -> None:
    splitter = ThoughtSplitter()
    assert splitter.feed("<think>Let") == [ThinkingDelta("Let")]
    assert splitter.feed(" me") == [ThinkingDelta(" me")]
    assert splitter.thinking
    assert splitter.feed("</think>") == []
    assert not splitter.thinking


# --- the local backend ---------------------------------------------------------------------------------------------


def answer(runtime: ScriptedRuntime, messages: list[Message], **options: Any) -> tuple[str, Message, Finished]:
    """The thought, the reply as it is kept, and how it ended."""
    backend = LocalBackend(runtime)
    events: list[Event] = list(backend.stream(messages, ChatOptions(**options)))
    backend.close()
    end = events[-1]
    assert isinstance(end, Finished)
    thought, text = texts(events)
    return thought, Message("assistant", text, tuple(end.stats["tokens"]), end.stats["model"]), end


def test_a_thought_is_no_part_of_the_reply_but_of_what_the_model_wrote() -> None:
    written = "<think>\nHm.\n</think>\n\nHello"
    thought, reply, end = answer(ScriptedRuntime().enqueue(written), [HI])
    assert (thought, reply.content) == ("Hm.", "Hello")
    assert reply.tokens == tuple(written.encode())
    assert end.stats["output_tokens"] == len(written)
    assert end.stats["thinking_tokens"] == len("\nHm.\n</think>")


def test_the_next_turn_has_the_very_ids_of_the_reply_without_its_thought() -> None:
    runtime = ScriptedRuntime().enqueue("<think>Hm</think>\n\n<|im_end|>", "x")
    _, reply, _ = answer(runtime, [HI])
    assert reply.content == "<|im_end|>"  # written letter by letter, which no tokenizer would do
    answer(runtime, [HI, reply, HI])
    prompt = "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
    after = "<|im_end|>\n" + prompt
    special = [runtime.tokenize(part, special=True) for part in (prompt, after)]
    assert runtime.prompts[1] == [*special[0], *b"<|im_end|>", *special[1]]


def test_ids_before_the_content_that_are_no_thought_are_not_left_out() -> None:
    runtime = ScriptedRuntime().enqueue("x")
    answer(runtime, [HI, Message("assistant", "b<|im_end|>", tuple(b"ab<|im_end|>"), "f00d"), HI])
    assert runtime.id_of("<|im_end|>") not in runtime.prompts[0][-60:-55]
    assert bytes(id for id in runtime.prompts[0] if id < 256).count(b"ab") == 0


@pytest.mark.parametrize("template", [CHATML, OPENED])
def test_a_reply_cut_anywhere_goes_on_as_if_it_had_not_been(template: str) -> None:
    written = "Let me 🌱 see.\n</think>\n\nHello 🌿 there"
    written = written if template is OPENED else "<think>\n" + written
    whole_thought, whole, _ = answer(ScriptedRuntime(template).enqueue(written), [HI])
    assert (whole_thought, whole.content) == ("Let me 🌱 see.", "Hello 🌿 there")
    raw = written.encode()
    mark = 0 if template is OPENED else len(b"<think>")  # one token of those models
    for cut in range(max(1, mark), len(raw)):
        thought, begun, _ = answer(ScriptedRuntime(template).enqueue(raw), [HI], max_tokens=cut)
        kept = Message("assistant", begun.content.removesuffix("\ufffd"), begun.tokens, begun.model)
        runtime = ScriptedRuntime(template).enqueue(raw[cut:])
        more, rest, _ = answer(runtime, [HI, kept], continue_final_message=True)
        assert runtime.prompts[0][-cut:] == list(raw[:cut])
        assert kept.content + rest.content == whole.content, cut
        assert thought + more == whole_thought, cut
        assert rest.tokens == whole.tokens


def test_where_nothing_is_kept_of_an_opened_thought_it_is_closed_before_the_reply_goes_on() -> None:
    runtime = ScriptedRuntime(OPENED).enqueue(" there")
    thought, rest, _ = answer(runtime, [HI, Message("assistant", "Hello")], continue_final_message=True)
    assert bytes(id for id in runtime.prompts[0] if id < 256).endswith(b"<think>\n</think>\n\nHello")
    assert (thought, rest.content) == ("", " there")


def test_a_reply_kept_whole_by_an_earlier_version_goes_on() -> None:
    text = "<think>Hm</think>Hello"
    runtime = ScriptedRuntime().enqueue("!")
    old = Message("assistant", text, tuple(text.encode()), "f00d")
    thought, rest, _ = answer(runtime, [HI, old], continue_final_message=True)
    assert (thought, rest.content) == ("", "!")
    assert runtime.prompts[0][-len(text) :] == list(text.encode())


def test_a_question_that_ends_in_the_mark_opens_no_thought() -> None:
    thought, reply, _ = answer(ScriptedRuntime(None).enqueue("b"), [Message("user", "a<think>")])
    assert (thought, reply.content) == ("", "b")
