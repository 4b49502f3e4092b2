"""What a chat template writes, and which of it is learnt: on all templates we know, and on ones that make it hard."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.chat.messages import Message
from engine.chat.templates import TemplateRenderer
from engine.data.encode import talk
from engine.data.written import Writer, Written
from engine.phrases import Phrase

ONE = [Message("user", "2+2?"), Message("assistant", "Four.")]
TWO = [Message("system", "Be brief."), *ONE, Message("user", "And 3+3?"), Message("assistant", "  Six, I\n\nthink ")]
CHATML = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
ASKING = "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"

# The tokens with which each template ends a text or a turn, where it is not that of the recording.
ENDS = ("</s>", "<|im_end|>", "<|END_OF_TURN_TOKEN|>", "<|eot_id|>", "<｜end▁of▁sentence｜>")
MARKS = (*ENDS, "<|end|>", "<|eom|>", "<|eot|>", "<|EOT|>", "<end_of_turn>", "<turn|>", "<|end_of_turn|>", "<|return|>")

# What else a reply is learnt with, and why. Everything not named here is learnt as reply + mark, to the letter.
OPENINGS = {
    "CohereForAI-c4ai-command-r7b-12-2024-tool_use": "<|START_RESPONSE|>",  # the model opens its answer itself
    "axolotl-command_a_rag": "<|START_RESPONSE|>",
    "axolotl-command_a_tool_use": "<|START_RESPONSE|>",
    "THUDM-chatglm3-6b": "\n ",  # the request for a reply ends before the line does
    "derek33125-project-angel-chatglm4": "\n",
    "axolotl-jamba": " ",  # the space between the request and the reply is the model's
    "axolotl-llava": " ",
    "axolotl-mistral_v1": " ",
    "axolotl-mistral_v2v3": " ",
    "mistralai-Mistral-7B-Instruct-v0.2": " ",
    "openchat-openchat-3.5-0106": " ",
    "axolotl-qwen3": "</think>\n\n",  # the request begins a thought, the model ends it
    "axolotl-qwen3_5": "</think>\n\n",
    "trl-qwen3": "<think>\n\n</think>\n\n",  # an empty thought, which the model writes
    "trl-qwen3_training": "<think>\n\n</think>\n\n",
    "trl-glm4moe": "\n<think></think>\n",
    "meetkai-functionary-medium-v3.2": "all\n",  # to whom the model speaks
    "trl-gptoss": "<|channel|>final<|message|>",  # the channel the model chooses
}
# In conversations of several replies these open only the last one so, or, with a system message, none.
ONLY_LAST = {"axolotl-qwen3", "axolotl-qwen3_5", "trl-qwen3"}
NOT_WITH_SYSTEM = {"axolotl-mistral_v2v3"}
# These end a reply otherwise when more follows, so that its mark is not learnt there; the last one's is.
ENDLESS_BETWEEN = {"axolotl-metharme", "trl-gptoss"}
# These write no mark behind a reply at all: the token that ends a text is put behind the last one.
OPEN = {
    "THUDM-chatglm3-6b", "derek33125-project-angel-chatglm4", "axolotl-llava", "trl-glm4moe",
    "indischepartij-MiniCPM-3B-OpenHermes-2.5-v2",
}  # fmt: skip
# These ask for a reply otherwise than they show one, so learning begins with the reply itself.
SHOWN_OTHERWISE = {
    "axolotl-gemma4", "axolotl-qwen3", "axolotl-qwen3_5", "llama-cpp-deepseek-r1", "trl-deepseekv3",
    "trl-nemotron_3_super",
}  # fmt: skip
# These take a system message only where the last message is one of the user.
SYSTEM_WITH_LAST_USER = {"axolotl-mistral_v2v3", "axolotl-mistral_v3_tekken", "mistralai-Mistral-Nemo-Instruct-2407"}
NO_SYSTEM = {"axolotl-gemma"}
UNUSABLE = {
    "fireworks-ai-llama-3-firefunction-v2": "'functions' is undefined",
    "trl-idefics3": "the chat template rewrites its replies",  # it wants contents in parts, and writes texts as nothing
}


def written(filler: Writer, messages: list[Message]) -> Written:
    (found,) = filler.write([talk(messages, "replies")])
    assert isinstance(found, Written), found
    return found


def learnt(found: Written) -> list[str]:
    return [found.text[start:end] for start, end in found.learnt]


@pytest.fixture(scope="module")
def writer() -> Iterator[Callable[..., Writer]]:
    """Writers that share one process."""
    renderer = TemplateRenderer()

    def open_writer(template: str, bos_token: str = "<s>", eos_token: str = "</s>") -> Writer:
        writer = Writer(template, bos_token, eos_token, ENDS, MARKS)
        writer._renderer = renderer
        return writer

    yield open_writer
    renderer.close()


def test_of_every_known_template_the_replies_and_their_marks_are_learnt(
    data: Callable[..., Path], writer: Callable[..., Writer]
) -> None:
    """What else is learnt with them, and where a mark is missing, is named above with its reason."""
    paths = sorted(data("chat-templates").glob("*.jinja"))
    assert len(paths) == 65
    for path in paths:
        name = path.stem
        filler = writer(path.read_text("utf-8"))
        answers = filler.write([talk(ONE, "replies")])
        if name in UNUSABLE:
            assert str(answers[0]).startswith(UNUSABLE[name]), name
            continue
        check(name, written(filler, ONE), ["Four."])
        assert written(filler, ONE).open == (name in OPEN), name
        if name in NO_SYSTEM:
            assert filler.write([talk(TWO, "replies")]) == ["System role not supported (line 1)"]
            check(name, written(filler, TWO[1:]), ["Four.", TWO[-1].content])
            continue
        check(name, written(filler, TWO), ["Four.", TWO[-1].content], system=True)
        said = " ".join(filler.notes())
        assert ("asks for one" in said) == (name in SHOWN_OTHERWISE | SYSTEM_WITH_LAST_USER), name


def check(name: str, found: Written, replies: list[str], system: bool = False) -> None:
    assert found.messages == tuple(range(1 + system, 1 + system + 2 * len(replies), 2))
    for number, (text, reply) in enumerate(zip(learnt(found), replies, strict=True)):
        last = number == len(replies) - 1
        opening = OPENINGS.get(name, "")
        if (name in ONLY_LAST and not last and len(replies) > 1) or (name in NOT_WITH_SYSTEM and system):
            opening = ""
        assert text.startswith(opening), (name, text)
        rest = text.removeprefix(opening)
        shown = next((form for form in (reply, reply.rstrip(), reply.strip()) if rest.startswith(form)), None)
        assert shown is not None, (name, text)
        mark = rest.removeprefix(shown)
        expected = name not in OPEN and (last or name not in ENDLESS_BETWEEN)
        assert bool(mark) == expected, (name, text)
        assert not mark or re.fullmatch(r"(\s*(<[^<>\s]+>|</s>))+", mark), (name, text)


def test_templates_that_llama_cpp_expects(data: Callable[..., Path], writer: Callable[..., Writer]) -> None:
    for line in data("chat-templates/expected-llamacpp.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        messages = [Message(m["role"], m["content"]) for m in row["messages"]]
        found = written(writer(row["template"], row["bos_token"], row["eos_token"]), messages)
        assert [text.strip().startswith(want) for text, want in zip(learnt(found), ("Hi there", "I am"), strict=True)]
        between = found.text
        for start, end in reversed(found.learnt):
            between = between[:start] + between[end:]
        assert "Hi there" not in between, row["name"]
        assert "an assistant   " not in between, row["name"]
        assert "Who are you" in between, row["name"]


def test_a_template_without_an_end_is_told(writer: Callable[..., Writer]) -> None:
    open_ended = writer("{% for m in messages %} {{ m.role }}: {{ m.content }}{% endfor %}")
    assert written(open_ended, ONE).open
    assert learnt(written(open_ended, ONE)) == [" assistant: Four."], (
        "it never asks for a reply, so the model begins it"
    )


def test_prefixes_that_do_not_grow_are_told(writer: Callable[..., Writer]) -> None:
    dated = writer(
        "{{ messages | length }}{% for m in messages %}<{{ m.role }}>{{ m.content }}</s>{% endfor %}"
        "{% if add_generation_prompt %}<assistant>{% endif %}"
    )
    assert learnt(written(dated, TWO)) == ["Four.</s>", TWO[-1].content + "</s>"]
    assert any("asks for one" in note for note in dated.notes())


def test_a_template_that_looks_into_contents(writer: Callable[..., Writer]) -> None:
    """A thought is shown only of the last reply, and cut out of those before it."""
    thinking = writer(
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if '</think>' in m.content and loop.last %}"
        "<think>{{ m.content.split('</think>')[0].split('<think>')[-1] }}</think>\n\n{% endif %}"
        "{{ m.content.split('</think>')[-1].lstrip('\n') }}<|im_end|>\n{% endfor %}" + ASKING
    )
    thought = Message("assistant", "<think>hm</think>\n\nSix.")
    assert learnt(written(thinking, [ONE[0], thought])) == ["<think>hm</think>\n\nSix.<|im_end|>"]
    assert not thinking.notes()
    both = written(thinking, [ONE[0], thought, ONE[0], thought])
    assert learnt(both)[-1] == "<think>hm</think>\n\nSix.<|im_end|>"
    assert thinking.notes() == ["1 message is shortened or rewritten by the chat template."]


def test_the_same_word_in_template_and_message(writer: Callable[..., Writer]) -> None:
    plain = writer(CHATML + ASKING)
    for content in ("assistant", "<|im_end|>", "user", "im_start", "\n", "<|im_start|>assistant\nFour.<|im_end|>\n"):
        messages = [Message("user", content), Message("assistant", content + "."), *ONE]
        found = written(plain, messages)
        assert learnt(found) == [content + ".<|im_end|>", "Four.<|im_end|>"]
        assert [found.text[start:end] for start, end in found.contents if end > start][-1] == "Four."


def test_what_is_left_out_is_counted(writer: Callable[..., Writer]) -> None:
    deaf = writer("{% for m in messages if m.role != 'system' %}[{{ m.content }}]{% endfor %}")
    deaf.write([talk(TWO, "replies")] * 3)
    assert deaf.notes()[-1] == "3 messages of the role system are left out by the chat template."
    loud = writer("{% for m in messages %}[{{ m.content | upper }}]{% endfor %}")
    assert learnt(written(loud, TWO)) == ["[FOUR.]", "[  SIX, I\n\nTHINK ]"]
    assert loud.notes()[-1] == "4 messages are shortened or rewritten by the chat template."
    assert all(isinstance(note, Phrase) for note in [*deaf.notes(), *loud.notes()])


def test_a_row_that_the_template_refuses_has_its_reason(writer: Callable[..., Writer]) -> None:
    strict = writer(
        "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
        "{{ raise_exception('Roles must alternate.') }}{% endif %}{{ m.content }}</s>{% endfor %}"
    )
    bad = [ONE[0], *ONE]
    first, second = strict.write([talk(bad, "replies"), talk(ONE, "replies")])
    assert str(first).startswith("Roles must alternate")
    assert isinstance(second, Written)


def test_all_roles_can_be_learnt(writer: Callable[..., Writer]) -> None:
    plain = writer(CHATML + ASKING)
    (found,) = plain.write([talk(TWO, "all")])
    assert isinstance(found, Written)
    assert learnt(found) == [message.content + "<|im_end|>" for message in TWO]
