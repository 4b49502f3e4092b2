"""Files of every kind in many guises: other names of columns, other orders, encodings, forms and packings."""

from __future__ import annotations

import csv
import gzip
import io
import json
import lzma
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

ROWS = 40
_WORDS = "the dog ran over a green hill and saw nine small birds that sang of rain".split()


def words(generator: random.Random, count: int = 8) -> str:
    return " ".join(generator.choices(_WORDS, k=count)).capitalize() + "."


@dataclass(frozen=True)
class Variant:
    """A file and what it must be found to be; None where it must be asked."""

    name: str
    kind: str | None
    content: bytes


def variants() -> Iterator[Variant]:
    generator = random.Random(4)
    for number, (kind, row) in enumerate(SHAPES):
        rows = [row(generator, n) for n in range(ROWS)]
        flat = all(isinstance(value, (str, int)) for item in rows for value in item.values())
        formats = [name for name in FORMATS if flat or name not in ("csv", "tsv", "utf-16.csv", "semicolons.csv")]
        # Each shape in two formats of its own, all formats together with every shape that lies flat in a table.
        for name in {"jsonl", formats[number % len(formats)], formats[(number * 7 + 3) % len(formats)]}:
            shuffled = [dict(generator.sample(list(item.items()), len(item))) for item in rows]
            yield Variant(f"{number:02}.{name}", kind, FORMATS[name](shuffled if "csv" not in name else rows))


def _chat(role: str, content: str, user: str, assistant: str) -> Callable[..., list[dict[str, str]]]:
    return lambda g, n: [{role: user, content: f"{n}? {words(g)}"}, {role: assistant, content: words(g)}]


def _many(column: str, chat: Callable[..., Any], **more: Any) -> Callable[..., dict[str, Any]]:
    return lambda g, n: {column: chat(g, n), "id": n, **more}


def _texts(*columns: str, **more: Any) -> Callable[..., dict[str, Any]]:
    return lambda g, n: {**{column: f"{n} {words(g)}" for column in columns}, **more}


def _classes(text: str, label: str, classes: tuple[Any, ...] = ("ham", "spam"), **more: Any) -> Callable[..., Any]:
    return lambda g, n: {text: f"{n} {words(g)}", label: classes[n % len(classes)], **more}


def _question(**columns: Any) -> Callable[..., dict[str, Any]]:
    return lambda g, n: {name: value(g, n) for name, value in columns.items()}


def _asked(g: random.Random, n: int) -> str:
    return f"Which is {n}? {words(g)}"


def _listed(g: random.Random, n: int) -> list[str]:
    return [words(g, 2) + str(number) for number in range(4)]


OPENAI, SHAREGPT = _chat("role", "content", "user", "assistant"), _chat("from", "value", "human", "gpt")
_pair = _texts("chosen", "rejected")

