"""JSON in all the forms that rows come in: strict, streamed, and every line accounted for."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import rows
from engine.data.decoding import Text
from engine.data.json_rows import JsonRows
from engine.data.rows import Broken
from engine.errors import EngineError


def opened(raw: bytes | str, size: int = 7) -> JsonRows:
    raw = raw.encode() if isinstance(raw, str) else raw
    first = max(size, 4)
    chunks = iter([raw[:first], *(raw[at : at + size] for at in range(first, len(raw), size))])
    return JsonRows(Text(chunks, "a.json", tolerant=True, nul=True))


def read(raw: bytes | str, size: int = 7) -> list[tuple[int, Any]]:
    return [(line, value) for line, _, value in opened(raw, size)]


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1}\n{"a": 2}', [(1, {"a": 1}), (2, {"a": 2})]),
        ('\n\n{"a": 1}\n  \n{"a": 2}\n\n', [(3, {"a": 1}), (5, {"a": 2})]),
        ('{"a": 1}\r\n{"a": 2}\r\n', [(1, {"a": 1}), (2, {"a": 2})]),
        ('{"a": 1}\r{"a": 2}', [(1, {"a": 1}), (2, {"a": 2})]),
        ('[{"a": 1}, {"a": 2}]', [(1, {"a": 1}), (1, {"a": 2})]),
        ('[\n{"a": 1},\n{"a":\n2}\n]\n', [(2, {"a": 1}), (3, {"a": 2})]),
        ("[1, 2]\n[3]\n", [(1, [1, 2]), (2, [3])]),
        ("[[1, 2], [3]]", [(1, [1, 2]), (1, [3])]),
        ("[]", []),
        (" \n ", []),
        ('{\n "a": 1\n}\n{\n "a": 2\n}\n', [(1, {"a": 1}), (4, {"a": 2})]),
        ('{"data": [\n{"a": 1}, {"a": 2}], "version": {"x": "]"}}', [(2, {"a": 1}), (2, {"a": 2})]),
        ('{"data": [1]}\n{"data": [2]}', [(1, {"data": [1]}), (2, {"data": [2]})]),
        ('{"a": "é\\ud83c\\udf31"}', [(1, {"a": "é🌱"})]),
        ("123456789", [(1, 123456789)]),
        ("[123456789, -1.5e3]", [(1, 123456789), (1, -1500.0)]),
    ],
)
def test_forms(text: str, expected: list[Any], size: int) -> None:
    assert read(text, size) == expected


def test_wrapped_rows_are_said_to_be() -> None:
    reading = opened('{"data": [{"a": 1}]}')
    list(reading)
    assert reading.notes == ["has its rows under `data`"]


def test_a_broken_line_costs_itself_alone() -> None:
    lines = [
        '{"a": 1}',
        '{"a": ',
        "[1]",
        "[" * 100_000,
        '{"a": 1} x',
        "{'a': 1}",
        '{"a": NaN}',
        '{"a": "\t"}',
        '{"a": 2}',
    ]
    found = read("\n".join(lines), 1000)
    assert [line for line, _ in found] == list(range(1, 10))
    assert [isinstance(value, Broken) for _, value in found] == [False, True, False, *[True] * 5, False]
    reasons = [value.reason for _, value in found if isinstance(value, Broken)]
    assert reasons[1] == "nested too deeply"
    assert "character 10" in reasons[2]
    assert "NaN is no number" in reasons[4]


def test_many_broken_lines_do_not_slow_each_other() -> None:
    """A line that opens a bracket must not be read on into all the lines that follow, thousands of times."""
    found = read('{"a": 1}\n' + "[1,\n" * 20_000, 1 << 20)
    assert len(found) == 20_001


def test_bytes_that_are_no_utf8_cost_their_line() -> None:
    found = read(b'{"a": "x"}\n{"a": "caf\xe9"}\n{"a": "caf\xc3\xa9"}')
    assert [value for _, value in found] == [{"a": "x"}, Broken("it is not valid UTF-8"), {"a": "café"}]
    assert [value for _, value in read(b'[{"a": "\xff"}, {"a": "x"}]')] == [rows.NOT_UTF8, {"a": "x"}]


def test_lone_surrogates_are_replaced_and_said() -> None:
    for text in (
        '{"a\\ud800": "\\udc00 x", "b": [1, "\\uD83C\\uDF31"]}',
        '[{"a\\ud800": "\\udc00 x", "b": [1, "🌱"]}]',
    ):
        reading = opened(text)
        assert [value for _, _, value in reading] == [{"a\ufffd": "\ufffd x", "b": [1, "🌱"]}]
        assert "lone surrogates" in reading.notes[0]


def test_integers_of_any_length() -> None:
    for text in ('{"a": "x", "id": %s}', '[{"a": "x", "id": %s}]'):
        ((_, value),) = read(text % ("9" * 5000))
        assert value["a"] == "x"


def test_a_row_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "LIMIT", 100)
    long = '{"a": "%s"}' % ("x" * 500)
    assert [value for _, value in read(f'{{"a": 1}}\n{long}\n{{"a": 2}}')] == [{"a": 1}, rows.TOO_LONG, {"a": 2}]
    assert [value for _, value in read(f'{{"a": 1}}\n{long}')] == [{"a": 1}, rows.TOO_LONG]
    with pytest.raises(EngineError, match="line 2"):
        read(f'[{{"a": 1}},\n{long}]')


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[{"a": 1},\n]', 2), ('[{"a": 1}\n{"a": 2}]', 2), ('[{"a": 1},\n{"a": ', 2), ("[1] [2]", 1),
        ("[[[" * 50_000, 1), ('{"data": [{"a": 1}', 1), ('{"data": [{"a": 1}], "b": }', 1), ("[{'a': 1}]", 1),
    ],
)  # fmt: skip
def test_a_broken_array_names_its_line(text: str, line: int) -> None:
    with pytest.raises(EngineError) as caught:
        read(text)
    assert (caught.value.code, caught.value.data["line"]) == ("data_line", line)


def test_the_json_suite(data: Callable[..., Path]) -> None:
    """y_ must parse, n_ must be refused, i_ either; nothing else than EngineError is ever raised."""
    counts = {"y": 0, "n": 0, "i": 0}
    with tarfile.open(data("json-suite") / "json-test-suite.tar.xz") as suite:
        for member in suite:
            content = suite.extractfile(member)
            if content is None:
                continue
            raw, name = content.read(), Path(member.name).name
            try:
                found = read(raw, 64)
                refused = any(isinstance(value, Broken) for _, value in found) or not raw.strip()
                refused = refused or (not found and raw.translate(None, b" \t\r\n") != b"[]")
            except EngineError:
                refused = True
            assert name[0] == "i" or refused == (name[0] == "n"), name
            counts[name[0]] += 1
    assert min(counts.values()) > 20


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=3), min_size=2, max_size=5)


@given(objects=OBJECTS, indent=st.sampled_from([None, 1]), ascii=st.booleans(), size=st.integers(1, 50))
@settings(deadline=None, max_examples=60)
def test_what_python_writes_is_read(objects: list[Any], indent: int | None, ascii: bool, size: int) -> None:
    array = json.dumps(objects, indent=indent, ensure_ascii=ascii)
    lines = "\n".join(json.dumps(item, ensure_ascii=ascii) for item in objects)
    assert [value for _, value in read(array, size)] == objects
    assert [value for _, value in read(lines, size)] == objects
