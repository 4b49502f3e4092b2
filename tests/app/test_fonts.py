"""The bundled typefaces are really used, and a broken one is only a line in the log."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QFontInfo
from PySide6.QtWidgets import QApplication

from app import fonts
from engine import paths


@pytest.mark.parametrize("weight", [QFont.Weight.Normal, QFont.Weight.DemiBold, QFont.Weight.Bold])
def test_words_are_written_in_inter(qapp: QApplication, weight: QFont.Weight) -> None:
    fonts.load()
    info = QFontInfo(QFont([fonts.WORDS, "sans-serif"], 10, weight))
    assert (info.family(), info.weight()) == (fonts.WORDS, weight)


def test_code_is_written_in_jetbrains_mono(qapp: QApplication) -> None:
    fonts.load()
    info = QFontInfo(QFont(fonts.code_families(), 10))
    assert info.family() == fonts.CODE
    assert info.fixedPitch()


def test_dressing_keeps_the_size_and_the_systems_families(qapp: QApplication) -> None:
    before = QFont(qapp.font())
    try:
        fonts.dress(qapp)
        after = qapp.font()
        assert after.pointSizeF() == before.pointSizeF()
        assert after.families() == [fonts.WORDS, *(f for f in before.families() if f != fonts.WORDS)]
        fonts.dress(qapp)
        assert qapp.font().families() == after.families()
    finally:
        qapp.setFont(before)


def test_a_broken_file_is_noted(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "broken.otf").write_bytes(b"no font")
    (tmp_path / "LICENSE").write_text("words")
    monkeypatch.setattr(paths, "resource", lambda name: tmp_path)
    with caplog.at_level(logging.WARNING):
        fonts.load.__wrapped__()
    assert caplog.messages == ["the typeface broken.otf cannot be used"]
