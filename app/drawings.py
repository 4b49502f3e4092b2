"""Our drawings in one colour: as files, because Qt then draws them sharp at every size and scale.

The set is Lucide (https://lucide.dev, `resources/icons/LICENSE`); the seedling and the switches are our own.
"""

from __future__ import annotations

import atexit
import logging
import tempfile
from functools import cache
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon

from engine import paths

log = logging.getLogger(__name__)

_FADED = 0.45  # opacity of what cannot be used now


def icon(name: str, colour: QColor, disabled: QColor | None = None) -> QIcon:
    """The drawing `resources/icons/NAME.svg`; where it cannot be used it is `disabled`, or faded."""
    if disabled is None:
        disabled = QColor(colour)
        disabled.setAlphaF(_FADED)
    result = QIcon(drawing(name, colour))
    result.addFile(drawing(name, disabled), QSize(), QIcon.Mode.Disabled)
    return result


def drawing(name: str, colour: QColor) -> str:
    """The path of the drawing in this colour, as style sheets and icons take it."""
    try:
        return _drawn(name, colour.name(QColor.NameFormat.HexArgb))
    except OSError as error:  # a full disk costs the colour, not the window
        log.warning("the drawing %s stays black: %s", name, error)
        return (paths.resource("icons") / f"{name}.svg").as_posix()


@cache
def _drawn(name: str, argb: str) -> str:
    """Each once; a failure is no answer to be kept. Raises OSError."""
    path = _folder() / f"{name}-{argb[1:]}.svg"
    path.write_text(_coloured((paths.resource("icons") / f"{name}.svg").read_text(), QColor(argb)))
    return path.as_posix()


def _coloured(svg: str, colour: QColor) -> str:
    share = f"{colour.alphaF():.3f}"
    opacity = f' stroke-opacity="{share}" fill-opacity="{share}"' if colour.alpha() < 255 else ""
    return svg.replace("currentColor", colour.name()).replace("<svg", f"<svg{opacity}", 1)


@cache
def _folder() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="seedling-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    return Path(folder.name)
