"""The rows of an index: read back as they were read, while it is written, from many threads, in flat memory."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from engine.data import index_rows
from engine.data.dataset import Batch, open_dataset
from engine.data.examples import Conversation
from engine.data.index import RowIndex, example
from engine.data.index_rows import IndexWriter
from engine.data.report import Place, Report
from tests.engine.data import dataset_variants

_opened: list[RowIndex] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()


def opened(folder: Path) -> RowIndex:
    _opened.append(RowIndex.open(folder))
    return _opened[-1]


def write(folder: Path, kind: str, *plain: Any, file: str = "a.jsonl") -> RowIndex:
    folder.mkdir(exist_ok=True)
    with IndexWriter(folder, kind) as writer:
        writer.add(file, Batch(range(1, len(plain) + 1), plain.__iter__))
    return opened(folder)


def test_rows_of_every_shape_are_what_was_read(tmp_path: Path) -> None:
    kinds = set()
    for variant, path in dataset_variants.written(tmp_path):
        dataset = open_dataset(path, kind=variant.kind or "text")
        if dataset.kind is None:
            continue
        kinds.add(dataset.kind)
        (folder := tmp_path / f"{variant.name}.index").mkdir()
        with IndexWriter(folder, dataset.kind) as writer:
            for _ in dataset.survey(writer.report, keep=writer.add):
                pass
        wanted = list(dataset.examples(Report()))
        found = opened(folder)
        rows = found.rows(0, len(found))
        assert [(row["row"], row["kind"], row["file"], row["line"]) for row in rows] == [
            (number, dataset.kind, place.file, place.line) for number, (place, _) in enumerate(wanted)
        ]
        assert [example(row) for row in rows] == [row for _, row in wanted], variant.name
        assert list(dataset.picked([0, 7, len(wanted) - 1])) == [wanted[n][1] for n in (0, 7, len(wanted) - 1)]
    assert kinds == {"text", "conversation", "preference", "labelled", "choice"}


def test_which_messages_are_learnt_is_kept(tmp_path: Path) -> None:
    talk = ("user", "a", "assistant", "b", "user", "c", "assistant", "d", "learnt", "0001")
    (row,) = write(tmp_path, "conversation", talk).rows(0, 1)
    found = example(row)
    assert isinstance(found, Conversation)
    assert found.learnt == (False, False, False, True)
    assert [message.content for message in found.messages] == list("abcd")


def test_long_rows_are_cut_and_say_so(tmp_path: Path) -> None:
    long = "ä" * (index_rows.TEXT + 7)
    talk = ("user", long, "assistant", "ok") * 100
    rows = write(tmp_path / "talk", "conversation", talk, ("user", "hi", "assistant", "ho")).rows(0, 9)
    assert len(rows[0]["messages"]) == index_rows.PARTS
    shown = sum(len(message["content"]) for message in rows[0]["messages"])
    assert rows[0]["cut"] == 100 * (len(long) + 2) - shown
    assert example(rows[0]) is None
    assert "cut" not in rows[1]
    (choice,) = write(tmp_path / "choice", "choice", (long, ("x", long), 1)).rows(0, 1)
    assert (choice["cut"], choice["answer"]) == (14, 1)
    (text,) = write(tmp_path / "text", "text", long).rows(0, 1)
    assert (len(text["text"]), text["cut"]) == (index_rows.TEXT, 7)


def test_a_large_index_keeps_less_of_each_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_rows, "ROOMY", 10_000)
    with IndexWriter(tmp_path, "text") as writer:
        for line in range(10):
            writer.add("a.txt", Batch([line], ["x" * 1500].__iter__))
    assert writer.cut == 3
    sizes = [len(row["text"]) for row in opened(tmp_path).rows(0, 10)]
    assert sizes == [1500] * 7 + [index_rows.SHORT] * 3


@pytest.mark.trial(sample=50, full=2000)
def test_whatever_a_text_holds(trials: range, tmp_path: Path) -> None:
    odd = ["\n", "\r", "\u2028", "\0", '"', "\\", "\ud800", "😀", "é", "\x7f", "İ", "ß", "a", " ", "{", "}"]
    for seed in trials:
        chance = random.Random(seed)
        texts = ["".join(chance.choices(odd, k=chance.randrange(1, 20))) for _ in range(chance.randrange(1, 30))]
        found = write(tmp_path, "labelled", *((text, chance.choice(odd)) for text in texts), file='a"b.csv')
        assert [row["text"] for row in found.rows(0, 99)] == [text.replace("\ud800", "?") for text in texts]
        wanted = chance.choice(texts).replace("\ud800", "?")[:3]
        hits = [n for _, part in found.find(wanted) for n in part]
        assert hits == [
            row["row"]
            for row in found.rows(0, 99)
            if any(wanted.casefold() in row[k].casefold() for k in ("text", "label"))
        ]


def test_rows_beyond_the_ends(tmp_path: Path) -> None:
    found = write(tmp_path, "text", "a", "b", "c")
    assert len(found) == 3
    assert [row["text"] for row in found.rows(-5, 99)] == ["a", "b", "c"]
    assert found.rows(2, 1) == found.rows(3, 9) == []
    assert found.row(1)["text"] == "b"
    for number in (-1, 3):
        with pytest.raises(IndexError):
            found.row(number)
    assert example(found.row(0)) is not None
    assert len(opened(tmp_path / "absent")) == 0


def test_it_is_read_while_it_is_written(tmp_path: Path) -> None:
    found = opened(tmp_path)
    assert len(found) == 0
    with IndexWriter(tmp_path, "text") as writer:
        assert found.refresh() == 0
        for line in range(1, 50):
            writer.add("a.txt", Batch([line], [f"text {line}"].__iter__))
            assert found.refresh() == line
            assert found.row(line - 1)["text"] == f"text {line}"
    assert found.refresh() == 49
    assert found.card is None


def test_rejected_rows_are_all_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_rows, "MOST_REJECTED", 2000)
    with IndexWriter(tmp_path, "text") as writer:
        for line in range(2500):
            writer.report.reject(Place("a.txt", line), f"it is bad {line}")
    found = opened(tmp_path)
    assert found.rejected(0, 1) == [{"file": "a.txt", "line": 0, "reason": "it is bad 0"}]
    assert [row["line"] for row in found.rejected(1995, 2500)] == list(range(1995, 2000))
    assert (writer.report.rejected, len(writer.report.rejections)) == (2500, 1000)


# --- finding ---------------------------------------------------------------------------------------------------------


def test_found_in_texts_alone(tmp_path: Path) -> None:
    talk = ("user", "Say É.", "assistant", 'He said "É\nno".')
    found = write(tmp_path, "conversation", talk, ("user", "x", "assistant", "quiz"), file="user.jsonl")

    def numbers(text: str) -> list[int]:
        return [n for _, part in found.find(text) for n in part]

    assert numbers("é") == numbers('"é\nNO"') == [0]
    assert numbers("QUIZ") == [1]
    for name in ("user", "messages", "\\n", "jsonl", '":"', "absent"):
        assert numbers(name) == [], name


def test_finding_goes_in_blocks_and_stops_at_the_limit(tmp_path: Path) -> None:
    found = write(tmp_path, "text", *(f"row {n % 3}" for n in range(10_000)))
    blocks = list(found.find("ROW 1"))
    assert [searched for searched, _ in blocks] == [4096, 8192, 10_000]
    assert [n for _, part in blocks for n in part] == list(range(1, 10_000, 3))
    blocks = list(found.find("row 1", limit=1400))
    assert sum(len(part) for _, part in blocks) == 1400
    assert blocks[-1][0] == 8192, "what lies behind the last one was not looked at"


# --- threads and memory ----------------------------------------------------------------------------------------------


def test_many_threads_read_while_one_writes(tmp_path: Path) -> None:
    with IndexWriter(tmp_path, "text") as writer:
        writer.add("a.txt", Batch([0], ["text 0"].__iter__))
        found = opened(tmp_path)
        done = threading.Event()

        def look(seed: int) -> int:
            chance, looked = random.Random(seed), 0
            while not done.is_set() or looked < 50:
                start = chance.randrange(found.refresh())
                for row in found.rows(start, start + 20):
                    assert row["text"] == f"text {row['row']}"
                looked += 1
            return looked

        with ThreadPoolExecutor(4) as pool:
            looking = [pool.submit(look, seed) for seed in range(4)]
            try:
                for first in range(1, 20_000, 100):
                    lines = range(first, first + 100)
                    writer.add("a.txt", Batch(lines, [f"text {line}" for line in lines].__iter__))
            finally:
                done.set()
            assert all(each.result() >= 50 for each in looking)


SCROLL = """
import resource, sys
from engine.data.index import RowIndex
index = RowIndex.open(sys.argv[1])
assert not {"torch", "pyarrow", "tokenizers", "PySide6"} & set(sys.modules), "the window reads it"
rows = len(index)
index.rows(0, 50)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for start in range(0, rows, 50):
    assert index.rows(start, start + 50)[0]["row"] == start
for searched, found in index.find("number 7"):
    pass
assert searched == rows
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.trial(sample=1, full=5)
def test_scrolling_needs_no_memory(trials: range, tmp_path: Path) -> None:
    """200,000 rows, a million in the last trial."""
    for trial in trials:
        rows = 1_000_000 if trial == 4 else 200_000
        plain = (("user", f"What is the number {n}?", "assistant", f"It is {n}." * 8) for n in range(rows))
        (folder := tmp_path / str(trial)).mkdir()
        with IndexWriter(folder, "conversation") as writer:
            for first in range(0, rows, 4000):
                batch = [next(plain) for _ in range(4000)]
                writer.add("a.jsonl", Batch(range(first, first + 4000), batch.__iter__))
        done = subprocess.run(
            [sys.executable, "-c", SCROLL, str(folder)], capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stderr
        seen, grown_kib = map(int, done.stdout.split())
        assert seen == rows
        assert grown_kib < 20 << 10, "an index of hundreds of MB was not kept"
