"""Every error is one sentence, and every code that is raised exists."""

from __future__ import annotations

import ast
import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import MESSAGES, EngineError, describe, from_os_error

ROOT = Path(__file__).resolve().parents[2]


def raised_codes() -> Iterator[tuple[str, str]]:
    """(code, where) of every `EngineError("code", ...)` and `Failed("code", ...)` in the program."""
    for folder in ("app", "engine"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                    code = node.args[0]
                    if node.func.id in ("EngineError", "Failed") and isinstance(code, ast.Constant):
                        yield str(code.value), f"{path.relative_to(ROOT)}:{node.lineno}"


def test_every_code_that_is_raised_has_a_sentence() -> None:
    codes = list(raised_codes())
    assert len(codes) > 20
    assert [(code, where) for code, where in codes if code not in MESSAGES] == []


@pytest.mark.parametrize("code", MESSAGES)
def test_a_sentence_reads_like_one(code: str) -> None:
    message = MESSAGES[code]
    assert message.sentence.endswith((".", "?", "}"))  # a value may be a sentence itself
    values = dict.fromkeys(re.findall(r"{(\w+)}", message.sentence + message.remedy), "X")
    text = describe(code, values)
    assert "{" not in text
    assert "\n" not in text
    assert "!" not in text


def test_the_error_of_a_code_says_its_sentence() -> None:
    error = EngineError("not_found", place="/nowhere")
    assert str(error) == "/nowhere does not exist."
    assert (error.code, error.data) == ("not_found", {"place": "/nowhere"})


def test_a_missing_value_and_an_unknown_code_are_no_second_error() -> None:
    assert describe("not_found", {}) == "does not exist."
    assert describe("no such code", {}) == describe("bug", {})


def test_values_are_text_never_templates() -> None:
    """A file may be named `{place.__class__}`."""
    assert describe("not_found", {"place": "{place.__class__} %s"}) == "{place.__class__} %s does not exist."


def test_a_value_with_line_breaks_stays_on_one_line() -> None:
    assert describe("not_found", {"place": "a\n\nb"}) == "a b does not exist."


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EDQUOT, "disk_full"),
        (errno.ENOENT, "not_found"),
        (errno.EACCES, "no_permission"),
        (errno.EIO, "os_error"),
    ],
)
def test_the_system_s_errors_name_the_place(number: int, code: str) -> None:
    error = from_os_error(OSError(number, os.strerror(number), "/some/file"))
    assert error.code == code
    assert "/some/file" in str(error)


def test_a_full_disk_without_a_name_still_makes_a_sentence() -> None:
    assert str(from_os_error(OSError(errno.ENOSPC, "x"))).startswith("The disk is full: the disk could not be written.")
