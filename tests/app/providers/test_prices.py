"""The table of prices: what is written over a price is the person's own; what is none is refused in a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from app.providers.price_dialog import PriceDialog
from app.providers.texts import price_text
from engine.providers import prices
from engine.providers.base import Provider
from engine.providers.prices import Price

Desk = Any  # tests/app/conftest.py


@pytest.fixture
def dialog(desk: Desk) -> Any:
    desk.window.show_page("models")
    desk.seedling.models_page.show_view("servers")
    desk.wait(lambda: len(desk.seedling.servers_view.servers) == 3)
    desk.seedling.servers.open_prices()
    desk.wait(lambda: desk.seedling.servers._dialog is not None)
    return desk.seedling.servers._dialog


def write(dialog: PriceDialog, row: int, **values: str) -> None:
    names = ("provider", "model", "input", "output", "cached", "currency")
    for name, text in values.items():
        dialog.table.item(row, names.index(name)).setText(text)


def row_of(dialog: PriceDialog, model: str) -> int:
    return next(row for row in range(dialog.table.rowCount()) if dialog.table.item(row, 1).text() == model)


def test_a_price_that_is_written_over_is_the_persons_own(desk: Desk, dialog: PriceDialog) -> None:
    bundled = prices.table().bundled[0]
    assert dialog.table.own() == []
    write(dialog, 0, input="123.5")
    assert dialog.table.is_own(0)
    dialog.go_on.click()
    desk.wait(lambda: desk.seedling.servers._dialog is None)
    (own,) = prices.table().own
    assert (own.model, own.input, own.output, own.up_to) == (bundled.model, 123.5, bundled.output, bundled.up_to)
    assert (own.as_of, own.source) == ("", "")


def test_a_new_price_counts_and_can_be_taken_away(desk: Desk, dialog: PriceDialog) -> None:
    dialog.add_button.click()
    write(dialog, 0, provider="ZZ", model="mine-*", input="1", output="2", currency="EUR")
    dialog.go_on.click()
    desk.wait(lambda: desk.seedling.servers._dialog is None)
    found = prices.find(Provider("ZZ", "compatible", "http://127.0.0.1:1"), "mine-1")
    assert found is not None
    assert price_text(found) == "input 1  ·  output 2 EUR"
    desk.seedling.servers.open_prices()
    desk.wait(lambda: desk.seedling.servers._dialog is not None)
    again: Any = desk.seedling.servers._dialog
    again.table.setCurrentCell(row_of(again, "mine-*"), 0)
    again.remove_button.click()
    again.go_on.click()
    desk.wait(lambda: desk.seedling.servers._dialog is None)
    assert prices.table().own == ()


def test_what_is_no_price_is_refused_and_nothing_changes(desk: Desk, dialog: PriceDialog) -> None:
    prices.save([Price("ZZ", "kept", 1.0, 2.0)])
    write(dialog, 0, input="cheap")
    dialog.go_on.click()
    desk.wait(lambda: "cheap" in dialog.problem.text())
    assert "input" in dialog.problem.text()
    assert [price.model for price in prices.table().own] == ["kept"]
    write(dialog, 0, input="-1")
    dialog.go_on.click()
    desk.wait(lambda: "-1" in dialog.problem.text())


def test_only_ones_own_can_be_taken_away(dialog: PriceDialog) -> None:
    dialog.table.setCurrentCell(0, 0)
    assert not dialog.remove_button.isEnabled()
    write(dialog, 0, output="7")
    assert dialog.remove_button.isEnabled()
