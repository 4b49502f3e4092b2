"""Keep `resources/translations` in step with the texts of the program: what is new is added, what is gone leaves.

    python tools/translations.py [LANGUAGE ...]      all that there are, or these, which are begun where they are new

A `.ts` file is edited by hand or with Qt Linguist (`pyside6-linguist`); the `.qm` beside it is what the program loads,
made from it here. Texts that come from tables of the engine are shown to Qt's extraction in a file made for it.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.phrases import CONTEXT  # noqa: E402  # from this source
from engine import paths  # noqa: E402
from engine.errors import MESSAGES  # noqa: E402
from engine.library import catalogue  # noqa: E402
from engine.settings import OPTIONS  # noqa: E402
from engine.training.advice import TEXTS  # noqa: E402
from engine.training.recipe import KEYS  # noqa: E402

FOLDER = paths.resource("translations")
_MADE_BY = {"phrase": slice(0, 1), "one_or_many": slice(1, 3)}  # which of their arguments are templates


def of_tables() -> Iterator[tuple[str, str]]:
    """Context and text of what the window passes to the translator from tables of the engine."""
    for option in OPTIONS.values():
        if option.section:
            yield "settings", option.title
            yield "settings", option.sentence
    for message in (*MESSAGES.values(), *TEXTS.values()):
        yield from ((CONTEXT, part) for part in message)
    yield from ((CONTEXT, template) for template in templates())
    for model in catalogue.models():
        yield "catalogue", model.uses
    for key in KEYS.values():
        yield from (("recipe", str(part)) for part in (key.name, key.help, *key.choices))


def templates() -> Iterator[str]:
    """Of the engine's phrases. Raises ValueError where one is not written out."""
    for path in sorted((ROOT / "engine").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MADE_BY:
                for part in node.args[_MADE_BY[node.func.id]]:
                    if not (isinstance(part, ast.Constant) and isinstance(part.value, str)):
                        raise ValueError(f"{path.name}, line {part.lineno}: a phrase is not written out")
                    yield part.value


def tool(name: str, *arguments: object) -> None:
    """Run one of Qt's tools, which come with PySide."""
    subprocess.run([str(Path(sys.executable).with_name(f"pyside6-{name}")), *map(str, arguments)], check=True)


def update(language: str) -> None:
    place = FOLDER / f"seedling_{language}.ts"
    with tempfile.TemporaryDirectory() as folder:
        shown = Path(folder) / "tables.py"
        texts = dict.fromkeys((context, text) for context, text in of_tables() if text)
        lines = (f"QCoreApplication.translate({context!r}, {text!r})" for context, text in texts)
        shown.write_text("\n".join(lines) + "\n", encoding="utf-8")
        sources = sorted((ROOT / "app").rglob("*.py"))
        options = ["-no-obsolete", "-locations", "none", "-target-language", language]
        for guess in ("sametext", "similartext"):
            options += ["-disable-heuristic", guess]
        tool("lupdate", *options, *sources, shown, "-ts", place)
    tool("lrelease", "-nounfinished", place, "-qm", place.with_suffix(".qm"))


def main(languages: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    for language in languages or sorted(path.stem.removeprefix("seedling_") for path in FOLDER.glob("*.ts")):
        update(language)


if __name__ == "__main__":
    main(sys.argv[1:])
