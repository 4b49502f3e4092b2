"""From a row of columns to what it says: a reader for each kind, made once for the columns a file has.

A reader gives plain values (texts, pairs of role and content), which compare and hash at the speed of tuples;
`example` makes an `Example` of them. A row that does not fit is refused with the reason as the rest of a sentence
about it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

from engine.chat.messages import Message
from engine.data.columns import normal
from engine.data.examples import Conversation, Document, Example, Labelled, MultipleChoice, Preference
from engine.phrases import phrase

Columns = Mapping[str, str | tuple[str, ...]]  # role -> column; `choices` may be several columns
Pairs = tuple[tuple[str, str], ...]  # role and content of each message
Talk = tuple[str, ...]  # the same, one after another
CONTEXT_FIRST = ("question", "query", "problem")  # prompts that stand after what they are about
Reader = Callable[[Any], Any]

_SPEAKERS = {
    "user": ("user", "human", "prompter", "customer", "person", "question"),
    "assistant": ("assistant", "gpt", "bot", "model", "chatgpt", "ai", "bard", "bing", "functioncall", "answer"),
    "system": ("system", "developer"),
    "tool": ("tool", "function", "observation", "ipython", "functionresponse"),
}
_ROLE_OF = {name: role for role, names in _SPEAKERS.items() for name in names}
ROLE_KEYS, CONTENT_KEYS = ("role", "from", "speaker", "author"), ("content", "value", "text", "message")
WEIGHT_KEYS = ("loss_weight", "weight", "train", "training")  # of a message: 0 or false where it is not to be learnt
_LEARNT = "learnt"  # in the place of a role: one digit for each message before, 1 where it is to be learnt
_MARKS = {"\n\nHuman:": "user", "\n\nAssistant:": "assistant"}  # of HH-RLHF


class Reject(ValueError):  # noqa: N818 (a verdict on a row, not a fault)
    """A row that is not what its file holds."""


class EmptyAnswer(Reject):
    """A row whose answer, label or text says nothing."""


def reader(kind: str, columns: Columns) -> Reader:
    """row -> plain values of this kind. What it returns raises Reject."""
    return _READERS[kind](columns)


def example(kind: str, plain: Any) -> Example:
    """The row that a reader has read."""
    return _EXAMPLES[kind](plain)


# --- texts -----------------------------------------------------------------------------------------------------------


def _document(columns: Columns) -> Reader:
    column = columns.get("text")

    def read(row: Any) -> str:
        text = row if column is None else _cell(row, column)
        if type(text) is not str:
            raise Reject(
                phrase("it has no text") if column is None else phrase("its `{column}` is not text", column=column)
            )
        if not text or text.isspace():
            raise EmptyAnswer(phrase("its text is empty"))
        return text

    return read


def _labelled(columns: Columns) -> Reader:
    text_column, label_column = columns["text"], columns["label"]

    def read(row: Any) -> tuple[str, str]:
        text, label = _cell(row, text_column), _cell(row, label_column)
        if type(text) is not str:
            raise Reject(phrase("its `{column}` is not text", column=text_column))
        if not text or text.isspace():
            raise Reject(phrase("its text is empty"))
        if type(label) is not str:
            label = _scalar(label, label_column)
        label = label.strip()
        if not label:
            raise EmptyAnswer(phrase("its label is empty"))
        return text, label

    return read


# --- conversations ---------------------------------------------------------------------------------------------------


def _conversation(columns: Columns) -> Reader:
    """row -> Talk."""
    if "response" in columns:
        return _from_answer(columns)
    if "turns" in columns:
        read = _from_turns(columns["turns"])
    elif "mapping" in columns:
        read = _from_export
    else:
        read = _from_messages(columns.get("messages"), columns.get("system"))
    return lambda row: _talk(read(row))


def _talk(pairs: Pairs) -> Talk:
    return tuple(chain.from_iterable(pairs))


def _from_messages(column: Any, system: Any) -> Reader:
    def read(row: Any) -> Pairs:
        found = row if column is None else _cell(row, column)
        pairs = messages(found, "messages" if column is None else column)
        learnt = _weighed(_listed(found))
        words = None if system is None else row.get(system)
        if type(words) is str and words.strip() and pairs and pairs[0][0] != "system":
            pairs, learnt = (("system", words), *pairs), learnt and f"1{learnt}"
        answered(pairs)
        return (*pairs, (_LEARNT, learnt)) if learnt else pairs

    return read


def _weighed(items: Any) -> str:
    """Which messages are to be learnt, one digit each; "" where all are. Raises Reject for a weight that is none."""
    if type(items) is not list or all(len(item) == 2 for item in items):  # role and content, as most have
        return ""
    weights = [next((item[key] for key in WEIGHT_KEYS if item.get(key) is not None), 1) for item in items]
    for weight in weights:
        if weight not in (0, 1):  # true and false are 1 and 0
            shown = str(weight)[:20]
            raise Reject(phrase("the weight of a message is {weight}, and only 0 and 1 are read", weight=shown))
    return "".join(str(int(weight)) for weight in weights) if 0 in weights else ""


def _from_turns(column: Any) -> Reader:
    def read(row: Any) -> Pairs:
        turns = _listed(_cell(row, column))
        if not isinstance(turns, list) or not all(isinstance(text, str) for text in turns):
            raise Reject(phrase("its `{column}` are not a list of texts", column=column))
        return answered(tuple((("user", "assistant")[n % 2], text) for n, text in enumerate(turns)))

    return read


def _from_answer(columns: Columns) -> Reader:
    """Instruction and output, prompt and completion, question and answer, with what may stand beside them."""
    prompt, response = columns["prompt"], columns["response"]
    more, system, history = columns.get("input"), columns.get("system"), columns.get("history")
    context_first = isinstance(prompt, str) and normal(prompt) in CONTEXT_FIRST
    plain = system is None and history is None

    def read(row: Any) -> Talk:
        try:
            asked, answer = row[prompt], row[response]
        except (KeyError, TypeError, IndexError):
            asked, answer = _cell(row, prompt), _cell(row, response)
        if type(answer) is not str:
            if isinstance(answer, list) and answer and isinstance(answer[0], dict):
                return _talk(answered((*_asked(asked, prompt), *messages(answer, str(response)))))
            answer = _first_text(answer, response)
        if not answer or answer.isspace():
            raise EmptyAnswer(phrase("its answer is empty"))
        if type(asked) is not str:
            return _talk(answered((*_asked(asked, prompt), ("assistant", answer))))
        if more is not None and (beside := row.get(more)):
            if type(beside) is not str:
                beside = _first_text(beside, more)
            if beside and not beside.isspace():
                asked = f"{beside}\n{asked}" if context_first else f"{asked}\n{beside}" if asked else beside
        if plain:
            return "user", asked, "assistant", answer
        return (*_talk(_before(row, system, history)), "user", asked, "assistant", answer)

    return read


def _before(row: Any, system: Any, history: Any) -> Pairs:
    """What stands before the last question: the system's words, and earlier pairs of question and answer."""
    pairs: list[tuple[str, str]] = []
    if system is not None and (words := row.get(system)):
        if type(words) is not str:
            raise Reject(phrase("its `{column}` is not text", column=system))
        pairs.append(("system", words))
    for pair in _listed(row.get(history) if history is not None else None) or ():
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(text, str) for text in pair):
            raise Reject(phrase("its `{column}` is not a list of question and answer", column=history))
        pairs += [("user", pair[0]), ("assistant", pair[1])]
    return tuple(pairs)


