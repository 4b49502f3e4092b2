"""Models as rows: news of one changes its row alone, and a filter and an order apply to a thousand of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from app.chat.load import Load, LoadState
from app.library.found import FoundRows
from app.library.model_actions import ModelAction, cures, first, further
from app.library.rows import ORDERS, FilteredModels, ModelRows, Role
from engine.events import Model


def model(name: str, **details: object) -> Model:
    usual: dict[str, object] = {"parameters": 8_200_000_000, "quantization": "q4_k_m", "size_bytes": 5_000_000_000}
    usual |= {"context": 4096, "licence": "MIT", "badges": ["chat"], "origin": "added", "freed_bytes": None}
    return Model(name, f"/models/{name}.gguf", "gguf", "llama", False, None, usual | details)


@pytest.fixture
def rows(qapp: object) -> ModelRows:
    rows = ModelRows()
    for name in ("oak", "elm", "ash"):
        rows.take(model(name))
    return rows


def names(shown: FilteredModels) -> list[str]:
    return [shown.index(place, 0).data() for place in range(shown.rowCount())]


def test_news_of_a_model_changes_its_row_and_no_other(rows: ModelRows) -> None:
    changed: list[int] = []
    rows.dataChanged.connect(lambda index, _: changed.append(index.row()))
    rows.take(model("elm"))
    assert changed == []  # nothing new
    rows.take(model("elm", licence="Apache-2.0"))
    assert changed == [1]
    assert "Apache-2.0" in rows.index(1, 0).data(Role.FACTS)
    rows.keep({"oak", "ash"})
    assert [each.name for each in rows.models()] == ["oak", "ash"]
    rows.take(model("ash", licence="BSD"))
    assert rows.model_of("ash").details["licence"] == "BSD"


def test_a_row_says_what_it_is_and_how_it_stands(rows: ModelRows) -> None:
    index = rows.index_of("oak")
    assert index.data(Role.FIGURES) == ("8.2B", "Q4_K_M", "5.0\xa0GB")
    said = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "oak, Chat, 8.2B, Q4_K_M, 5.0\xa0GB, GGUF file, context 4,096, MIT"
    rows.show_load(Load(LoadState.LOADED, "/models/oak.gguf"))
    assert "loaded" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert rows.index_of("elm").data(Role.LOAD).state is LoadState.EMPTY
    rows.show_load(Load(LoadState.BROKEN, "/models/oak.gguf", problem="It is too large."))
    assert index.data(Role.PROBLEM) == "It is too large."


def test_a_new_name_is_asked_for_and_only_shown_when_it_counts(rows: ModelRows) -> None:
    asked: list[tuple[str, str]] = []
    rows.rename_requested.connect(lambda old, new: asked.append((old, new)))
    index = rows.index_of("oak")
    for text in ("", "  ", "oak"):
        rows.setData(index, text)
    assert asked == []
    rows.setData(index, " beech ")
    assert asked == [("oak", "beech")]
    assert index.data() == "oak"
    rows.take(replace(model("starter"), bundled=True))
    assert not rows.flags(rows.index_of("starter")) & Qt.ItemFlag.ItemIsEditable


def test_words_are_looked_for_in_all_that_a_row_says(rows: ModelRows) -> None:
    shown = FilteredModels(rows)
    rows.take(model("fir", origin="ollama", licence="Apache-2.0"))
    for words, found in (
        ("OLL", ["fir"]),
        ("llama", []),
        ("lm", ["elm"]),
        ("mit gguf", ["ash", "elm", "oak"]),
        ("mit oll", []),
        ("", 4),
    ):
        shown.look_for(words)
        assert names(shown) == found if isinstance(found, list) else len(names(shown)) == found


def test_orders(rows: ModelRows) -> None:
    shown = FilteredModels(rows)
    rows.take(model("Fir", size_bytes=9_000_000_000, parameters=1, origin="ollama"))
    rows.take(replace(model("zz starter", size_bytes=1), bundled=True))
    assert names(shown) == ["zz starter", "ash", "elm", "Fir", "oak"]
    shown.sort_by("size")
    assert names(shown)[0] == "Fir"
    shown.sort_by("parameters")
    assert names(shown)[-1] == "Fir"
    assert set(ORDERS) == {"name", "size", "parameters", "origin"}


def test_a_thousand_rows_are_filtered(qapp: object) -> None:
    rows = ModelRows()
    for number in range(1000):
        rows.take(model(f"model {number}"))
    shown = FilteredModels(rows)
    shown.look_for("99")
    assert len(names(shown)) == 19


# --- what can be done ------------------------------------------------------------------------------------------------


def test_what_is_offered_follows_what_it_is() -> None:
    oak = model("oak")
    assert first(oak, Load())[:2] == [ModelAction.CHAT, ModelAction.LOAD]
    assert ModelAction.EJECT in first(oak, Load(LoadState.LOADED, oak.path))
    assert further(oak)[-1] is ModelAction.REMOVE
    assert ModelAction.COPY in further(oak)
    ours = model("ours", origin="copied", freed_bytes=5)
    assert further(ours)[-1] is ModelAction.DELETE
    assert ModelAction.COPY not in further(ours)
    bundled = replace(model("starter", origin="bundled"), bundled=True)
    assert not {ModelAction.RENAME, ModelAction.REMOVE, ModelAction.DELETE} & set(further(bundled))
    assert first(model("nomic", badges=["embedding"]), Load()) == []
    assert first(replace(model("spam", origin="trained"), kind="classifier"), Load()) == [ModelAction.CLASSIFY]


def test_a_broken_model_has_what_would_help() -> None:
    gone = replace(model("gone", error={"code": "model_gone", "data": {}}), problem="It is gone.")
    assert first(gone, Load()) == []
    assert cures(gone, Load()) == [ModelAction.FIND_FILE, ModelAction.REMOVE]
    too_large = Load(LoadState.BROKEN, "/models/oak.gguf", problem="Too large.")
    assert ModelAction.CHANGE_SETTINGS in cures(model("oak"), too_large)
    assert cures(model("oak"), Load()) == []


# --- what other programs have ----------------------------------------------------------------------------------------


def test_what_can_be_opened_is_ticked_at_first(qapp: object) -> None:
    rows = FoundRows()
    one = model("same name")
    other = replace(one, path="/elsewhere")
    rows.take(one)
    rows.take(other)
    rows.take(replace(model("broken"), problem="A blob is missing."))
    assert rows.ticked() == [one, other]
    rows.setData(rows.index(0, 0), Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    assert rows.ticked() == [other]
    assert rows.data(rows.index(2, 0), Qt.ItemDataRole.CheckStateRole) is None
