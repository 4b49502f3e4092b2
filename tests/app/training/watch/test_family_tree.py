"""The family tree: who stands under whom, what can be done, and that no file's claims can hang or hide anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from watched_runs import write_run

from app.training.watch.family_tree import FamilyTree
from engine.library.family import Family, Node, family


@pytest.fixture
def tree(qtbot: QtBot) -> FamilyTree:
    tree = FamilyTree()
    qtbot.addWidget(tree)
    tree.resize(760, 500)
    with qtbot.wait_active(tree):
        tree.show()
    return tree


def rows(tree: FamilyTree) -> list[tuple[int, str]]:
    """Depth and name of each row, from the top."""
    found = []
    for index in tree._rows():
        depth, above = 0, index.parent()
        while above.isValid():
            depth, above = depth + 1, above.parent()
        found.append((depth, index.data()))
    return found


def node(key: str, *parents: str, children: tuple[str, ...] = ()) -> Node:
    return Node(key, key, "folder", Path(key), parents=list(parents), children=list(children))


def test_runs_stand_under_what_they_came_from(tree: FamilyTree, tmp_path: Path) -> None:
    first = write_run(tmp_path / "first")
    second = write_run(tmp_path / "second", "lora", parent=str(first / "model"))
    write_run(tmp_path / "third", "dpo", parent=str(second / "model"))
    write_run(tmp_path / "apart", "lora", parent="/somewhere/else")
    tree.show_family(family(tmp_path, []))
    assert sorted(rows(tree)) == [(0, "else"), (0, "first"), (1, "apart"), (1, "second"), (2, "third")]
    tree.select(str(first.resolve()))
    assert tree._about.text().startswith("From it came: second, third.")
    index = tree.tree.currentIndex()
    assert index.siblingAtColumn(1).data() == "a model from nothing"
    assert index.siblingAtColumn(3).data() == "1.389"


def test_what_is_chosen_is_asked_for(tree: FamilyTree, qtbot: QtBot, tmp_path: Path) -> None:
    first = write_run(tmp_path / "first")
    write_run(tmp_path / "second", "lora", parent=str(first / "model"))
    tree.show_family(family(tmp_path, []))
    assert not tree.delete.isEnabled()
    tree.select(str(first.resolve()))
    for signal, button in ((tree.run_chosen, tree.show_button), (tree.repeat_requested, tree.repeat)):
        with qtbot.wait_signal(signal) as asked:
            button.click()
        assert asked.args == [first]
    with qtbot.wait_signal(tree.delete_requested) as asked:
        tree.delete.click()
    assert asked.args == [first, ["second"]]
    with qtbot.wait_signal(tree.delete_requested):
        QTest.keyClick(tree.tree, Qt.Key.Key_Delete)
    with qtbot.wait_signal(tree.run_chosen):
        QTest.keyClick(tree.tree, Qt.Key.Key_Return)


def test_circles_end(tree: FamilyTree) -> None:
    nodes: Family = {
        "a": node("a", "b", children=("b",)),
        "b": node("b", "a", children=("a",)),
        "self": node("self", "self", children=("self",)),
    }
    tree.show_family(nodes)
    assert rows(tree) == [(0, "a"), (1, "b"), (0, "self")]


def test_a_model_of_two_parents_stands_under_both(tree: FamilyTree) -> None:
    nodes = {"a": node("a", children=("c",)), "b": node("b", children=("c",)), "c": node("c", "a", "b")}
    tree.show_family(nodes)
    assert rows(tree) == [(0, "a"), (1, "c"), (0, "b"), (1, "c")]


def test_what_was_closed_and_chosen_stays_so(tree: FamilyTree) -> None:
    nodes = {"a": node("a", children=("b",)), "b": node("b", "a", children=("c",)), "c": node("c", "b")}
    tree.show_family(nodes)
    a, b, _ = tree._rows()
    assert tree.tree.isExpanded(a)
    tree.select("b")
    tree.tree.collapse(b)
    tree.show_family(nodes)
    a, b, _ = tree._rows()
    assert (tree.tree.isExpanded(a), tree.tree.isExpanded(b)) == (True, False)
    assert tree.tree.currentIndex() == b


def test_what_is_not_here_says_so(tree: FamilyTree) -> None:
    tree.show_family({"gone": Node("gone", "gone", "missing", None, problem="It does not exist.")})
    (index,) = tree._rows()
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "gone, not on this computer"
    assert not index.flags() & Qt.ItemFlag.ItemIsEnabled
    tree.show_family({})
    assert tree._nothing.isVisible()
