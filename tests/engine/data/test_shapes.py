"""What a row says in every known shape, and why it is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.chat.messages import Message
from engine.data.examples import Conversation, Document, Example, Labelled, MultipleChoice, Preference
from engine.data.shapes import EmptyAnswer, Reject, example, reader

ANSWER: dict[str, Any] = {"prompt": "q", "response": "a"}
PAIR: dict[str, Any] = {"prompt": "p", "chosen": "c", "rejected": "r"}
CHOICE: dict[str, Any] = {"question": "q", "choices": "c", "answer": "a"}


def read(kind: str, columns: dict[str, Any], row: Any) -> Example:
    return example(kind, reader(kind, columns)(row))


def reason(kind: str, columns: dict[str, Any], row: Any) -> str:
    with pytest.raises(Reject) as caught:
        reader(kind, columns)(row)
    return str(caught.value)


def talk(*turns: tuple[str, str]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in turns]


def said(*turns: tuple[str, str]) -> tuple[Message, ...]:
    return tuple(Message(role, content) for role, content in turns)


SHORT = said(("user", "a"), ("assistant", "b"))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"m": talk(("user", "a"), ("assistant", "b")), "id": 7}, SHORT),
        ({"m": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}, SHORT),
        ({"m": [{"role": "human", "value": "a"}, {"role": "bot", "text": "b"}]}, SHORT),
        ({"m": [{"speaker": "Prompter", "text": "a"}, {"speaker": "AI", "text": "b"}]}, SHORT),
        ({"m": json.dumps(talk(("user", "a"), ("assistant", "b")))}, SHORT),
        (
            {"m": talk(("developer", "s"), ("user", "a"), ("assistant", "b"), ("user", "c"))},
            (Message("system", "s"), *SHORT, Message("user", "c")),
        ),
        (
            {"m": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "value": "!"}]},
                   {"role": "assistant", "content": ["b"]}]},
            said(("user", "a!"), ("assistant", "b")),
        ),
        (
            {"m": [{"from": "human", "value": "a"}, {"from": "function_call", "value": "{}"},
                   {"from": "observation", "value": "1"}, {"from": "gpt", "value": "b"}]},
            said(("user", "a"), ("assistant", "{}"), ("tool", "1"), ("assistant", "b")),
        ),
    ],
)  # fmt: skip
def test_messages(row: Any, expected: tuple[Message, ...]) -> None:
    assert read("conversation", {"messages": "m"}, row) == Conversation(expected)


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ([], "it has no reply of the assistant"),
        ("hi", "its `m` are not a list of objects"),
        (["a"], "its `m` are not a list of objects"),
        (talk(("user", "alone")), "it has no reply of the assistant"),
        (talk(("user", "a"), ("assistant", "  ")), "its answer is empty"),
        (talk(("alien", "a"), ("assistant", "b")), "a message has the unknown role alien"),
        ([{"content": "a"}], "a message has no role"),
        ([{"role": "user"}], "a message has no content"),
        ([{"role": "user", "content": 3}], "the content of a message is not text"),
        (
            [{"role": "user", "content": [{"type": "image_url"}]}],
            "a message has a part that is image_url, and only text is read",
        ),
        ([{"role": "assistant", "content": None, "tool_calls": [{}]}], "a message calls a tool without words"),
        (talk(("assistant", "b"), ("user", "a")), "it begins with a reply"),
        (talk(("user", "a"), ("user", "b"), ("assistant", "c")), "two messages of the user follow one another"),
        (
            talk(("user", "a"), ("assistant", "b"), ("assistant", "c")),
            "two messages of the assistant follow one another",
        ),
        (talk(("user", "a"), ("system", "s"), ("assistant", "b")), "a message of the system stands in its middle"),
        (talk(("user", "a"), ("tool", "1"), ("assistant", "b")), "a tool answers that was not called"),
    ],
)
def test_messages_that_are_no_conversation(messages: Any, why: str) -> None:
    assert reason("conversation", {"messages": "m"}, {"m": messages}) == why


def test_a_system_column_and_rows_that_are_lists() -> None:
    row = {"m": talk(("user", "a"), ("assistant", "b")), "s": "Be kind."}
    expected = Conversation((Message("system", "Be kind."), *SHORT))
    assert read("conversation", {"messages": "m", "system": "s"}, row) == expected
    assert read("conversation", {"messages": "m", "system": "s"}, {**row, "s": None}) == Conversation(SHORT)


def test_turns() -> None:
    assert read("conversation", {"turns": "t"}, {"t": ["a", "b"]}) == Conversation(SHORT)
    assert reason("conversation", {"turns": "t"}, {"t": ["a", 2]}) == "its `t` are not a list of texts"


@pytest.mark.parametrize(
    ("columns", "row", "expected"),
    [
        (ANSWER, {"q": "a", "a": "b"}, SHORT),
        (ANSWER, {"q": "", "a": "b"}, said(("user", ""), ("assistant", "b"))),
        ({**ANSWER, "input": "i"}, {"q": "do", "i": "", "a": "b"}, said(("user", "do"), ("assistant", "b"))),
        ({**ANSWER, "input": "i"}, {"q": "do", "i": "this", "a": "b"}, said(("user", "do\nthis"), ("assistant", "b"))),
        ({**ANSWER, "input": "i"}, {"q": "do", "a": "b"}, said(("user", "do"), ("assistant", "b"))),
        (
            {"prompt": "question", "response": "a", "input": "i"}, {"question": "why?", "i": "this", "a": "b"},
            said(("user", "this\nwhy?"), ("assistant", "b")),
        ),
        ({**ANSWER, "system": "s"}, {"q": "a", "a": "b", "s": "be"}, (Message("system", "be"), *SHORT)),
        ({**ANSWER, "history": "h"}, {"q": "c", "a": "d", "h": [["a", "b"]]},
         (*SHORT, *said(("user", "c"), ("assistant", "d")))),
        (ANSWER, {"q": "a", "a": ["b", "c"]}, SHORT),
        (ANSWER, {"q": "a", "a": {"text": ["b"], "answer_start": [3]}}, SHORT),
        (ANSWER, {"q": "a", "a": 145.0}, said(("user", "a"), ("assistant", "145"))),
        (ANSWER, {"q": talk(("user", "a")), "a": talk(("assistant", "b"))}, SHORT),
        (ANSWER, {"q": "[1, 2]", "a": "[3]"}, said(("user", "[1, 2]"), ("assistant", "[3]"))),
    ],
)  # fmt: skip
def test_answers(columns: dict[str, Any], row: Any, expected: tuple[Message, ...]) -> None:
    assert read("conversation", columns, row) == Conversation(expected)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ([], "it is not an object"),
        (3, "it is not an object"),
        ({}, "it has no `q`"),
        ({"q": "a"}, "it has no `a`"),
        ({"q": "a", "a": None}, "its `a` is empty"),
        ({"q": "a", "a": " \n"}, "its answer is empty"),
        ({"q": 3, "a": "b"}, "its `q` is not text"),
        ({"q": None, "a": "b"}, "it has no `q`"),
        ({"q": "a", "a": {"b": 1}}, "its `a` is empty"),
    ],
)
def test_answers_that_are_none(row: Any, why: str) -> None:
    assert reason("conversation", ANSWER, row) == why


def node(parent: str | None, role: str, *parts: Any, type: str = "text") -> dict[str, Any]:
    message = {"author": {"role": role}, "content": {"content_type": type, "parts": list(parts)}}
    return {"parent": parent, "message": message}


def test_an_export_of_chatgpt_follows_the_branch_seen_last() -> None:
    mapping = {
        "root": {"parent": None, "message": None},
        "sys": node("root", "system", ""),
        "one": node("sys", "user", "Hello"),
        "old": node("one", "assistant", "Forgotten"),
        "new": node("one", "assistant", "Hi"),
        "tool": node("new", "tool", "output"),
        "more": node("tool", "assistant", "again"),
        "code": node("more", "assistant", "x = 1", type="code"),
        "two": node("code", "user", "Bye", {"asset": "picture"}),
        "end": node("two", "assistant", "Bye bye"),
    }
    row = {"title": "t", "mapping": mapping, "current_node": "end"}
    expected = said(("user", "Hello"), ("assistant", "Hi\n\nagain"), ("user", "Bye"), ("assistant", "Bye bye"))
    assert read("conversation", {"mapping": "mapping"}, row) == Conversation(expected)
    mapping["one"]["parent"] = "end"
    assert "not a tree" in reason("conversation", {"mapping": "mapping"}, row)
    assert "not in its `mapping`" in reason("conversation", {"mapping": "mapping"}, {**row, "current_node": "x"})


ASKED, GOOD, BAD = said(("user", "q")), said(("assistant", "good")), said(("assistant", "bad"))


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        (PAIR, {"p": "q", "c": "good", "r": "bad"}),
        (PAIR, {"p": talk(("user", "q")), "c": talk(("assistant", "good")), "r": talk(("assistant", "bad"))}),
        (
            PAIR,
            {"p": "q", "c": talk(("user", "q"), ("assistant", "good")), "r": talk(("user", "q"), ("assistant", "bad"))},
        ),
        (PAIR, {"p": "\n\nHuman: q\n\nAssistant:", "c": "good", "r": "bad"}),
        (PAIR, {"p": "q", "c": {"role": "assistant", "content": "good"}, "r": {"role": "assistant", "content": "bad"}}),
        (
            {"chosen": "c", "rejected": "r"},
            {"c": talk(("user", "q"), ("assistant", "good")), "r": talk(("user", "q"), ("assistant", "bad"))},
        ),
        (
            {"chosen": "c", "rejected": "r"},
            {"c": "\n\nHuman: q\n\nAssistant: good", "r": "\n\nHuman: q\n\nAssistant: bad"},
        ),
        (
            {"messages": "m", "chosen": "c", "rejected": "r"},
            {
                "m": [{"from": "human", "value": "q"}],
                "c": {"from": "gpt", "value": "good"},
                "r": {"from": "gpt", "value": "bad"},
            },
        ),
        (
            {"prompt": "p", "ranked": "a"},
            {"p": "q", "a": [{"answer": "so", "rank": 2}, {"answer": "bad", "rank": 7}, {"answer": "good", "rank": 1}]},
        ),
    ],
)
def test_preferences(columns: dict[str, Any], row: Any) -> None:
    assert read("preference", columns, row) == Preference(ASKED, GOOD, BAD)


def test_preferences_with_more_before_them() -> None:
    columns = {**PAIR, "input": "i", "system": "s"}
    found = read("preference", columns, {"p": "do", "i": "this", "s": "be", "c": "good", "r": "bad"})
    assert found == Preference(said(("system", "be"), ("user", "do\nthis")), GOOD, BAD)
    dialogue = "\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant: "
    found = read("preference", {"chosen": "c", "rejected": "r"}, {"c": dialogue + "good", "r": dialogue + "bad"})
    assert found == Preference((*SHORT, Message("user", "c")), GOOD, BAD)


@pytest.mark.parametrize(
    ("columns", "row", "why"),
    [
        (PAIR, {"p": "q", "c": "x", "r": "x"}, "its chosen and rejected answers are equal"),
        (PAIR, {"p": "q", "c": "x"}, "it has no `r`"),
        (PAIR, {"p": "q", "c": "", "r": "x"}, "its chosen answer is empty"),
        (PAIR, {"p": "q", "c": "x", "r": " "}, "its rejected answer is empty"),
        (PAIR, {"p": "q", "c": ["l"], "r": "x"}, "its `chosen` are not a list of objects"),
        (PAIR, {"p": "q", "c": 3, "r": "x"}, "its `chosen` is not text"),
        (PAIR, {"p": None, "c": "x", "r": "y"}, "it has no `p`"),
        ({"chosen": "c", "rejected": "r"}, {"c": "x", "r": "y"}, "it has no prompt"),
        (
            {"chosen": "c", "rejected": "r"},
            {"c": "\n\nHuman: a\n\nAssistant: b", "r": "\n\nHuman: x\n\nAssistant: c"},
            "its chosen and rejected answers have no prompt in common",
        ),
        ({"prompt": "p", "ranked": "a"}, {"p": "q", "a": [{"answer": "x", "rank": 1}]},
         "its `a` are not answers of different ranks"),
        (PAIR, {"p": "q", "c": talk(("assistant", "x"), ("user", "y")), "r": "z"},
         "its chosen messages do not end with a reply"),
    ],
)  # fmt: skip
def test_preferences_that_are_none(columns: dict[str, Any], row: Any, why: str) -> None:
    assert reason("preference", columns, row) == why


@pytest.mark.parametrize(
    ("label", "expected"),
    [("ham", "ham"), (" ham ", "ham"), (1, "1"), (1.0, "1"), (-1, "-1"), (True, "true"), (0.5, "0.5")],
)
def test_labels(label: Any, expected: str) -> None:
    assert read("labelled", {"text": "t", "label": "l"}, {"t": "x", "l": label}) == Labelled("x", expected)


def test_labels_and_texts_that_are_none() -> None:
    columns = {"text": "t", "label": "l"}
    for row, why in [
        ({"t": "x", "l": " "}, "its label is empty"), ({"t": "x", "l": None}, "its `l` is empty"),
        ({"t": " ", "l": "a"}, "its text is empty"), ({"t": "x", "l": ["a"]}, "its `l` is not text"),
        ({"t": 3, "l": "a"}, "its `t` is not text"), ({"l": "a"}, "it has no `t`"),
    ]:  # fmt: skip
        assert reason("labelled", columns, row) == why
    assert read("text", {"text": "t"}, {"t": "x"}) == read("text", {}, "x") == Document("x")
    with pytest.raises(EmptyAnswer):
        read("text", {"text": "t"}, {"t": " "})


@pytest.mark.parametrize(
    ("columns", "row", "number"),
    [
        (CHOICE, {"q": "?", "c": ["x", "y"], "a": 1}, 1),
        (CHOICE, {"q": "?", "c": ["x", "y"], "a": "B"}, 1),
        (CHOICE, {"q": "?", "c": ["no", "yes"], "a": "yes"}, 1),
        (CHOICE, {"q": "?", "c": '["x", "y"]', "a": "a"}, 0),
        (CHOICE, {"q": "?", "c": {"text": ["x", "y"], "label": ["1", "2"]}, "a": "2"}, 1),
        ({**CHOICE, "first": "1"}, {"q": "?", "c": ["x", "y"], "a": 1}, 0),
        ({**CHOICE, "choices": ("c1", "c2")}, {"q": "?", "c1": "x", "c2": "y", "a": "1"}, 1),
    ],
)
def test_choices(columns: dict[str, Any], row: Any, number: int) -> None:
    found = read("choice", columns, row)
    assert isinstance(found, MultipleChoice)
    assert (found.question, found.answer, len(found.choices)) == ("?", number, 2)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"q": "?", "c": ["x", "y"], "a": 2}, "its answer 2 is none of its choices"),
        ({"q": "?", "c": ["x", "y"], "a": "C"}, "its answer C is none of its choices"),
        ({"q": "?", "c": ["x", "y"], "a": None}, "its answer is empty"),
        ({"q": "?", "c": ["x"], "a": 0}, "it has fewer than two choices"),
        ({"q": "?", "c": ["x", " "], "a": 0}, "one of its choices is empty"),
        ({"q": "?", "c": "x", "a": 0}, "its `c` are not a list"),
        ({"q": " ", "c": ["x", "y"], "a": 0}, "its question is empty"),
    ],
)
def test_choices_that_are_none(row: Any, why: str) -> None:
    assert reason("choice", CHOICE, row) == why


def test_the_data_may_say_which_messages_are_learnt() -> None:
    """In the words of LLaMA-Factory, OpenAI and axolotl."""
    for key, no, yes in (
        ("loss_weight", 0.0, 1.0),
        ("weight", 0, 1),
        ("train", False, True),
        ("training", False, None),
    ):
        turns = talk(("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d"))
        turns[1] |= {key: no}  # type: ignore[dict-item]
        turns[3] |= {key: yes}  # type: ignore[dict-item]
        found = read("conversation", {"messages": "m", "system": "s"}, {"m": turns, "s": ""})
        assert isinstance(found, Conversation)
        assert found.learnt == (True, False, True, True)
        found = read("conversation", {"messages": "m", "system": "s"}, {"m": turns, "s": "Be kind."})
        assert isinstance(found, Conversation)
        assert found.learnt == (True, True, False, True, True)
        assert len(found.messages) == 5


def test_weights_that_leave_nothing_out_are_not_kept() -> None:
    turns = [{**turn, "weight": 1, "name": "x"} for turn in talk(("user", "a"), ("assistant", "b"))]
    assert read("conversation", {"messages": "m"}, {"m": turns}) == Conversation(SHORT)


@pytest.mark.parametrize("weight", [0.5, "yes", [], -1])
def test_a_weight_between_is_refused(weight: Any) -> None:
    turns = [{**turn, "weight": weight} for turn in talk(("user", "a"), ("assistant", "b"))]
    assert "only 0 and 1" in reason("conversation", {"messages": "m"}, {"m": turns})
