"""The program's icon in every size and form that a desktop asks for, from the one drawing in resources/icons.

python -m installer.icons FOLDER     writes seedling.ico and seedling.icns there, for Windows and macOS
"""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ROOT = Path(__file__).resolve().parent.parent
DRAWING = ROOT / "resources" / "icons" / "seedling.svg"
SIDES = (16, 22, 24, 32, 48, 64, 128, 256, 512)  # pixels; freedesktop's icon theme specification, hicolor
TILE, LINE = "#24734a", "#ffffff"  # the accent of the light palette, and what is drawn on it

_ICO_SIDES = (16, 24, 32, 48, 64, 256)
_ICNS_KINDS = {"icp4": 16, "icp5": 32, "ic07": 128, "ic08": 256, "ic09": 512}  # Apple's names for a PNG of that side


def png(side: int) -> bytes:
    """The drawing on a tile with round corners, side x side pixels."""
    _application()
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(TILE))
    painter.drawRoundedRect(QRectF(0, 0, side, side), side * 0.22, side * 0.22)
    drawing = DRAWING.read_text(encoding="utf-8").replace("currentColor", LINE)
    margin = side * 0.12
    QSvgRenderer(QByteArray(drawing.encode())).render(
        painter, QRectF(margin, margin, side - 2 * margin, side - 2 * margin)
    )
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def ico() -> bytes:
    """Windows: a directory of (width, height, colours, planes, bits, size, place), then the PNGs. 256 is written 0."""
    images = {side: png(side) for side in _ICO_SIDES}
    place = 6 + 16 * len(images)
    entries = b""
    for side, image in images.items():
        entries += struct.pack("<BBBBHHII", side % 256, side % 256, 0, 0, 1, 32, len(image), place)
        place += len(image)
    return struct.pack("<HHH", 0, 1, len(images)) + entries + b"".join(images.values())


def icns() -> bytes:
    """macOS: each PNG after its kind and length, which count themselves."""
    parts = [(kind.encode(), png(side)) for kind, side in _ICNS_KINDS.items()]
    body = b"".join(kind + struct.pack(">I", len(image) + 8) + image for kind, image in parts)
    return b"icns" + struct.pack(">I", len(body) + 8) + body


def _application() -> QGuiApplication:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    running = QGuiApplication.instance()
    return running if isinstance(running, QGuiApplication) else QGuiApplication(sys.argv[:1])


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "seedling.ico").write_bytes(ico())
    (folder / "seedling.icns").write_bytes(icns())
