"""What a file holds: its kind, the columns to read, how sure that is and why; or what to ask where it is not.

Names of columns are looked at in the order of `_FORMATS`, then what stands in them. A format is only taken where rows
of the file can be read that way; where several are as good, or none is, the person is asked and nothing is guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.data.columns import KINDS, OPTION, ROLES, normal
from engine.data.rows import Broken
from engine.data.shapes import CONTENT_KEYS, ROLE_KEYS, Columns, Reject, reader
from engine.errors import EngineError
from engine.phrases import Phrase, joined, listed, phrase

SAMPLE = 200  # rows
_SURE = 0.6  # from here on nothing is asked
_FEW = 30  # classes a column may have that nothing but its contents marks as a label


@dataclass(frozen=True)
class Detection:
    """format: the shape by its usual name; "" where it is asked. confidence: from 0 to 1.

    columns: role -> column, as `engine.data.columns.ROLES` calls them. unused: columns that are not read.
    questions: what a person must answer, by naming the kind or the columns, before anything is read.
    """

    format: str
    kind: str | None
    confidence: float
    reason: Phrase
    columns: Columns = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    questions: tuple[Phrase, ...] = ()


@dataclass(frozen=True)
class Sample:
    """The first rows of a file. columns: all that occur in rows that are objects, in their order.

    header: whether a table has one. tabs: whether tabs part its cells.
    """

    rows: Sequence[Any]
    columns: tuple[str, ...]
    header: bool = True
    tabs: bool = False

    @classmethod
    def of(cls, rows: Sequence[Any], columns: Sequence[str] = (), header: bool = True, tabs: bool = False) -> Sample:
        whole = [row for row in rows if not isinstance(row, Broken)]
        names = dict.fromkeys([*columns, *(name for row in whole if isinstance(row, dict) for name in row)])
        return cls(whole, tuple(names), header, tabs)

    def values(self, column: str) -> list[Any]:
        return [row[column] for row in self.rows if isinstance(row, dict) and row.get(column) is not None]

    def named(self, role: str) -> list[str]:
        """The columns whose name means this role, best first."""
        by_name = {normal(column): column for column in reversed(self.columns)}
        return [by_name[name] for name in ROLES[role] if name in by_name]

    def without(self, columns: Columns) -> tuple[str, ...]:
        """The columns that are not among these."""
        used = {name for value in columns.values() for name in ((value,) if isinstance(value, str) else value)}
        return tuple(name for name in self.columns if name not in used)

    def is_messages(self, column: str) -> bool:
        """Whether a column holds lists of messages."""
        values = [value for value in self.values(column) if value != []]
        return bool(values) and _share(values, _looks_like_messages) > 0.5

    def classes(self, column: str) -> int | None:
        """How many different short values a column has, if few enough to be classes; else None."""
        values = [value if isinstance(value, str) else str(value) for value in self.values(column)]
        different = len({value.strip().casefold() for value in values})
        if not values or max(map(len, values)) > 60 or different > _FEW or different < 2 or 2 * different > len(values):
            return None
        return different


def detect(sample: Sample, kind: str | None = None) -> Detection:
    """kind: what a person says it is; None where nothing is said."""
    if len(sample.rows) > 1 and all(isinstance(row, str) for row in sample.rows):
        found = [Detection(phrase("text"), "text", 0.9, phrase("its rows are texts"))]
    else:
        found = [candidate for format in _FORMATS for candidate in format(sample)]
    found = [candidate for candidate in found if kind in (None, candidate.kind)]
    found = [candidate for candidate in found if _is_readable(candidate, sample)] or found
    if not found:
        return _unknown(sample, kind)
    best = found[0]  # what is more special stands before what it could also be taken for
    if kind is None and best.confidence < _SURE:
        return replace(best, kind=None, format="", unused=sample.columns)
    return replace(best, unused=sample.without(best.columns), questions=())


def mapped(sample: Sample, mapping: Mapping[str, str], kind: str | None = None) -> Detection:
    """What a person says about the columns. Raises EngineError `data_mapping`: an unknown role or column, or too few.

    Several columns of one role (choices) are separated by commas.
    """
    columns: dict[str, str | tuple[str, ...]] = {}
    for asked, name in mapping.items():
        role = _role(asked, mapping, kind)
        names = tuple(part.strip() for part in name.split(",")) if name not in sample.columns else (name,)
        for part in names:
            if part not in sample.columns:
                there = _list(sample.columns)
                reason = phrase("there is no column {column}; there are {columns}", column=part, columns=there)
                raise EngineError("data_mapping", reason=reason)
        columns[role] = names if len(names) > 1 else names[0]
    for candidate, roles in KINDS.items():
        needs = [role for role in roles if role in _NEEDED[candidate] or "|" in role]
        given = all(any(one in columns for one in role.split("|")) for role in needs)
        if kind in (None, candidate) and given and all(any(role in r.split("|") for r in roles) for role in columns):
            reason = phrase("the columns were named by hand")
            return Detection(phrase("mapped"), candidate, 1.0, reason, columns, sample.without(columns))
    if kind:
        wanted = phrase("{kind} needs {roles}", kind=kind, roles=_needs(kind))
    else:
        wanted = joined([joined([name, _needs(name)], ": ") for name in KINDS], "; ")
    reason = phrase("{roles} are not the roles of one kind ({wanted})", roles=_list(tuple(mapping)), wanted=wanted)
    raise EngineError("data_mapping", reason=reason)


_NONE_ARE = {
    "text": phrase("none of them are running text"),
    "conversation": phrase("none of them are conversations"),
    "preference": phrase("none of them are preference pairs"),
    "labelled": phrase("none of them are texts with labels"),
    "choice": phrase("none of them are multiple choice questions"),
}
_NEEDED = {
    "text": ("text",),
    "conversation": (),
    "preference": (),
    "labelled": ("text", "label"),
    "choice": ("question", "choices", "answer"),
}


def _role(asked: str, mapping: Mapping[str, str], kind: str | None) -> str:
    """The role that a person's word for it means, which may be any of its names."""
    if asked in ROLES:
        if asked in ("question", "answer") and kind != "choice" and "choices" not in mapping:
            return {"question": "prompt", "answer": "response"}[asked]
        return asked
    of_kind = [role for roles in KINDS.get(kind or "", ()) for role in roles.split("|")]
    order = [*of_kind, *(role for role in ROLES if role not in of_kind)]
    for role in order:
        if normal(asked) in ROLES[role] if role in ROLES else False:
            return role
    reason = phrase("{word} is no role; the roles are {roles}", word=asked, roles=_list(tuple(ROLES)))
    raise EngineError("data_mapping", reason=reason)


