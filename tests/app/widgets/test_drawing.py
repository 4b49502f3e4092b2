"""A drawing follows palette and font; the ring shows how far loading is."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.widgets.drawing import Drawing, progress_ring


def test_a_drawing_follows_palette_and_font(qtbot: QtBot) -> None:
    mark = Drawing("seedling", QPalette.ColorRole.Highlight, 2)
    qtbot.addWidget(mark)
    mark.show()
    before = mark.pixmap()
    font = QFont(mark.font())
    font.setPointSizeF(2 * font.pointSizeF())
    mark.setFont(font)
    assert mark.pixmap().width() == pytest.approx(2 * before.width(), abs=2)
    palette = mark.palette()
    palette.setColor(QPalette.ColorRole.Highlight, QColor("#ff0000"))
    mark.setPalette(palette)
    image = mark.pixmap().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert "#ff0000" in colours


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_the_ring_fills_with_the_clock(qapp: QApplication, ratio: float) -> None:
    side = 64
    shares = []
    for percent in (0, 25, 50, 100):
        pixmap = progress_ring(percent, QColor("#ff0000"), QColor("#cccccc"), side, ratio)
        assert pixmap.width() == side * ratio
        image = pixmap.toImage()
        red = [
            (x, y)
            for x in range(image.width())
            for y in range(image.height())
            if image.pixelColor(x, y).name() == "#ff0000"
        ]
        shares.append(len(red))
        if percent == 25:
            assert min(x for x, _ in red) >= image.width() // 2 - 2
            assert max(y for _, y in red) <= image.height() // 2 + 2
    assert shares[0] == 0
    assert shares[1] / shares[3] == pytest.approx(0.25, abs=0.05)
    assert shares[2] / shares[3] == pytest.approx(0.5, abs=0.05)