def _from_export(row: Any) -> Pairs:
    """A conversation of ChatGPT's export: a tree of which the branch that ends at `current_node` was seen last."""
    if not isinstance(row, dict):
        raise Reject(phrase("it is not an object"))
    nodes, at = row.get("mapping"), row.get("current_node")
    if not isinstance(nodes, dict):
        raise Reject(phrase("its `mapping` is not a tree of messages"))
    if not isinstance(at, str) or at not in nodes:
        raise Reject(phrase("its `current_node` is not in its `mapping`"))
    found: list[tuple[str, str]] = []
    seen = set()
    while at is not None:
        node = nodes.get(at) if isinstance(at, str) else None
        if not isinstance(node, dict) or at in seen:
            raise Reject(phrase("its `mapping` is not a tree of messages"))
        seen.add(at)
        if (pair := _exported(node.get("message"))) is not None:
            found.append(pair)
        at = node.get("parent")
    return answered(_joined(found[::-1]))


def _exported(message: Any) -> tuple[str, str] | None:
    """A message of the export, if it holds words that were shown."""
    if not isinstance(message, dict) or not isinstance(message.get("content"), dict):
        return None
    author, content = message.get("author"), message["content"]
    role = author.get("role") if isinstance(author, dict) else None
    parts = content.get("parts")
    if content.get("content_type") not in ("text", "multimodal_text") or not isinstance(parts, list):
        return None
    words = "".join(part for part in parts if isinstance(part, str))
    return (role, words) if role in ("user", "assistant", "system") and words.strip() else None


