"""What codesign is given for macOS, as far as that can be looked at elsewhere: it has not been run there."""

from __future__ import annotations

import plistlib
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "installer" / "macos"


def test_entitlements_are_bare_and_each_is_explained() -> None:
    """codesign's own parser refuses what other readers of XML let pass, such as two hyphens in a comment."""
    data = (FOLDER / "entitlements.plist").read_bytes()
    assert b"<!--" not in data
    asked = plistlib.loads(data)
    assert asked
    assert all(value is True for value in asked.values())
    script = (FOLDER / "dmg.sh").read_text(encoding="utf-8")
    for name in asked:
        assert f"# {name.removeprefix('com.apple.security.cs.')} " in script
