"""What Ollama needs beside a GGUF: a Modelfile with the chat template in its own language, and the tokens that stop.

Ollama's templates are Go's, models come with Jinja's. So the texts that stand between messages are taken from what the
model's own template writes, put into a Go template, and held against it in further conversations. A template that does
more than that is left out, and said so; Ollama then looks for one that it knows in the GGUF.
Format: github.com/ollama/ollama/blob/main/docs/modelfile.md
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.chat.messages import Message
from engine.chat.templates import TemplateRenderer
from engine.errors import EngineError
from engine.gpt.tokenizer import Tokenizer

Written = Callable[[Sequence[Message]], str]  # a conversation as the model's own template writes it
_PLACES = tuple(f"\ue000{number}\ue001" for number in range(4))  # private characters: no template writes them


@dataclass(frozen=True)
class Turns:
    """What a template writes before each message, by the role before it, and before the reply.

    between: (role before or "", role) -> text. last: between the last message, of the user, and the reply.
    """

    between: dict[tuple[str, str], str]
    last: str

    def text(self, messages: Sequence[Message]) -> str:
        """The conversation as these turns write it. Raises KeyError for roles in an order that they do not know."""
        before, text = "", ""
        for message in messages:
            text += self.between[before, message.role] + message.content
            before = message.role
        return text + self.last

    def go_template(self) -> str:
        """The same in Go's language, as Ollama fills it in. Texts stand in quotes, so no white space is lost."""
        system, first = self.between.get(("", "system")), self.between["", "user"]
        after_system, again = self.between.get(("system", "user")), self.between["assistant", "user"]
        parts = ['{{- $before := "" }}', "{{- range .Messages }}"]
        if system is not None and after_system is not None:
            parts += ['{{- if eq .Role "system" }}' + _said(system), '{{- else if eq .Role "user" }}']
            parts += ['{{- if eq $before "" }}' + _said(first), '{{- else if eq $before "system" }}']
            parts += [_said(after_system), "{{- else }}" + _said(again), "{{- end }}"]
        else:
            parts += ['{{- if eq .Role "user" }}', '{{- if eq $before "" }}' + _said(first)]
            parts += ["{{- else }}" + _said(again), "{{- end }}"]
        parts += ['{{- else if eq .Role "assistant" }}' + _said(self.between["user", "assistant"]), "{{- end }}"]
        content = "{{- .Content }}" if system is not None else '{{- if ne .Role "system" }}{{- .Content }}{{- end }}'
        parts += [content, "{{- $before = .Role }}", "{{- end }}" + _said(self.last)]
        return "\n".join(parts)


def turns_of(tokenizer: Tokenizer) -> Turns | None:
    """What stands between messages in the model's template; None where there is none or it does more than that."""
    if not tokenizer.template:
        return None
    begin = tokenizer.token(tokenizer.begin_id) if tokenizer.adds_begin else ""
    end = tokenizer.token(tokenizer.end_id) if tokenizer.end_id >= 0 else ""
    renderer = TemplateRenderer()

    def written(messages: Sequence[Message]) -> str:
        assert tokenizer.template is not None
        text = renderer.render(tokenizer.template, messages, bos_token=begin, eos_token=end)
        return text.removeprefix(begin)  # Ollama puts it there itself

    try:
        turns = _measured(written)
        return turns if turns is not None and _holds(turns, written) else None
    except EngineError:
        return None
    finally:
        renderer.close()


def modelfile(gguf_name: str, tokenizer: Tokenizer, turns: Turns | None, context: int) -> str:
    """The Modelfile that imports a GGUF beside it."""
    lines = [f"FROM ./{gguf_name}"]
    if turns is not None:
        lines.append(f'TEMPLATE """{turns.go_template()}"""')
    stops = dict.fromkeys(tokenizer.token(id) for id in sorted(tokenizer.end_ids))
    lines += [f"PARAMETER stop {json.dumps(stop, ensure_ascii=False)}" for stop in stops if stop]
    lines.append(f"PARAMETER num_ctx {context}")
    return "\n".join(lines) + "\n"


def _measured(written: Written) -> Turns | None:
    """From two conversations in which places stand for contents."""
    first, second, third, fourth = _PLACES
    user, reply = Message("user", second), Message("assistant", third)
    plain = _cut(written([user, reply, Message("user", fourth)]), (second, third, fourth))
    if plain is None:
        return None
    between = {("", "user"): plain[0], ("user", "assistant"): plain[1], ("assistant", "user"): plain[2]}
    try:
        with_system = _cut(written([Message("system", first), user]), (first, second))
    except EngineError:
        with_system = None  # it refuses system messages
    if with_system is not None and with_system[-1] == plain[-1]:
        between |= {("", "system"): with_system[0], ("system", "user"): with_system[1]}
    return Turns(between, plain[-1])


def _cut(text: str, places: Sequence[str]) -> list[str] | None:
    """What stands before, between and behind the places; None unless each is there once, in this order."""
    parts = []
    for place in places:
        before, found, text = text.partition(place)
        if not found or place in text:
            return None
        parts.append(before)
    return [*parts, text]


def _holds(turns: Turns, written: Written) -> bool:
    """Whether longer conversations, with contents of other kinds, come out alike."""
    talk = [Message("user", "Hello!"), Message("assistant", "Hi.\nHow are you?"), Message("user", '1 < 2 & "two"')]
    longer = [*talk, Message("assistant", "Yes."), Message("user", "Why?")]
    asked = [[Message("user", "One")], talk, longer]
    if ("", "system") in turns.between:
        asked += [[Message("system", "Be brief."), *messages] for messages in asked]
    return all(turns.text(messages) == written(messages) for messages in asked)


def _said(text: str) -> str:
    return f"{{{{- {json.dumps(text, ensure_ascii=False)} }}}}" if text else ""
