"""What the page of trainings can show, one state after another; a part of `window_states.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtWidgets import QMessageBox, QWidget

from engine import paths

Desk = Any  # tests/app/conftest.py

SAID = "ZZ"  # to the models that stand side by side; not a word of ours
# Names of what is dropped and of the runs that are made of it.
_SCRIPTS = ("slow", "broken", "ask", "choices", "texts", "risky", "refuse", "full")
TRAININGS = (*(f"{name}.jsonl" for name in (*_SCRIPTS, "crash", "long")), "crash", "long")


def training_states(desk: Desk) -> Iterator[tuple[str, QWidget]]:
    """From an empty page over a dropped file to a run, with workers that follow a script (`scripted_trainer.py`)."""
    page, training, window = desk.seedling.training_page, desk.seedling.training, desk.window
    prepare, card, foot = page.prepare, page.prepare.card, page.prepare.foot

    def drop(script: str, until: Callable[[], bool] = foot.start.isEnabled) -> None:
        path = paths.home() / f"{script}.jsonl"
        path.write_text("{}")
        training.open([path])
        desk.wait(until)
        turn()

    def stands() -> str:
        """As the view of the run has read it by now."""
        return "" if page.watch._info is None else str(page.watch._info.state)

    def turn(milliseconds: int = 60) -> None:
        desk.qtbot.wait(milliseconds)

    window.show_page("training")
    desk.wait(lambda: prepare.questions.model.count() > 0)
    turn()
    yield "training", window
    drop("slow", lambda: card.rows.model.rowCount() > 100)
    yield "training: rows come", window
    drop("broken", lambda: bool(card.notice.text))
    yield "training: cannot be read", window
    drop("ask", card.mapping.isVisible)
    yield "training: columns are asked for", window
    drop("choices", lambda: bool(card.notice.text) and training._card is not None)
    yield "training: nothing to learn", window
    drop("texts")
    prepare.questions.time.button("own").click()
    desk.wait(foot.start.isEnabled)
    turn()
    yield "training: text", window
    prepare.questions.goal.button("new").click()
    desk.wait(prepare.questions.dial.follows.isVisible)
    turn()
    yield "training: from nothing", window
    prepare.questions.dial.by.button("size").click()
    card.views.button("tokens").click()
    desk.wait(lambda: bool(card.tokens.strip._boxes) and foot.start.isEnabled())
    turn()
    yield "training: tokens", window
    card.views.button("rows").click()
    prepare.questions.goal.button("text").click()
    prepare.questions.time.button("medium").click()
    drop("risky")
    yield "training: data", window
    for view in ("lengths", "rejected"):
        card.views.button(view).click()
        turn()
        yield f"training: {view}", window
    card.views.button("rows").click()
    card.rows.detail.ways.button("said").click()
    card.read_differently.click()
    turn()
    yield "training: columns", window
    card.read_differently.click()
    prepare.settings.button.click()
    turn()
    yield "training: all settings", window
    drop("refuse", lambda: bool(foot.notice.text))
    yield "training: refused", window
    prepare.settings.button.click()
    drop("full")
    foot.start.click()
    desk.wait(lambda: bool(foot.notice.text) and foot.start.isEnabled())
    turn()
    yield "training: cannot start", window
    drop("crash")
    foot.start.click()
    desk.wait(lambda: bool(page.notice.text) and stands() == "interrupted")
    turn(100)
    yield "training: its worker died", window
    page.notice.clear()
    drop("long")
    foot.start.click()
    desk.wait(lambda: page.view is page.watch and page.watch.run.name == "long" and stands() == "running")
    desk.wait(lambda: page.watch._info.done >= 20)
    turn(700)  # curves are drawn less often than figures come
    yield "training: watching", window
    window.close()
    turn()
    box = window.findChild(QMessageBox)
    yield "training: closing", box
    box.reject()
    training.stop_training()
    desk.wait(lambda: not training.trainings.running and stands() == "stopped")
    desk.wait(page.watch.use.isVisible)
    page.notice.clear()
    turn(200)
    yield "training: stopped", window
    page.watch.use_requested.emit("gguf", page.watch.run)
    desk.wait(lambda: training.uses.exports.dialog is not None)
    training.uses.exports.dialog.measure.click()
    desk.wait(training.uses.exports.dialog.measure.isEnabled)
    turn()
    yield "training: export", training.uses.exports.dialog
    training.uses.exports.dialog.reject()
    page.watch.use_requested.emit("classify", page.watch.run)
    training.uses.classifying.dialog.label_button.click()
    desk.wait(training.uses.classifying.dialog.label_button.isEnabled)
    turn()
    yield "training: labels", training.uses.classifying.dialog
    training.uses.classifying.dialog.reject()
    page.back_requested.emit()
    desk.wait(lambda: page.home.runs.model.rowCount() == 2)
    turn()
    yield "training: runs", window
    page.home.views.button("tree").click()
    turn()
    yield "training: family tree", window
    page.home.views.button("runs").click()
    page.home.runs.compare_requested.emit([run.folder for run in training._runs])
    desk.wait(lambda: page.view is page.compare and page.compare.curves.plot is not None)
    desk.wait(lambda: page.compare.scores.rowCount() > 0)
    turn(200)
    yield "training: compared", window
    page.back_requested.emit()
    yield from _beside(desk)
    page.back_requested.emit()
    page.home.runs.delete_requested.emit(training._runs[0].folder)
    turn()
    box = page.findChild(QMessageBox)
    yield "training: delete", box
    box.reject()
    window.show_page("chat")


def _beside(desk: Desk) -> Iterator[tuple[str, QWidget]]:
    """Two checkpoints asked the same: how they answer, and how one of them fails where memory is short."""
    page, training, view = desk.seedling.training_page, desk.seedling.training, desk.seedling.training_page.beside
    training.show_run(next(run.folder for run in training._runs if run.name == "long"))
    page.watch.beside_requested.emit([page.watch.run / "checkpoints" / "step-00000002"] * 2)
    desk.wait(view.composer.isEnabled)
    for question in (SAID, "do fail out_of_memory"):
        view.composer.restore(question)
        view.composer.button.click()
        desk.wait(lambda: not training.beside.writing)
        desk.qtbot.wait(60)
        yield f"training: side by side, {question}", desk.window
    page.back_requested.emit()
