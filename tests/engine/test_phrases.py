"""Phrases: English to whoever reads text, and what they were made of to whoever translates."""

from __future__ import annotations

import ast
import copy
import json
import pickle
from collections import Counter
from pathlib import Path

import pytest

from engine.errors import EngineError, describe
from engine.events import Failed, Finished, Log, from_json, to_line, to_window
from engine.phrases import Phrase, joined, listed, one_or_many, packed, phrase, unpacked

ENGINE = Path(__file__).resolve().parents[2] / "engine"


def parts(text: str) -> tuple[str, dict[str, object]]:
    assert isinstance(text, Phrase)
    return text.template, dict(text.values)


def test_a_phrase_is_its_text() -> None:
    text = phrase("it needs {count:,} bytes of {place}", count=1234, place="x")
    assert text == "it needs 1,234 bytes of x"
    assert {text: 1}["it needs 1,234 bytes of x"] == 1
    assert json.dumps([text]) == '["it needs 1,234 bytes of x"]'
    assert parts(text) == ("it needs {count:,} bytes of {place}", {"count": 1234, "place": "x"})


def test_a_value_that_is_missing_is_seen_where_the_phrase_is_made() -> None:
    with pytest.raises(KeyError):
        phrase("it lacks {name}")


def test_one_and_many() -> None:
    assert one_or_many(1, "{count} row of {all}", "{count} rows of {all}", all=9) == "1 row of 9"
    assert one_or_many(3, "{count} row of {all}", "{count} rows of {all}", all=9) == "3 rows of 9"


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (list("abc"), "a, b and c")]
)
def test_lists(names: list[str], text: str) -> None:
    assert listed(names) == text


def test_phrases_one_after_the_other_stay_phrases() -> None:
    text = joined([phrase("First."), "{name}"])
    assert text == "First. {name}"
    template, values = parts(text)
    assert template.format_map(values) == text
    assert [type(value) for value in values.values()] == [Phrase, str]


def test_a_phrase_alone_is_not_wrapped() -> None:
    text = phrase("it is damaged")
    assert joined([text]) is text
    assert listed([text]) is text
    assert parts(str(EngineError("provider_again", name="x", seconds=1)))[0].startswith("{name} cannot answer yet")


def test_what_an_error_says_is_a_phrase() -> None:
    error = EngineError("store_damaged", place="/p", reason=phrase("it is damaged"))
    assert isinstance(str(error), Phrase)
    assert str(error) == describe("store_damaged", error.data)
    assert f"{error}" == str(error)
    assert "it is damaged" in str(packed(str(error)))


def test_a_value_that_an_error_lacks_shows_as_nothing() -> None:
    assert "None" not in describe("store_damaged", {"place": "/p"})
    assert describe("too_many_files", {}).startswith("holds more than files")


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, lambda text: pickle.loads(pickle.dumps(text))])
def test_a_copy_is_a_phrase(twin: object) -> None:
    text = phrase("it lacks {name}", name=phrase("a name"))
    assert callable(twin)
    assert parts(twin(text)) == parts(text)


# --- in JSON ----------------------------------------------------------------------------------------------------------


def holds_phrases(value: object) -> bool:
    return "§phrase" in str(packed(value))


def test_phrases_come_back_from_json_wherever_they_stood() -> None:
    inner = phrase("a header")
    outer = phrase("it lacks {what}", what=inner)
    value = {"rows": [[1, outer]], "counts": Counter({outer: 2}), "name": "a header", "a header": 5}
    again = unpacked(json.loads(json.dumps(packed(value))))
    assert again == value
    assert parts(again["rows"][0][1]) == parts(outer)
    assert isinstance(next(iter(again["counts"])), Phrase)
    assert isinstance(again["rows"][0][1].values["what"], Phrase)
    assert type(again["name"]) is str  # what only has the same text stays a name


def test_what_is_said_instead_takes_the_whole_phrase() -> None:
    value = ["it lacks a header", phrase("it lacks {what}", what=phrase("a header"))]
    assert unpacked(packed(value), lambda text: text.upper()) == ["it lacks a header", "IT LACKS A HEADER"]


@pytest.mark.parametrize("pairs", [None, 5, "ab", [[1]], [[1, 2, 3]], [[[], 1]]])
def test_what_stands_for_keys_may_be_anything(pairs: object) -> None:
    with pytest.raises(ValueError, match=r"phrase|unpack"):
        unpacked({"§pairs": pairs})


@pytest.mark.parametrize("made", [None, 5, ["t"], ["t", "t"], ["t", "t", 3], ["t", 3, {}], [{}, "t", {}]])
def test_what_stands_for_a_phrase_and_is_none_stays_what_it_is(made: object) -> None:
    assert unpacked({"§phrase": made}) == {"§phrase": made}


def test_an_event_takes_its_phrases_to_the_window_and_to_nobody_else() -> None:
    for event in (
        Failed("cannot_read", {"place": "/p", "reason": phrase("it holds {count:,} rows", count=2000)}),
        Log("warning", str(EngineError("store_damaged", place="/p", reason="x"))),
        Finished("done", {"rows": [{"reason": phrase("it is empty")}]}),
    ):
        line = json.loads(to_window(event, 7))
        assert line["id"] == 7
        again = from_json(line)
        assert again == event
        assert packed(again) == packed(event)
        assert holds_phrases(again)
        assert not holds_phrases(from_json(json.loads(to_line(event))))


# --- all of them ------------------------------------------------------------------------------------------------------

_WORDS = ("reason", "cure", "question", "wanted")  # of errors: what stands inside a sentence


def bare_words(source: str) -> list[int]:
    """Lines in which an error is given words of ours that are no phrase. What is typed wrongly is told in English."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Error") and node.args):
            continue
        if isinstance(node.args[0], ast.Constant) and node.args[0].value == "usage":
            continue
        for given in node.keywords:
            if given.arg in _WORDS and isinstance(given.value, ast.JoinedStr | ast.Constant):
                lines.append(given.value.lineno)
    return lines


def test_no_error_is_given_words_that_stay_english() -> None:
    found = {
        str(path.relative_to(ENGINE)): lines
        for path in sorted(ENGINE.rglob("*.py"))
        if (lines := bare_words(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_the_check_sees_words_that_stay_english() -> None:
    assert bare_words('raise EngineError("x", reason="it is empty")') == [1]
    assert bare_words('raise EngineError("x", reason=f"it is {y}")') == [1]
    assert bare_words('raise EngineError("x", reason=phrase("it is empty"))') == []
    assert bare_words('raise EngineError("usage", reason="Name a file")') == []
