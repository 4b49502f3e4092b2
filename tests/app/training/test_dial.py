"""A model from nothing: the dial turned by keys, to a size or a time, and all that follows shown with its reason."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.figures import number
from app.training.dial import MARKED, MILLIONS, MINUTES, Dial

Person = Any  # conftest.py
PLAN = {
    "recipe": {"layers": 4, "width": 256, "vocabulary": 2048, "batch_size": 64, "accumulation": 2, "max_length": 256}
    | {"learning_rate": 0.003},
    "reasons": {"layers": "of this", "width": "of that"},
    "estimate": {"parameters": 3_700_000, "tokens": 5_200_000, "passes": 15.96, "expected": "words"}
    | {"flops": 2.5e11, "size_bytes": 1_000_000},
}


def said(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


@pytest.fixture
def dial(qtbot: QtBot) -> Dial:
    dial = Dial()
    qtbot.addWidget(dial)
    dial.show()
    return dial


def test_keys_turn_it_from_place_to_place(qtbot: QtBot, dial: Dial) -> None:
    assert dial.answers == {"time": 20}
    with qtbot.wait_signal(dial.changed):
        qtbot.keyClick(dial.slider, Qt.Key.Key_Right)
    assert dial.answers == {"time": 30}
    qtbot.keyClick(dial.slider, Qt.Key.Key_PageDown)
    qtbot.keyClick(dial.slider, Qt.Key.Key_Home)
    assert dial.answers == {"time": 1}
    qtbot.keyClick(dial.slider, Qt.Key.Key_End)
    assert dial.answers == {"time": 480}


def test_a_number_between_the_places_is_kept_as_it_was_written(qtbot: QtBot, dial: Dial) -> None:
    dial.field.selectAll()
    qtbot.keyClicks(dial.field, "37")
    assert dial.answers == {"time": 20}  # not before it is whole
    with qtbot.wait_signal(dial.changed):
        qtbot.keyClick(dial.field, Qt.Key.Key_Return)
    assert dial.answers == {"time": 37}
    assert MINUTES[dial.slider.value()] == 45


def test_both_sides_keep_their_numbers(qtbot: QtBot, dial: Dial) -> None:
    with qtbot.wait_signal(dial.changed):
        dial.by.button("size").click()
    assert dial.answers == {"parameters": 5_000_000}
    dial.slider.setValue(MILLIONS.index(100))
    dial.by.button("time").click()
    assert dial.answers == {"time": 20}
    dial.by.button("size").click()
    assert dial.answers == {"parameters": 100_000_000}
    assert dial.field.text() == "100 million"


def test_what_follows_is_told_with_reasons_and_without_promises(dial: Dial) -> None:
    assert not dial.follows.isVisible()
    dial.show_plan(PLAN, {"width"})
    told = said(dial)
    for words in (
        "Depth: 4 blocks",
        "Here because of this.",
        "Width: 256",
        "as you chose it in the settings",
        f"Vocabulary: {number(2048)} tokens",
        "Reads: 5.2M tokens: the text 16 times",
        f"Batch: {number(32768)} tokens a step",
        "Learning rate: 0.003",
        "words and short sentences like your text's",
        "it does not answer questions",
    ):
        assert words in told
    assert "of that" not in told


def test_other_places_say_what_they_would_mean(dial: Dial) -> None:
    dial.show_plan(PLAN, ())
    sizes = [means for _, means in dial._marks._texts]
    assert [name for name, _ in dial._marks._texts] == ["a minute", "ten minutes", "an hour", "a night"]
    assert len(sizes) == 1 + (len(MINUTES) - 1) // MARKED
    assert sizes[0] != sizes[1]
    assert "parameters" in dial.slider.accessibleDescription()
    dial.by.button("size").click()
    assert [name for name, _ in dial._marks._texts] == ["2.0M", "10.0M", "100M", "1.0B"]


def test_the_dial_takes_the_place_of_the_other_questions_and_makes_the_plan(person: Person) -> None:
    person.prepare_data("texts")
    questions, planner = person.prepare.questions, person.training.planner
    assert not questions.dial.isVisible()
    person.click(questions.goal.button("new"))
    person.wait(lambda: planner.plan is not None and planner.plan["asked"]["method"] == "pretrain")
    assert questions.dial.follows.isVisible()
    assert not questions.time.isVisible()
    person.qtbot.keyClick(questions.dial.slider, Qt.Key.Key_End)
    person.wait(lambda: (planner.plan or {"estimate": {}})["estimate"].get("parameters") == 480 * 250_000)
    person.click(questions.dial.by.button("size"))
    person.wait(lambda: (planner.plan or {"estimate": {}})["estimate"].get("parameters") == 5_000_000)
    person.click(questions.goal.button("text"))
    person.wait(lambda: planner.plan is not None and planner.plan["asked"]["method"] == "continue")
    assert questions.time.isVisible()


def test_a_recipe_from_nothing_shows_its_own_question(person: Person) -> None:
    place = person.folder / "mine.toml"
    place.write_text(f'method = "pretrain"\ndata = ["{person.data("texts")}"]\nlayers = 3\n')
    person.drop(place)
    person.wait(person.foot.start.isEnabled)
    assert person.prepare.questions.goal.choice == "new"
    assert "as you chose it" in said(person.prepare.questions.dial)
