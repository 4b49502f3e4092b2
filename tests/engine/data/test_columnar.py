"""Lines that Arrow takes apart say exactly what reading them one by one says, whatever stands in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data import columnar, unpacking
from engine.data.dataset import open_dataset
from engine.data.examples import Example
from engine.data.report import LONG, Place, Report
from engine.data.shapes import Columns

ALPACA: Columns = {"prompt": "instruction", "response": "output", "input": "input"}


def both_ways(path: Path, raw: bytes, kind: str | None = None) -> tuple[list[tuple[Place, Example]], Report]:
    """What is read in blocks, which must be what is read one by one."""
    path.write_bytes(raw)
    results = []
    for way in (columnar.form_of, lambda *_: None):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(columnar, "form_of", way)
            report = Report()
            results.append((list(open_dataset(path, kind=kind).examples(report)), report))
    (quick, quick_report), (slow, slow_report) = results
    assert quick == slow
    assert quick_report == slow_report
    return quick, quick_report


def lines(*rows: Any) -> bytes:
    return b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows)


GOOD = [{"instruction": f"Say {n}.", "input": "" if n % 3 else "now", "output": f"It is {n}."} for n in range(20)]


def test_a_plain_file_takes_the_quick_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bool] = []
    real = columnar._parse
    monkeypatch.setattr(columnar, "_parse", lambda *a: parsed.append((found := real(*a)) is not None) or found)
    found, report = both_ways(tmp_path / "a.jsonl", lines(*GOOD, *GOOD[:3]))
    assert parsed[0], "all its lines at once"
    assert (len(found), report.duplicates) == (23, 3)
    assert [place.line for place, _ in found] == list(range(1, 24))


ODD = [
    b"", b"   ", b"{", b"[1]", b'"text"', b"{}", b'{"a": ' * 2000,
    b'{"instruction": "a"}',
    b'{"instruction": null, "output": "b"}',
    b'{"instruction": "a", "output": ""}',
    b'{"instruction": "a", "output": " \\n"}',
    b'{"instruction": "", "output": "b"}',
    b'{"instruction": "a", "output": 3}',
    b'{"instruction": ["a"], "output": "b"}',
    b'{"instruction": "a", "output": "b"} x',
    b'{"instruction": "a", "output": "b", "input": 7}',
    b'{"instruction": "a", "output": "b", "input": " "}',
    b'{"instruction": "a", "output": "b", "more": NaN}',
    b'{"instruction": "a", "output": "b", "more": -Infinity}',
    b'{"instruction": "a", "output": "b", "more": [1, Inf]}',
    b'{"instruction": "a", "output": "b", "more": "NaN, Inf, Information"}',
    b'{"instruction": "a", "output": "b", "id": 1e999}',
    b'{"instruction": "a", "output": "b", "id": ' + b"9" * 5000 + b"}",
    b'{"instruction": "a", "output": "\\ud800 b"}',
    b'{"instruction": "a", "output": "\\u0000b"}',
    b'{"instruction": "a", "output": "b\0"}',
    b'{"instruction": "a", "output": "\tb"}',
    b'{"instruction": "a", "output": "\xe9"}',
    '{"instruction": "ä", "output": "ö🌱"}'.encode(),
    b'\xef\xbb\xbf{"instruction": "a", "output": "b"}',
    b'{"instruction": "a", "output": "b", "output": "c"}',
    b'{"instruction": "a", "id": 1, "id": 2, "output": "b"}',
    b'{"in\\u0073truction": "a", "output": "b"}',
    b'{"instruction": "a", "output": "b"}{"instruction": "c", "output": "d"}',
    b'{"instruction": "a", "output": "b"}  ',
    b'  {"instruction": "a", "output": "b"}',
    b'{"instruction": "a", "output": "b"}\r',
    b'{"instruction": "a",\r"output": "b"}',
    b'{"instruction": "a", "x": {"y": [{"z": {}}]}, "output": "b"}',
    b'{"instruction": "a", "x": {}',
    b'{"instruction": "b", "output": "c"}}',
    b'{"instruction": "a", "x": [{}',
    b'{}], "output": "b"}',
    b'{"instruction": "a", "x": ' + b"[" * 50_000 + b"]" * 50_000 + b', "output": "b"}',
    b'{"instruction": "a", "x": ' + b'{"x": ' * 1200 + b"1" + b"}" * 1200 + b', "output": "b"}',
    b'{"instruction": "a", "output": "' + b"x" * (LONG + 5) + b'"}',
    ('{"instruction": "' + "ä" * (LONG - 40) + '", "output": "b"}').encode(),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(ODD)))
def test_an_odd_line_among_plain_ones(tmp_path: Path, number: int) -> None:
    _, report = both_ways(tmp_path / "a.jsonl", lines(*GOOD[:5], ODD[number], *GOOD[5:9]))
    assert report.read >= 9
    both_ways(tmp_path / "b.jsonl", lines(*GOOD[:5], ODD[number], *GOOD[5:9], ODD[number - 1])[:-1])


def test_all_odd_lines_in_blocks_of_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = lines(*GOOD, *(part for line in ODD for part in (line, GOOD[3])))
    first = None
    for size in (999, 10_000, 1 << 20):
        monkeypatch.setattr(unpacking, "CHUNK", size)
        found = both_ways(tmp_path / "a.jsonl", raw)
        assert first in (None, found)
        first = found


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("text", [{"text": f"t {n}", "id": n} for n in range(9)] + [{"text": " "}, {"text": None}, {"body": "x"}]),
        (
            "labelled",
            [{"text": f"t {n}", "label": " a" if n % 2 else "b "} for n in range(9)] + [{"text": "x", "label": " "}],
        ),
        ("labelled", [{"text": f"t {n}", "label": n % 2} for n in range(9)]),
        ("conversation", [{"question": f"q {n}", "answer": "a", "context": "c" * (n % 2)} for n in range(9)]),
        ("conversation", [{"prompt": "", "completion": "a", "input": "i"}] * 3),
    ],
)
def test_other_shapes(tmp_path: Path, kind: str, rows: list[Any]) -> None:
    assert both_ways(tmp_path / "a.jsonl", lines(*rows), kind)[1].read >= 3


def test_what_is_read_packed_and_with_a_mark(tmp_path: Path) -> None:
    import gzip

    for raw in (gzip.compress(lines(*GOOD)), b"\xef\xbb\xbf" + lines(*GOOD), lines(*GOOD).replace(b"\n", b"\r\n")):
        assert both_ways(tmp_path / "a.jsonl", raw)[1].read == 20


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[{}]\n[{}]\n",
        b'{"a": 1}',
        b'{"a": 1}\n',
        b'{\n"a": 1}\n{\n',
        b'\n{"a": 1}\n{"a": 2}\n',
        b"{\0}\n{}\n",
        b"{x}\n{}\n",
    ],
)
def test_what_does_not_begin_plainly(raw: bytes) -> None:
    assert not columnar.begins_plainly(raw)


def test_only_flat_shapes_have_a_form() -> None:
    assert columnar.form_of("conversation", ALPACA) is not None
    for kind, columns in [
        ("conversation", {"messages": "m"}), ("conversation", {**ALPACA, "system": "s"}), ("text", {}),
        ("choice", {"question": "q", "choices": ("a", "b"), "answer": "c"}),
    ]:  # fmt: skip
        assert columnar.form_of(kind, columns) is None


VALUES = (
    st.none()
    | st.text(max_size=6)
    | st.integers()
    | st.sampled_from(["", " ", "a", "\ud800", "\0"])
    | st.lists(st.text(max_size=2))
)
ROWS = st.dictionaries(st.sampled_from(["instruction", "input", "output", "id"]), VALUES, max_size=4)


@given(rows=st.lists(ROWS, max_size=6), cuts=st.lists(st.integers(0, 300), max_size=3))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_rows(tmp_path: Path, rows: list[Any], cuts: list[int]) -> None:
    raw = bytearray(lines(*GOOD[:3], *rows, GOOD[4]))
    for cut in cuts:
        del raw[300 + cut : 301 + cut]
    both_ways(tmp_path / "a.jsonl", bytes(raw))
