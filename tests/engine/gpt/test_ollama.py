"""What a Modelfile says of a template: what it writes is what the model's own template writes, or nothing is said."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from random_gpt import english_tokenizer

from engine.chat.messages import Message
from engine.chat.templates import TemplateRenderer
from engine.gpt.ollama import modelfile, turns_of
from engine.gpt.tokenizer import Tokenizer

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TALK = [
    Message("system", "Be\nkind."),
    Message("user", 'Say "hi"'),
    Message("assistant", "hi"),
    Message("user", "more\\"),
    Message("assistant", ""),
    Message("user", "{{ .Content }}"),
]


def tokenizer(template: str | None) -> Tokenizer:
    found = english_tokenizer()
    found.template = template
    return found


def go(template: str, messages: list[Message]) -> str:
    """What Go's text/template makes of what `Turns.go_template` writes: its few actions, with their trimming."""
    parts = re.split(r"(\{\{-? .*? \}\})", re.sub(r"\s+\{\{-", "{{-", template), flags=re.DOTALL)
    text, before = "", ""
    start = next(number for number, part in enumerate(parts) if part == "{{- range .Messages }}")
    depth, end = 1, start
    while depth:
        end += 1
        opens = parts[end].startswith(("{{- if", "{{- range"))
        depth += opens - (parts[end] == "{{- end }}")
    for message in messages:
        text += _branch(parts[start + 1 : end], message, before)
        before = message.role
    return text + "".join(json.loads(part[4:-3]) if part.startswith("{{-") else part for part in parts[end + 1 :])


def _branch(parts: list[str], message: Message, before: str) -> str:
    """What the actions within the range write for a message."""
    text = ""
    frames: list[list[bool]] = []  # of each `if` around: whether its present branch holds, whether one has held
    for part in filter(None, parts):
        if match := re.match(r'\{\{-? (else )?if (eq|ne) (\.Role|\$before) "(\w*)" \}\}', part):
            value = message.role if match[3] == ".Role" else before
            holds = (value == match[4]) is (match[2] == "eq")
            if match[1]:
                holds = holds and not frames[-1][1]
                frames[-1] = [holds, frames[-1][1] or holds]
            else:
                frames.append([holds, holds])
        elif part == "{{- else }}":
            frames[-1][0] = not frames[-1][1]
        elif part == "{{- end }}":
            frames.pop()
        elif all(holds for holds, _ in frames) and "$before =" not in part:
            text += message.content if ".Content" in part else json.loads(part.removeprefix("{{- ")[:-3])
    return text


def test_chatml_becomes_a_template_of_ollamas() -> None:
    turns = turns_of(tokenizer(CHATML))
    assert turns is not None
    renderer = TemplateRenderer()
    wanted = renderer.render(CHATML, TALK)
    assert turns.text(TALK) == wanted
    assert turns.text(TALK[1:]) == renderer.render(CHATML, TALK[1:])
    renderer.close()


def test_what_go_would_write_is_what_the_turns_say() -> None:
    turns = turns_of(tokenizer(CHATML))
    assert turns is not None
    for talk in (TALK, TALK[1:], TALK[:2], TALK[1:2]):
        assert go(turns.go_template(), talk) == turns.text(talk)


def test_a_template_without_system_messages_leaves_them_out_in_go() -> None:
    template = CHATML.replace(
        "{% for message in messages %}",
        "{% for message in messages %}{% if message.role == 'system' %}{{ raise_exception('no') }}{% endif %}",
    )
    turns = turns_of(tokenizer(template))
    assert turns is not None
    assert ("", "system") not in turns.between
    assert '{{- if ne .Role "system" }}{{- .Content }}{{- end }}' in turns.go_template()
    assert "system" not in turns.go_template().replace('ne .Role "system"', "")


@pytest.mark.parametrize(
    "template",
    [
        None,
        "{{ messages | length }}",  # contents do not stand in it
        "{% for m in messages %}{{ m.content | upper }}{% endfor %}",
        "{% for m in messages %}{{ m.content }}{{ m.content }}|{% endfor %}",
        "{% for m in messages %}{{ loop.index }}: {{ m.content }}\n{% endfor %}",  # numbered turns
        "{% for m in messages %}{{ m.content | trim | replace('<', '&lt;') }}|{% endfor %}",
        "{% for m in messages[-2:] %}{{ m.content }}|{% endfor %}",  # only the last ones
        "{{ broken",
    ],
)
def test_a_template_that_does_more_is_left_out(template: str | None) -> None:
    assert turns_of(tokenizer(template)) is None


def test_the_token_a_text_begins_with_is_left_to_ollama() -> None:
    found = tokenizer("{{ bos_token }}" + CHATML)
    begin = found.token(found.begin_id) if found.adds_begin else ""
    turns = turns_of(found)
    assert turns is not None
    assert not begin or not turns.text(TALK).startswith(begin)


def test_the_modelfile() -> None:
    found = tokenizer(CHATML)
    lines = modelfile("my.gguf", found, turns_of(found), 64).splitlines()
    assert lines[0] == "FROM ./my.gguf"
    assert lines[1].startswith('TEMPLATE """{{- $before')
    stops = [json.loads(line.removeprefix("PARAMETER stop ")) for line in lines if "stop" in line]
    assert set(stops) == {found.token(id) for id in found.end_ids}
    assert lines[-1] == "PARAMETER num_ctx 64"
    assert modelfile("my.gguf", found, turns_of(found), 64).count('"""') == 2
    assert "TEMPLATE" not in modelfile("my.gguf", found, None, 64)


def test_quotes_in_a_template_do_not_end_the_modelfiles_own() -> None:
    template = '{% for m in messages %}""" {{ m.role }} """{{ m.content }}""{% endfor %}'
    found = tokenizer(template)
    turns = turns_of(found)
    assert turns is not None
    assert modelfile("my.gguf", found, turns, 64).count('"""') == 2
    assert go(turns.go_template(), TALK) == turns.text(TALK)


def test_templates_of_many_models_are_told_exactly_or_not_at_all(data: Callable[[str], Path]) -> None:
    told = []
    for path in sorted(data("chat-templates").glob("*.jinja")):
        turns = turns_of(tokenizer(path.read_text("utf-8")))
        if turns is not None:
            told.append(path.stem)
            for talk in (TALK[1:2], TALK[1:4], *([TALK, TALK[:2]] if ("", "system") in turns.between else [])):
                assert go(turns.go_template(), talk) == turns.text(talk), path.stem
    assert len(told) >= 10, told
