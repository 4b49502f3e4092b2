"""What macOS shows under the program's own name: About, Settings and Quit, where people there look for them.

Written from Qt's documentation of menu roles, and not run on macOS so far.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenuBar

from app.actions import Actions

_ROLES = {
    "about": QAction.MenuRole.AboutRole,
    "settings": QAction.MenuRole.PreferencesRole,
    "quit": QAction.MenuRole.QuitRole,
}


def application_menu(actions: Actions) -> QMenuBar:
    """A menu bar without a window, which macOS has every window of the program use. Keep it."""
    bar = QMenuBar()
    menu = bar.addMenu("Seedling")
    titles = {action.id: action.title for action in actions.bound()}
    for id, role in _ROLES.items():
        action = menu.addAction(titles[id])
        action.setMenuRole(role)
        action.triggered.connect(partial(actions.run, id))
    return bar