def _needs(kind: str) -> Phrase:
    return joined([_either(role.split("|")) for role in KINDS[kind][: max(1, len(_NEEDED[kind]))]], ", ")


def _either(roles: Sequence[str]) -> str:
    return phrase("{first} or {other}", first=roles[0], other=_either(roles[1:])) if len(roles) > 1 else roles[0]


# --- the formats -----------------------------------------------------------------------------------------------------


def _preference(sample: Sample) -> list[Detection]:
    chosen, rejected = sample.named("chosen"), sample.named("rejected")
    columns: dict[str, str | tuple[str, ...]] = {}
    if chosen and rejected:
        columns = {"chosen": chosen[0], "rejected": rejected[0]}
        sure, form = (0.98 if normal(chosen[0]) == "chosen" else 0.92), phrase("preference pairs")
    else:
        ranked = [name for name in sample.named("ranked") if _share(sample.values(name), _looks_ranked) > 0.5]
        if not ranked:
            return []
        columns, sure, form = {"ranked": ranked[0]}, 0.9, phrase("ranked answers")
    lists = [name for name in sample.named("messages") if sample.is_messages(name)]
    prompts = _prompts(sample)
    if prompts:
        columns["prompt"] = prompts[0]
        if (beside := _beside(sample, prompts[0])) is not None:
            columns["input"] = beside
    elif lists:
        columns["messages"] = lists[0]
    if system := sample.named("system"):
        columns["system"] = system[0]
    names = listed([f"`{columns[role]}`" for role in ("chosen", "rejected", "ranked") if role in columns])
    before = columns.get("prompt", columns.get("messages"))
    if before is None:
        reason = phrase("it has {columns}, and the prompt is what both begin with", columns=names)
    else:
        reason = phrase("it has {columns}, after `{prompt}`", columns=names, prompt=before)
    return [Detection(form, "preference", sure, reason, columns)]


def _choices(sample: Sample) -> list[Detection]:
    questions, answers = sample.named("question"), sample.named("answer")
    listed = [name for name in sample.named("choices") if _share(sample.values(name), _looks_like_choices) > 0.5]
    options: str | tuple[str, ...] | None = listed[0] if listed else None
    if options is None:
        lettered = [name for name in sample.columns if OPTION.fullmatch(normal(name))]
        options = tuple(lettered) if len(lettered) >= 2 and len({normal(n)[:-1] for n in lettered}) == 1 else None
    if options is None or not questions or not answers:
        return _headerless_choices(sample)
    given = options if isinstance(options, str) else ", ".join(options)
    columns: dict[str, str | tuple[str, ...]] = {"question": questions[0], "choices": options, "answer": answers[0]}
    reason = phrase("it has a question, choices ({columns}) and an answer", columns=given)
    return [_counted(sample, Detection(phrase("multiple choice"), "choice", 0.96, reason, columns))]


