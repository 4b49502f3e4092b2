"""The colours of Seedling: one set of tokens a theme, and the palette that Qt and our widgets paint with."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtGui import QColor, QPalette


class Colours(NamedTuple):
    """Design tokens, as `#rrggbb`. What may stand on what, and how clearly, is held by `tests/app/test_theme.py`."""

    window: str
    sidebar: str  # the columns beside the window's main matter
    field: str  # what is typed into, and what floats: menus, cards
    hover: str
    selected: str
    border: str  # separates what needs no line to be understood
    outline: str  # the edge of a field, without which it could not be seen
    text: str
    muted: str
    disabled: str
    accent: str
    on_accent: str
    danger: str


LIGHT = Colours(
    window="#ffffff",
    sidebar="#f5f6f3",
    field="#ffffff",
    hover="#e9ece6",
    selected="#e1e9e1",
    border="#dfe3da",
    outline="#868f88",
    text="#1b211d",
    muted="#5b645e",
    disabled="#868f88",
    accent="#24734a",
    on_accent="#ffffff",
    danger="#b3261e",
)
DARK = Colours(
    window="#1a1d1b",
    sidebar="#151716",
    field="#222624",
    hover="#292e2b",
    selected="#2b3a31",
    border="#343a36",
    outline="#747d77",
    text="#e4e8e5",
    muted="#9fa9a2",
    disabled="#747d77",
    accent="#6cc28b",
    on_accent="#0b1a11",
    danger="#f2938c",
)
CONTRAST_LIGHT = Colours(
    window="#ffffff",
    sidebar="#ffffff",
    field="#ffffff",
    hover="#e6e6e6",
    selected="#d9ecdf",
    border="#000000",
    outline="#000000",
    text="#000000",
    muted="#2b2b2b",
    disabled="#595959",
    accent="#00522a",
    on_accent="#ffffff",
    danger="#8f0000",
)
CONTRAST_DARK = Colours(
    window="#000000",
    sidebar="#000000",
    field="#000000",
    hover="#2a2a2a",
    selected="#2e2e00",
    border="#ffffff",
    outline="#ffffff",
    text="#ffffff",
    muted="#e6e6e6",
    disabled="#9c9c9c",
    accent="#ffe000",
    on_accent="#000000",
    danger="#ffa7a0",
)


def palette_of(colours: Colours) -> QPalette:
    """Tokens as roles, so that a widget of ours paints with roles and never with a colour of its own.

    AlternateBase is the sidebar, Button a field, Mid a border, Dark an outline, Midlight what the mouse is over,
    Light what is selected, PlaceholderText secondary text, Highlight the accent, BrightText danger.
    """
    role = QPalette.ColorRole
    palette = QPalette()
    for roles, colour in (
        ((role.Window, role.Base), colours.window),
        ((role.Button, role.ToolTipBase), colours.field),
        ((role.AlternateBase,), colours.sidebar),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText), colours.text),
        ((role.PlaceholderText,), colours.muted),
        ((role.Mid,), colours.border),
        ((role.Dark,), colours.outline),
        ((role.Midlight,), colours.hover),
        ((role.Light,), colours.selected),
        ((role.Highlight, role.Accent, role.Link, role.LinkVisited), colours.accent),
        ((role.HighlightedText,), colours.on_accent),
        ((role.BrightText,), colours.danger),
    ):
        for each in roles:
            palette.setColor(each, QColor(colour))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(colours.disabled))
    return palette
