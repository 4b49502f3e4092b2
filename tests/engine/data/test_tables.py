"""CSV and TSV as people have them: any delimiter, quotes that quote nothing, and no record of the wrong width."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import rows
from engine.data.decoding import Text
from engine.data.rows import Broken
from engine.data.tables import TableRows, has_header
from engine.errors import EngineError


def opened(text: str, tabs: bool = False, size: int = 9) -> TableRows:
    raw = text.encode()
    chunks = iter([raw[at : at + size] for at in range(0, len(raw), size)])
    return TableRows(Text(chunks, "a.csv", legacy=True, tolerant=True), tabs)


def read(text: str, tabs: bool = False, size: int = 9) -> list[tuple[int, Any]]:
    return [(line, value) for line, _, value in opened(text, tabs, size)]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiters(mark: str) -> None:
    lines = [f"label{mark}text", f"ham{mark}one, two; three", f'spam{mark}"a{mark}b ""c"""']
    if mark in ",;":
        lines[1] = f'ham{mark}"one, two; three"'
    assert [value for _, value in read("\n".join(lines))] == [
        {"label": "ham", "text": "one, two; three"},
        {"label": "spam", "text": f'a{mark}b "c"'},
    ]


def test_quotes_that_quote_nothing() -> None:
    text = 'ham\t"Hello" he said\nspam\tit\'s 5" wide\nham\t"open\nham\tclosed"\nspam\t"whole"\nham\tx'
    found = [value["2"] for _, value in read(text, tabs=True)]
    assert found == ['"Hello" he said', "it's 5\" wide", '"open', 'closed"', '"whole"', "x"]


def test_quotes_of_a_spreadsheet() -> None:
    text = 'label\ttext\nham\t"He said ""hi"", then\nleft"\nspam\tx'
    assert read(text, tabs=True) == [
        (2, {"label": "ham", "text": 'He said "hi", then\nleft'}),
        (4, {"label": "spam", "text": "x"}),
    ]


def test_records_over_several_lines_keep_their_line() -> None:
    text = 'a,b\n"one\ntwo\n\nthree",x\ny,z\n'
    assert read(text) == [(2, {"a": "one\ntwo\n\nthree", "b": "x"}), (6, {"a": "y", "b": "z"})]


def test_ragged_records_are_rejected_with_their_line() -> None:
    found = read("text,label\na,b\nc\nd,e,f\n\ng,h\n")
    assert [line for line, _ in found] == [2, 3, 4, 6]
    assert [isinstance(value, Broken) for _, value in found] == [False, True, True, False]
    assert found[1][1] == Broken("it has 1 cell where 2 belong")


def test_a_quote_that_does_not_close_costs_its_line() -> None:
    rest = [f"row {n},x" for n in range(2000)]
    found = read("text,label\n" + "\n".join(['"open,x', *rest]), size=1 << 20)
    assert found[0] == (2, Broken("a quote is opened and not closed"))
    assert len(found) == 2001
    assert found[-1] == (2002, {"text": "row 1999", "label": "x"})
    found = read('text,label\n"open,x\nb,"y"\n"c" d,e\nf,g\n')
    assert [isinstance(value, Broken) for _, value in found] == [True, False, True, False]


def test_bytes_that_are_no_utf8_cost_their_line() -> None:
    raw = "text,label\né,b\n".encode() + b"\xff,x\nc,d\n"
    found = [value for _, _, value in TableRows(Text(iter([raw]), "a.csv", legacy=True, tolerant=True), False)]
    assert found == [{"text": "é", "label": "b"}, rows.NOT_UTF8, {"text": "c", "label": "d"}]


def test_a_cell_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "LIMIT", 100)
    found = read("a,b\n1,2\n" + "x" * 500 + ",3\n4,5\n")
    assert (3, rows.TOO_LONG) in found
    assert found[0] == (2, {"a": "1", "b": "2"})
    assert (4, {"a": "4", "b": "5"}) in found


def test_columns_without_a_name_and_twice_the_same() -> None:
    assert read(",score\nx,1\ny,2")[0] == (2, {"1": "x", "score": "1"})
    with pytest.raises(EngineError, match="two columns called text"):
        read("text,text,label\na,b,c")


def test_nothing_and_a_header_alone() -> None:
    assert read("") == read("\n\n") == []
    table = opened("text,label\n")
    assert list(table) == []
    assert table.columns == ("text", "label")


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([["text", "label"], ["a", "b"]], True),
        ([["ham", "Go until jurong point"], ["ham", "Ok lar"], ["spam", "Free"]], False),
        ([["Sentence", "Mood"], ["I am glad.", "happy"], ["Oh no.", "sad"]], True),
        ([["What is 1+1?", "1", "2", "3", "4", "B"], ["And 2+2?", "1", "2", "3", "4", "D"]], False),
        ([["1", "2"], ["3", "4"]], False),
        ([["I am glad to be here today, said the dog to the cat.", "x"], ["Oh", "y"]], False),
        ([["label", "text"], ["label", "a"], ["text", "b"]], False),
    ],
)
def test_header(records: list[list[str]], expected: bool) -> None:
    assert has_header(records) is expected


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\x1f"), min_size=1, max_size=8).filter(
    lambda c: not c.isspace()
)


@given(
    cells=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8),
    mark=st.sampled_from([",", ";"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
@settings(deadline=None, max_examples=60)
def test_what_python_writes_is_read(cells: list[tuple[str, str]], mark: str, quoting: Any) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=mark, quoting=quoting, lineterminator="\n")
    writer.writerows([("text", "label"), *cells])
    assert [tuple(value.values()) for _, value in read(file.getvalue())] == cells