def _counted(sample: Sample, found: Detection) -> Detection:
    """Whether answers that are numbers count from 0 or from 1, by the rows that only one of the two explains."""
    verdicts = []
    for first in ("0", "1"):
        read = reader("choice", {**found.columns, "first": first})
        verdicts.append(sum(_reads(read, row) for row in sample.rows))
    numbers = [str(value).strip() for value in sample.values(str(found.columns["answer"]))]
    if not all(number.isdecimal() for number in numbers) or verdicts[0] > verdicts[1]:
        return found
    if verdicts[1] > verdicts[0]:
        return replace(found, columns={**found.columns, "first": "1"})
    if len(numbers) < 20:
        return replace(found, confidence=0.8)
    question = phrase("Do its answers count from 0 or from 1? No row tells.")
    return replace(found, confidence=0.5, questions=(question,))


def _headerless_choices(sample: Sample) -> list[Detection]:
    """MMLU's own files: question, choices, and the letter of the right one, without a header."""
    if sample.header or len(sample.columns) < 4 or not sample.rows:
        return []
    question, *options, answer = sample.columns
    letters = {str(value).strip() for value in sample.values(answer)}
    if not letters or not letters <= set("ABCDEFGHIJ"[: len(options)]):
        return []
    columns: Columns = {"question": question, "choices": tuple(options), "answer": answer}
    last = "ABCDEFGHIJ"[len(options) - 1]
    reason = phrase(
        "its last column is a letter from A to {last} and {count} choices stand before", last=last, count=len(options)
    )
    return [Detection(phrase("multiple choice"), "choice", 0.95, reason, columns)]


def _export(sample: Sample) -> list[Detection]:
    if {"mapping", "current_node"} <= set(sample.columns) and any(
        isinstance(v, dict) for v in sample.values("mapping")
    ):
        reason = phrase("it has trees of messages (`mapping` and `current_node`)")
        return [Detection(phrase("ChatGPT export"), "conversation", 0.97, reason, {"mapping": "mapping"})]
    return []


def _messages(sample: Sample) -> list[Detection]:
    if sample.rows and not sample.columns and _share(sample.rows, _looks_like_messages) > 0.5:
        return [Detection(phrase("messages"), "conversation", 0.85, phrase("its rows are lists of messages"))]
    named = [name for name in sample.named("messages") if sample.is_messages(name)]
    others = [name for name in sample.columns if name not in named and sample.is_messages(name)]
    lists = named or others
    if not lists:
        return []
    found = lists[0]
    columns: dict[str, str | tuple[str, ...]] = {"messages": found}
    if system := [name for name in sample.named("system") if all(map(_is_text, sample.values(name)))]:
        columns["system"] = system[0]
    share = any(isinstance(v, list) and v and isinstance(v[0], dict) and "from" in v[0] for v in sample.values(found))
    form = "ShareGPT" if share else phrase("messages")
    if len(lists) > 1:
        several = _list(tuple(lists))
        question = phrase("Which of {columns} is the conversation?", columns=several)
        reason = phrase("several columns hold messages: {columns}", columns=several)
        return [Detection(form, "conversation", 0.5, reason, columns, questions=(question,))]
    if share:
        reason = phrase("`{column}` is a list of from and value", column=found)
    else:
        reason = phrase("`{column}` is a list of messages", column=found)
    return [Detection(form, "conversation", 0.97 if named else 0.85, reason, columns)]


def _turns(sample: Sample) -> list[Detection]:
    named = [name for name in sample.named("turns") if _share(sample.values(name), _looks_like_turns) > 0.5]
    if not named:
        return []
    columns = {"turns": named[0]}
    if any(normal(name) in ("questionid", "reference") for name in sample.columns):
        reason = phrase("its turns may all be questions")
        question = phrase(
            "Are the `{column}` in turn those of a person and of the assistant, or all of the person?", column=named[0]
        )
        return [Detection(phrase("turns"), "conversation", 0.4, reason, columns, questions=(question,))]
    reason = phrase("`{column}` is a list of texts, spoken in turn", column=named[0])
    return [Detection(phrase("turns"), "conversation", 0.88, reason, columns)]