def _joined(pairs: Sequence[tuple[str, str]]) -> Pairs:
    """Messages of the same role that follow one another, as one."""
    joined: list[tuple[str, str]] = []
    for role, words in pairs:
        if joined and joined[-1][0] == role:
            joined[-1] = (role, f"{joined[-1][1]}\n\n{words}")
        else:
            joined.append((role, words))
    return tuple(joined)


def messages(value: Any, name: str = "messages") -> Pairs:
    """A list of messages, or one, in any of the known shapes; their order is not looked at. Raises Reject."""
    value = _listed(value)
    if isinstance(value, dict):
        value = [value]
    if type(value) is not list:
        raise Reject(phrase("its `{column}` are not a list of objects", column=name))
    pairs = []
    for item in value:
        if type(item) is not dict:
            raise Reject(phrase("its `{column}` are not a list of objects", column=name))
        speaker = item.get("role") or item.get("from") or item.get("speaker") or item.get("author")
        content = item.get("content")
        if content is None:
            content = next((item[key] for key in CONTENT_KEYS[1:] if item.get(key) is not None), None)
        role = _ROLE_OF.get(speaker) if type(speaker) is str else None
        if role is None:
            role = _ROLE_OF.get(normal(speaker)) if isinstance(speaker, str) else None
            if role is None:
                raise Reject(
                    phrase("a message has the unknown role {role}", role=str(speaker)[:40])
                    if speaker
                    else phrase("a message has no role")
                )
        pairs.append((role, content if type(content) is str else _parts(content, item)))
    return tuple(pairs)


def _parts(content: Any, item: dict[str, Any]) -> str:
    """The text of a message whose content is a list of parts. Raises Reject for what is not text."""
    if content is None:
        raise Reject(
            phrase("a message calls a tool without words")
            if item.get("tool_calls")
            else phrase("a message has no content")
        )
    if not isinstance(content, list):
        raise Reject(phrase("the content of a message is not text"))
    words = []
    for part in content:
        if isinstance(part, str):
            words.append(part)
            continue
        fields = part if isinstance(part, dict) else {}
        kind = fields.get("type", "text")
        found = next((fields[key] for key in ("text", "value", "content") if key in fields), None)
        if not isinstance(found, str) or kind not in ("text", "input_text", "output_text"):
            raise Reject(
                phrase("a message has a part that is not text, and only text is read")
                if kind == "text"
                else phrase("a message has a part that is {kind}, and only text is read", kind=str(kind)[:40])
            )
        words.append(found)
    return "".join(words)


def answered(pairs: Pairs) -> Pairs:
    """`pairs`, if they are a conversation with a reply, in an order that templates take. Raises Reject."""
    before, replied, empty = "", False, False
    for role, words in pairs:
        if role == "assistant":
            if before in ("", "system"):
                raise Reject(phrase("it begins with a reply"))
            replied = replied or (words != "" and not words.isspace())
            empty = True
        elif role == "system" and before not in ("", "system"):
            raise Reject(phrase("a message of the system stands in its middle"))
        elif role == "tool" and before not in ("assistant", "tool"):
            raise Reject(phrase("a tool answers that was not called"))
        if role == before and role in ("user", "assistant"):
            raise Reject(phrase("two messages of the {role} follow one another", role=role))
        before = role
    if not replied:
        if empty:
            raise EmptyAnswer(phrase("its answer is empty"))
        raise Reject(phrase("it has no reply of the assistant"))
    return pairs


# --- preferences -----------------------------------------------------------------------------------------------------


_EMPTY = {"chosen": phrase("its chosen answer is empty"), "rejected": phrase("its rejected answer is empty")}
_WITHOUT_REPLY = {
    "chosen": phrase("its chosen messages do not end with a reply"),
    "rejected": phrase("its rejected messages do not end with a reply"),
}


