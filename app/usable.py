"""A window that says when it can be used, for `seedling bench start`: ours, or an empty one of Qt's to compare it with.

Usable is a window that has been painted and in which a key that is pressed then arrives as text.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.front import Front


def main(arguments: list[str]) -> int:
    """`window` opens ours, anything else an empty one with a field; a line is printed, and both close."""
    return _ours() if arguments == ["window"] else _empty()


def _ours() -> int:
    from app.opening import run

    def shown(front: Front) -> None:
        from app.first_key import FirstKey

        field = front.page.composer.field
        watch = FirstKey(front.window, field, front.window.close)
        field.textChanged.connect(watch.typed)

    return run(shown)


def _empty() -> int:
    from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow

    from app.first_key import FirstKey

    application = QApplication(sys.argv[:1])
    window, field = QMainWindow(), QLineEdit()
    window.setCentralWidget(field)
    watch = FirstKey(window, field, application.quit)
    field.textChanged.connect(watch.typed)
    window.show()
    return application.exec()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