def _answers(sample: Sample) -> list[Detection]:
    """Instruction and output, prompt and completion, question and answer, by all their names."""
    prompts, responses = _prompts(sample), _responses(sample)
    if not prompts or not responses:
        return []
    prompt, response = prompts[0], responses[0]
    columns: dict[str, str | tuple[str, ...]] = {"prompt": prompt, "response": response}
    if (beside := _beside(sample, prompt)) is not None:
        columns["input"] = beside
    for role in ("system", "history"):
        if beside_it := sample.named(role):
            columns[role] = beside_it[0]
    pair = (normal(prompt), normal(response))
    form = _PAIRS.get(pair) or ("Alpaca" if pair[0] == "instruction" else _ASKED)
    sure = 0.97 if pair in _PAIRS else 0.88
    reason = phrase("it has `{prompt}` and `{response}`", prompt=prompt, response=response)
    found = Detection(form, "conversation", sure, reason, columns)
    marks = [name for name in sample.columns if normal(name) in ("label", "ktotag") and _is_truth(sample.values(name))]
    if marks:
        reason = phrase("its answers are marked good or bad")
        question = phrase("`{column}` says whether an answer is good. Shall every answer be learnt?", column=marks[0])
        return [replace(found, confidence=0.4, reason=reason, questions=(question,))]
    if len(prompts) > 1 or len(responses) > 1:
        several = _list(tuple(prompts if len(prompts) > 1 else responses))
        if len(prompts) > 1:
            question = phrase("Which of {columns} is to be answered?", columns=several)
        else:
            question = phrase("Which of {columns} is to be learnt?", columns=several)
        reason = phrase("{columns} mean the same", columns=several)
        return [replace(found, confidence=0.5, reason=reason, questions=(question,))]
    return [found]


_ASKED, _PROMPTED = phrase("question and answer"), phrase("prompt and completion")
_PAIRS = {
    ("instruction", "output"): "Alpaca",
    ("instruction", "response"): "Alpaca",
    ("prompt", "completion"): _PROMPTED,
    ("prompt", "response"): _PROMPTED,
    ("question", "answer"): _ASKED,
    ("question", "answers"): _ASKED,
    ("question", "response"): _ASKED,
    ("input", "output"): _PROMPTED,
    ("user", "assistant"): _ASKED,
}


def _labelled(sample: Sample) -> list[Detection]:
    labels = [name for name in sample.named("label") if all(map(_is_class, sample.values(name)))]
    texts = [name for name in sample.named("text") if name not in labels and any(map(_is_text, sample.values(name)))]
    if labels and texts:
        label, text = labels[0], texts[0]
        plain = normal(label) in ("label", "class", "sentiment", "intent", "emotion", "target", "classification")
        few, two = sample.classes(label), len(sample.columns) == 2
        if plain and (len(texts) == 1 or normal(text) == "text"):
            sure = 0.96 if two or few else 0.9
        elif (two or plain) and (few or len(sample.rows) < 10):
            sure = 0.9 if two else 0.7
        elif few and normal(text) in ("text", "sentence", "review", "message", "tweet", "comment"):
            sure = 0.5
        else:
            return []
        reason = phrase("`{label}` names a class for each `{text}`", label=label, text=text)
        columns = {"text": text, "label": label}
        question = phrase(
            "Is `{label}` the class of `{text}`, or is `{text}` to be read as running text?", label=label, text=text
        )
        questions = () if sure >= _SURE else (question,)
        return [Detection(phrase("classes"), "labelled", sure, reason, columns, questions=questions)]
    return _unnamed_classes(sample)


def _unnamed_classes(sample: Sample) -> list[Detection]:
    """Two columns of which only one can be a class."""
    if len(sample.columns) != 2:
        return []
    for label, text in (sample.columns, sample.columns[::-1]):
        words = [value for value in sample.values(text) if isinstance(value, str)]
        few = sample.classes(label)
        if few and words and sample.classes(text) is None and sum(" " in word for word in words) > len(words) / 2:
            reason = phrase(
                "column {label} has {count} different values and column {text} is text",
                label=label,
                count=few,
                text=text,
            )
            question = phrase("Is column {label} the class of the text in column {text}?", label=label, text=text)
            # The usual form of such files, SMS Spam Collection first of all: label, tab, text, and no header.
            sure = 0.7 if sample.tabs and not sample.header and label == sample.columns[0] else 0.5
            columns = {"text": text, "label": label}
            return [Detection(phrase("classes"), "labelled", sure, reason, columns, questions=(question,))]
    return []


