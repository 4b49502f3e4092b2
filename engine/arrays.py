"""Arrays into files, each failure told.

numpy writes an array by way of the C library's streams, and does not look whether what those hold back at the end can
be written, too: on a disk that fails, the end of a file would be missing and nobody told. What it cannot write before
that it complains of without the system's reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np


class Told(np.ndarray[Any, Any]):
    """An array that other libraries write by `tofile`: `array.view(Told)`."""

    def tofile(self, file: Any, *_: Any) -> None:
        """Raises OSError."""
        file.write(np.ascontiguousarray(self).data)


def save(path: Path, array: np.ndarray[Any, Any]) -> None:
    """A .npy file. Raises OSError."""
    with open(path, "wb") as file:
        np.save(cast(BinaryIO, _OnlyWrites(file)), array, allow_pickle=False)


class _OnlyWrites:
    """What numpy takes for no file of the system, and writes to by its method."""

    def __init__(self, file: BinaryIO) -> None:
        self.write = file.write
