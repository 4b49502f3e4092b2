"""What the collection weighs, and its ten largest parts.

    python -m installer.sizes [dist/seedling]

A part is a package's folder with the libraries it brought, or a file of its own. A file with two names counts once.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHOWN = 10
MB = 1_000_000


def weigh(collection: Path) -> Counter[str]:
    """Part -> bytes."""
    parts: Counter[str] = Counter()
    for path in collection.rglob("*"):
        if path.is_file() and not path.is_symlink():
            inside = path.relative_to(collection).parts
            part = inside[1] if inside[0] == "_internal" and len(inside) > 1 else inside[0]
            parts[part.removesuffix(".libs")] += path.stat().st_size
    return parts


def main(collection: Path) -> int:
    parts = weigh(collection)
    print(f"{sum(parts.values()) / MB:8.1f} MB  {collection}")
    for part, size in parts.most_common(SHOWN):
        print(f"{size / MB:8.1f} MB  {part}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist" / "seedling"))