def _text(sample: Sample) -> list[Detection]:
    named = [name for name in sample.named("text") if any(map(_is_text, sample.values(name)))]
    if not named:
        return []
    name = normal(named[0])
    only = [column for column in sample.columns if any(map(_is_text, sample.values(column)))] == named[:1]
    if name not in ("text", "content", "document", "story", "article", "raw", "rawtext") and not only:
        return []
    reason = phrase("`{column}` is running text", column=named[0])
    return [Detection(phrase("text"), "text", 0.85 if name == "text" else 0.7, reason, {"text": named[0]})]


_FORMATS: tuple[Callable[[Sample], list[Detection]], ...] = (
    _preference, _choices, _export, _messages, _turns, _answers, _labelled, _text,
)  # fmt: skip


def _prompts(sample: Sample) -> list[str]:
    """Columns that may be a prompt; one of the names of an addition counts where there is no other."""
    named = [name for name in sample.named("prompt") if any(_is_asked(value) for value in sample.values(name))]
    if named:
        return named
    return [name for name in sample.named("input")[:1] if normal(name) == "input"]


def _responses(sample: Sample) -> list[str]:
    def answers(value: Any) -> bool:
        if isinstance(value, list):
            return bool(value) and isinstance(value[0], (str, dict))
        return isinstance(value, (str, int, float)) or (isinstance(value, dict) and "text" in value)

    return [name for name in sample.named("response") if any(map(answers, sample.values(name)))]


def _beside(sample: Sample, prompt: str) -> str | None:
    """The column that adds something to a prompt."""
    return next((name for name in sample.named("input") if name != prompt), None)


# --- what stands in a cell -------------------------------------------------------------------------------------------


def _share(values: Sequence[Any], holds: Callable[[Any], bool]) -> float:
    return sum(map(holds, values)) / len(values) if values else 0.0


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_asked(value: Any) -> bool:
    return isinstance(value, str) or _looks_like_messages(value)


def _is_class(value: Any) -> bool:
    return isinstance(value, (str, int, float)) and len(str(value)) <= 60


def _is_truth(values: Sequence[Any]) -> bool:
    return bool(values) and all(
        isinstance(value, bool) or value in ("true", "false", "True", "False") for value in values
    )


def _looks_like_messages(value: Any) -> bool:
    if isinstance(value, str):
        return value.startswith("[{") and any(f'"{key}"' in value[:200] for key in ROLE_KEYS)
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        return False
    keys = set(value[0])
    return (bool(keys & set(ROLE_KEYS)) and bool(keys & {*CONTENT_KEYS, "tool_calls"})) or keys <= {"from", "value"}


def _looks_like_turns(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


def _looks_like_choices(value: Any) -> bool:
    if isinstance(value, str):
        return value.startswith("[")
    if isinstance(value, dict):
        value = value.get("text")
    return isinstance(value, list) and bool(value) and all(isinstance(item, (str, int, float)) for item in value)


def _looks_ranked(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) and "rank" in item for item in value)


# --- verdicts --------------------------------------------------------------------------------------------------------


def _reads(read: Callable[[Any], Any], row: Any) -> bool:
    try:
        read(row)
    except Reject:
        return False
    return True


def _is_readable(found: Detection, sample: Sample) -> bool:
    """Whether a row of the sample can be read as what was found."""
    read = reader(str(found.kind), found.columns)
    return any(_reads(read, row) for row in sample.rows)


def _unknown(sample: Sample, kind: str | None) -> Detection:
    if not sample.columns:
        what = Counter(_rows_are(row) for row in sample.rows).most_common(1)
        return _ask(sample, what[0][0] if what else phrase("none of its first rows can be read"))
    verdict = _NONE_ARE[kind] if kind else phrase("no known format reads what they hold")
    reason = phrase("its columns are {columns}, and {verdict}", columns=_list(sample.columns), verdict=verdict)
    return _ask(sample, reason)


def _ask(sample: Sample, reason: Phrase) -> Detection:
    question = phrase(
        "Say what it is (text, conversation, preference, labelled or choice), or which column is read as what."
    )
    return Detection("", None, 0.3, reason, {}, sample.columns, (question,))


def _rows_are(row: Any) -> Phrase:
    match row:
        case bool():
            return phrase("its rows are truth values")
        case int() | float():
            return phrase("its rows are numbers")
        case str():
            return phrase("its rows are texts")
        case list():
            return phrase("its rows are lists")
        case None:
            return phrase("its rows are null")
        case _:
            return phrase("its rows are objects")


def _list(names: Sequence[str]) -> str:
    shown = [name if len(name) <= 30 else f"{name[:29]}…" for name in names[:8]]
    if len(names) <= 8:
        return ", ".join(shown)
    return phrase("{names} and {count} more", names=", ".join(shown), count=len(names) - 8)
