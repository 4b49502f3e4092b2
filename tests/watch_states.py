"""What the views that watch runs can show, one state after another, for checks that must hold in each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from watched_runs import write_run

from app.training.watch.compare_view import CompareView
from app.training.watch.family_tree import FamilyTree
from app.training.watch.runs_list import RunsList
from app.training.watch.view import WatchView
from engine.events import Progress
from engine.library.family import family
from engine.training.runs import list_runs

NAMES = {"pretrain": "ZZ 1", "classify": "ZZ 2", "dpo": "ZZ 3", "lora": "ZZ 4"}
# What people and files named, keys and values of recipes, a unit.
DATA = ("ZZ", "ZA", "ZB", "ZC", "ZP", "method", "pretrain", "dpo", "/s", "MB")


@dataclass
class Views:
    """One of each, with the runs of a folder."""

    watch: WatchView
    compare: CompareView
    runs: RunsList
    tree: FamilyTree

    def close(self) -> None:
        self.watch.close_files()
        self.compare.close_files()


def open_views(qtbot: QtBot, width: int, height: int) -> Views:
    views = Views(WatchView(), CompareView(), RunsList(), FamilyTree())
    for view in (views.watch, views.compare, views.runs, views.tree):
        qtbot.addWidget(view)
        view.resize(width, height)
    return views


def states(qtbot: QtBot, views: Views, root: Path) -> Iterator[tuple[str, QWidget]]:
    """A name for each state and the view to look at."""
    watch = views.watch
    with qtbot.wait_active(watch):
        watch.show()
    qtbot.wait(30)
    yield "no run", watch
    for method in ("pretrain", "classify", "dpo", "lora"):
        run = write_run(root / NAMES[method], method, parent=None if method == "pretrain" else "/models/ZP")
        show(qtbot, watch, run)
        yield method, watch
    watch.set_other_runs([root / NAMES["pretrain"], root / NAMES["dpo"]])
    qtbot.wait_until(lambda: len(watch.curves._others) == 2, timeout=20_000)
    settle(qtbot)
    yield "over others", watch
    watch.curves.choose("memory")
    qtbot.wait(50)
    yield "memory", watch
    watch.curves.choose("loss")
    show(qtbot, watch, write_run(root / "ZZ 5", done=120, state="running"))
    yield "interrupted", watch
    rows = [{"step": step, "loss": 0.0, "lr": 1e-3, "grad_norm": 0.0} for step in range(1, 60)]
    show(qtbot, watch, write_run(root / "ZZ 6", rows=rows))
    yield "warned", watch
    show(qtbot, watch, write_run(root / "ZZ 7", done=0, state="running", rows=[]))
    watch.set_progress(Progress(3, 10, "rows", ""))
    qtbot.wait(30)
    yield "before the first step", watch
    watch.hide()

    with qtbot.wait_active(views.runs):
        views.runs.show()
    yield "no runs", views.runs
    views.runs.show_runs(list_runs(root))
    views.runs.select(root / NAMES["pretrain"])
    for name in (NAMES["pretrain"], NAMES["dpo"]):
        index = views.runs.model.index_of(root / name)
        views.runs.model.setData(index, Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    qtbot.wait(30)
    yield "runs", views.runs
    views.runs.hide()

    with qtbot.wait_active(views.tree):
        views.tree.show()
    yield "no family", views.tree
    views.tree.show_family(family(root, []))
    settle(qtbot)
    yield "family", views.tree
    views.tree.tree.setCurrentIndex(views.tree._rows()[0])
    settle(qtbot)
    yield "one of the family", views.tree
    views.tree.hide()

    with qtbot.wait_active(views.compare):
        views.compare.show()
    views.compare.show_runs([root / NAMES["pretrain"], root / NAMES["dpo"]])
    qtbot.wait_until(lambda: views.compare.scores.rowCount() > 0, timeout=20_000)
    qtbot.wait_until(lambda: views.compare.curves.plot is not None, timeout=20_000)
    settle(qtbot)
    yield "compared", views.compare


def settle(qtbot: QtBot) -> None:
    """Let what is late arrive, and what it moves take its place, also on a busy machine."""
    qtbot.wait(150)
    for _ in range(10):
        QApplication.sendPostedEvents()
        QApplication.processEvents()


def show(qtbot: QtBot, watch: WatchView, run: Path) -> None:
    """Have the run shown, and wait until it is."""
    with qtbot.wait_signal(watch.follower.came, timeout=20_000, check_params_cb=lambda news: news.info.folder == run):
        watch.set_run(run)
    if (run / "metrics.jsonl").stat().st_size:
        qtbot.wait_until(lambda: watch.curves.plot is not None and "loss" in watch.curves.run.series, timeout=20_000)
    settle(qtbot)