def _preference(columns: Columns) -> Reader:
    ranked = columns.get("ranked")
    prompt, more, system = columns.get("prompt"), columns.get("input"), columns.get("system")
    earlier = columns.get("messages")

    def read(row: Any) -> tuple[Pairs, Pairs, Pairs]:
        first, second = (
            _ranked(row, ranked) if ranked else (_cell(row, columns["chosen"]), _cell(row, columns["rejected"]))
        )
        before: Pairs = ()
        if earlier is not None:
            before = messages(_cell(row, earlier), str(earlier))
        elif prompt is not None:
            before = _asked(_cell(row, prompt), prompt)
            if more is not None and before and type(row.get(more)) is str and row[more].strip():
                before = (*before[:-1], ("user", f"{before[-1][1]}\n{row[more]}"))
        if system is not None and type(row.get(system)) is str and row[system].strip():
            before = (("system", row[system]), *before)
        chosen, rejected = _continuation(first, "chosen", before), _continuation(second, "rejected", before)
        if chosen == rejected:
            raise Reject(phrase("its chosen and rejected answers are equal"))
        shared = _shared(chosen, rejected)
        before, chosen, rejected = before + chosen[:shared], chosen[shared:], rejected[shared:]
        if not before or before[-1][0] not in ("user", "tool"):
            raise Reject(phrase("its chosen and rejected answers have no prompt in common"))
        for name, after in (("chosen", chosen), ("rejected", rejected)):
            if after[-1][0] != "assistant":
                raise Reject(_WITHOUT_REPLY[name])
            if not after[-1][1] or after[-1][1].isspace():
                raise EmptyAnswer(_EMPTY[name])
            answered(before + after)
        return before, chosen, rejected

    return read


def _continuation(value: Any, name: str, before: Pairs) -> Pairs:
    """What an answer adds to the messages before it; it may repeat them."""
    listed = _message_list(value)
    if listed is not None:
        pairs = messages(listed, name)
    elif not isinstance(value, str):
        raise _no_text(value, name)
    elif before:
        pairs = (("assistant", value),)
    else:
        marked = _marked(value)
        if marked is None:
            raise Reject(phrase("it has no prompt"))
        pairs = marked
    if before and pairs[: len(before)] == before:
        pairs = pairs[len(before) :]
    if not pairs:
        raise EmptyAnswer(_EMPTY[name])
    return pairs


def _shared(first: Pairs, second: Pairs) -> int:
    """How many messages both begin with, such that each has one left."""
    most = min(len(first), len(second)) - 1
    return next((n for n in range(most) if first[n] != second[n]), most)


def _ranked(row: Any, column: Any) -> tuple[str, str]:
    """The best and the worst of answers with ranks, 1 being the best."""
    found = _listed(_cell(row, column))
    ranks = []
    for item in found if isinstance(found, list) else ():
        rank = item.get("rank") if isinstance(item, dict) else None
        words = item.get("answer", item.get("response", item.get("text"))) if isinstance(item, dict) else None
        if isinstance(rank, (int, float)) and isinstance(words, str) and math.isfinite(rank):
            ranks.append((rank, words))
    if len(ranks) < 2 or min(ranks)[0] == max(ranks)[0]:
        raise Reject(phrase("its `{column}` are not answers of different ranks", column=column))
    ranks.sort(key=lambda pair: pair[0])
    return ranks[0][1], ranks[-1][1]


def _asked(value: Any, column: Any) -> Pairs:
    """A prompt as messages: words of the user, a dialogue with marks, or a list. Raises Reject."""
    listed = _message_list(value)
    if listed is not None:
        return messages(listed, str(column))
    if isinstance(value, str):
        pairs = _marked(value)
        if pairs and pairs[-1] == ("assistant", ""):
            pairs = pairs[:-1]
        return pairs or (("user", value),)
    raise _no_text(value, column)


def _marked(text: str) -> Pairs | None:
    """A dialogue written as one text with the marks of HH-RLHF; None for any other text."""
    if not text.startswith(tuple(_MARKS)) and not text.startswith(("Human:", "\nHuman:")):
        return None
    rest = "\n\n" + text.lstrip("\n")
    pairs = []
    while rest:
        mark = next(mark for mark in _MARKS if rest.startswith(mark))
        ends = [at for other in _MARKS if (at := rest.find(other, len(mark))) >= 0]
        end = min(ends, default=len(rest))
        pairs.append((_MARKS[mark], rest[len(mark) : end].strip()))
        rest = rest[end:]
    return tuple(pairs)


# --- multiple choice -------------------------------------------------------------------------------------------------


def _choice(columns: Columns) -> Reader:
    question, options, answer = columns["question"], columns["choices"], columns["answer"]
    first = 1 if columns.get("first") == "1" else 0

    def read(row: Any) -> tuple[str, tuple[str, ...], int]:
        asked = _cell(row, question)
        if type(asked) is not str or not asked or asked.isspace():
            raise Reject(
                phrase("its question is empty")
                if isinstance(asked, str)
                else phrase("its `{column}` is not text", column=question)
            )
        names: list[str] | None = None
        if isinstance(options, tuple):
            found = [_cell(row, option) for option in options]
        else:
            value = _listed(_cell(row, options))
            if isinstance(value, dict):  # {"text": […], "label": […]}
                names = [str(name) for name in value.get("label") or ()]
                value = value.get("text")
            if not isinstance(value, list):
                raise Reject(phrase("its `{column}` are not a list", column=options))
            found = value
        choices = tuple(item if type(item) is str else _scalar(item, str(options)) for item in found)
        if len(choices) < 2 or not all(item.strip() for item in choices):
            raise Reject(
                phrase("it has fewer than two choices") if len(choices) < 2 else phrase("one of its choices is empty")
            )
        return asked, choices, _number_of(_cell(row, answer), choices, names, first)

    return read