SHAPES: list[tuple[str | None, Callable[..., dict[str, Any]]]] = [
    ("conversation", _many("messages", OPENAI)),
    ("conversation", _many("conversations", SHAREGPT)),
    ("conversation", _many("conversation", OPENAI, source="web")),
    ("conversation", _many("texts", SHAREGPT)),
    ("conversation", _many("my_dialog", OPENAI)),
    ("conversation", _many("Chat", _chat("speaker", "text", "person", "bot"))),
    ("conversation", lambda g, n: {"turns": [words(g), words(g)], "category": "small talk"}),
    ("conversation", _texts("instruction", "input", "output")),
    ("conversation", _texts("Instruction", "Response")),
    ("conversation", _texts("instruction", "context", "response", category="qa")),
    ("conversation", _texts("instruction", "output", "text")),
    ("conversation", _texts("instruction", "generation")),
    ("conversation", _texts("instruction", "input", "answer")),
    ("conversation", _texts("prompt", "completion")),
    ("conversation", _texts("Prompt", "RESPONSE")),
    ("conversation", _texts("input", "output")),
    ("conversation", _texts("user_message", "assistant_response")),
    ("conversation", _texts("question", "answer")),
    ("conversation", _texts("Question", "Answer", id=3)),
    ("conversation", _texts("query", "reply")),
    ("conversation", _texts("problem", "solution")),
    ("conversation", _texts("system_prompt", "question", "response", id="x")),
    ("conversation", lambda g, n: {"instruction": words(g), "output": words(g), "history": [[words(g), words(g)]]}),
    ("preference", _texts("prompt", "chosen", "rejected")),
    ("preference", _texts("instruction", "input", "output", "chosen", "rejected")),
    ("preference", _texts("question", "chosen_response", "rejected_response")),
    ("preference", _texts("query", "preferred", "dispreferred")),
    ("preference", lambda g, n: {
        "prompt": str(n),
        "chosen": [{"role": "user", "content": str(n)}, {"role": "assistant", "content": words(g)}],
        "rejected": [{"role": "user", "content": str(n)}, {"role": "assistant", "content": words(g, 5)}],
    }),
    ("preference", lambda g, n: {
        "conversations": [{"from": "human", "value": words(g)}],
        "chosen": {"from": "gpt", "value": words(g)},
        "rejected": {"from": "gpt", "value": words(g, 5)},
    }),
    ("preference", lambda g, n: {
        name: f"\n\nHuman: {n}?\n\nAssistant: {words(g, count)}" for name, count in (("chosen", 5), ("rejected", 6))
    }),
    ("preference", lambda g, n: {
        "prompt": words(g), "answers": [{"answer": words(g), "rank": rank} for rank in (2, 1, 3)],
    }),
    ("labelled", _classes("text", "label")),
    ("labelled", _classes("sms", "class", id=1)),
    ("labelled", _classes("review", "sentiment", ("good", "bad", "middling"))),
    ("labelled", _classes("Sentence", "Category", ("news", "sport"))),
    ("labelled", _classes("text", "label", (0, 1))),
    ("labelled", _classes("headline", "topic", ("world", "science"))),
    ("choice", _question(question=_asked, choices=_listed, answer=lambda g, n: n % 4)),
    ("choice", _question(question=_asked, options=_listed, answer=lambda g, n: "ABCD"[n % 4])),
    ("choice", _question(query=_asked, choices=_listed, gold=lambda g, n: n % 4)),
    ("choice", _question(
        question=_asked, A=lambda g, n: "one", B=lambda g, n: "two", C=lambda g, n: "three",
        answer=lambda g, n: "ABC"[n % 3],
    )),
    ("choice", _question(
        question=_asked, answerKey=lambda g, n: "AB"[n % 2],
        choices=lambda g, n: {"text": [words(g), words(g)], "label": ["A", "B"]},
    )),
    ("choice", _question(
        stem=_asked, option_a=lambda g, n: "one", option_b=lambda g, n: "two", correct=lambda g, n: "ab"[n % 2]
    )),
    ("text", _texts("text")),
    ("text", _texts("content", url="x")),
    ("text", _texts("text", "title", author="A. B.", year=1901)),
    # What must be asked: nothing may be guessed from these.
    (None, _texts("alpha", "beta")),
    (None, _texts("instruction", category="qa")),
    (None, _texts("question", "answer", "solution")),
    (None, _texts("prompt", "completion", label=True)),
    (None, lambda g, n: {"first": OPENAI(g, n), "second": OPENAI(g, n)}),
    (None, lambda g, n: {"question_id": n, "turns": [words(g), words(g)]}),
    (None, lambda g, n: {"model_a": "x", "model_b": "y", "winner": "xy"[n % 2]}),
    (None, _classes("text", "category", ("a", "b"), url="x")),
]  # fmt: skip


def _lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _table(rows: list[dict[str, Any]], mark: str) -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), delimiter=mark)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def _parquet(rows: list[dict[str, Any]]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), file, row_group_size=16)
    return file.getvalue()


FORMATS: dict[str, Callable[[list[dict[str, Any]]], bytes]] = {
    "jsonl": _lines,
    "json": lambda rows: json.dumps(rows, indent=2).encode(),
    "csv": lambda rows: _table(rows, ","),
    "jsonl.gz": lambda rows: gzip.compress(_lines(rows)),
    "parquet": _parquet,
    "tsv": lambda rows: _table(rows, "\t"),
    "wrapped.json": lambda rows: json.dumps({"data": rows, "version": 1}).encode(),
    "utf-16.csv": lambda rows: _table(rows, ",").decode().encode("utf-16"),
    "jsonl.xz": lambda rows: lzma.compress(_lines(rows)),
    "bom.jsonl": lambda rows: b"\xef\xbb\xbf" + _lines(rows).replace(b"\n", b"\r\n"),
    "semicolons.csv": lambda rows: _table(rows, ";"),
    "zst.jsonl": lambda rows: zstandard.ZstdCompressor().compress(_lines(rows)),
    "objects.json": lambda rows: "\n".join(json.dumps(row, indent=1) for row in rows).encode(),
    "utf-16.json": lambda rows: json.dumps(rows, ensure_ascii=False).encode("utf-16"),
}


def written(folder: Path) -> Iterator[tuple[Variant, Path]]:
    for variant in variants():
        path = folder / variant.name
        path.write_bytes(variant.content)
        yield variant, path