def _number_of(answer: Any, choices: tuple[str, ...], names: list[str] | None, first: int) -> int:
    """Which choice an answer means: its number, its letter, its name or its text. Raises Reject."""
    if answer is None or answer == "":
        raise EmptyAnswer(phrase("its answer is empty"))
    words = answer.strip() if isinstance(answer, str) else _scalar(answer, "answer")
    if names is not None and words in names:
        return names.index(words)
    if isinstance(answer, str) and choices.count(words) == 1 and len(words) > 1:
        return choices.index(words)
    number = -1
    if len(words) == 1 and words.isascii() and words.isalpha():
        number = ord(words.upper()) - ord("A")
    elif words.isdecimal() and len(words) < 4:
        number = int(words) - first
    if not 0 <= number < len(choices):
        raise Reject(phrase("its answer {answer} is none of its choices", answer=words[:40]))
    return number


# --- cells -----------------------------------------------------------------------------------------------------------


def _cell(row: Any, column: Any) -> Any:
    """Raises Reject where the row lacks it."""
    try:
        return row[column]
    except KeyError:
        raise Reject(phrase("it has no `{column}`", column=column)) from None
    except (TypeError, IndexError):
        raise Reject(phrase("it is not an object")) from None


def _no_text(value: Any, column: Any) -> Reject:
    """What is wrong with a cell that holds no text."""
    if value is None:
        return Reject(phrase("it has no `{column}`", column=column))
    return Reject(phrase("its `{column}` is not text", column=column))


def _listed(value: Any) -> Any:
    """A list or object that stands in a cell as JSON, as tables have it."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _message_list(value: Any) -> Any:
    """A list of messages or a single one, also as JSON in a text; None for anything else."""
    if isinstance(value, str):
        value = _listed(value) if value.startswith(("[{", "{")) else None
        items = value if isinstance(value, list) else [value]
        return value if all(isinstance(item, dict) and ("role" in item or "from" in item) for item in items) else None
    return value if isinstance(value, (list, dict)) else None


def _scalar(value: Any, column: Any) -> str:
    """A number or truth as text: 1.0 and 1 are the same. Raises Reject."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | str():
            return str(value)
        case float() if math.isfinite(value):
            return str(int(value)) if value == int(value) and abs(value) < 1e15 else str(value)
        case None:
            raise EmptyAnswer(phrase("its `{column}` is empty", column=column))
        case _:
            raise Reject(phrase("its `{column}` is not text", column=column))


def _first_text(value: Any, column: Any) -> str:
    """The text of a cell that holds a number, several texts of which the first counts, or SQuAD's answers."""
    value = _listed(value)
    if isinstance(value, dict):
        value = value.get("text", value.get("content", value.get("value")))
    if isinstance(value, list):
        value = value[0] if value else ""
    return _scalar(value, column)


_READERS: dict[str, Callable[[Columns], Reader]] = {
    "text": _document,
    "conversation": _conversation,
    "preference": _preference,
    "labelled": _labelled,
    "choice": _choice,
}


def _to_messages(pairs: Pairs) -> tuple[Message, ...]:
    return tuple(Message(role, words) for role, words in pairs)


def learnt_of(talk: Talk) -> tuple[Talk, tuple[bool, ...] | None]:
    """Roles and contents alone, and which of the messages are to be learnt, where the data says so."""
    if talk[-2] != _LEARNT:
        return talk, None
    return talk[:-2], tuple(digit == "1" for digit in talk[-1])


def _to_conversation(talk: Talk) -> Conversation:
    said, learnt = learnt_of(talk)
    return Conversation(tuple(map(Message, said[::2], said[1::2])), learnt)


_EXAMPLES: dict[str, Callable[[Any], Example]] = {
    "text": Document,
    "conversation": _to_conversation,
    "preference": lambda plain: Preference(*map(_to_messages, plain)),
    "labelled": lambda plain: Labelled(*plain),
    "choice": lambda plain: MultipleChoice(*plain),
}
