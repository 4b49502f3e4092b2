"""The rows of a parquet file, a small batch at a time; only the columns that are asked for are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.data import rows
from engine.data.rows import TOO_LONG, Row
from engine.errors import EngineError
from engine.phrases import Phrase, phrase

_BATCH = 256  # rows


class ParquetRows:
    """Iterates over (row, characters, {column: value}); `columns` are those that can be read.

    Raises EngineError `data_damaged` for what is no whole parquet file. Columns of bytes and other types that hold
    no text are listed in `unreadable`, by name and type.
    """

    def __init__(self, path: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.path, self.notes = path, list[Phrase]()
        self._errors = (pa.ArrowException, OSError, ValueError)
        try:
            self._file = pq.ParquetFile(path)
            schema = self._file.schema_arrow
        except self._errors as error:
            raise self._damaged(error) from error
        self.columns = tuple(field.name for field in schema if _is_plain(field.type))
        self.unreadable = {field.name: str(field.type) for field in schema if not _is_plain(field.type)}
        twice = {name for name in self.columns if self.columns.count(name) > 1}
        if twice:
            raise EngineError("data_columns", place=str(path), name=sorted(twice)[0])

    def __iter__(self) -> Iterator[Row]:
        number = 0
        try:
            for batch in self._file.iter_batches(_BATCH, columns=list(self.columns)):
                for row in batch.to_pylist():
                    number += 1
                    size = sum(_length(value) for value in row.values())
                    yield number, size, row if size <= rows.LIMIT else TOO_LONG
        except self._errors as error:
            if isinstance(error, UnicodeDecodeError):
                reason = phrase("a text in it is no valid UTF-8")
                raise EngineError("data_line", place=str(self.path), line=number + 1, reason=reason) from error
            raise self._damaged(error) from error
        finally:
            self._file.close()

    def _damaged(self, error: Exception) -> EngineError:
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        return EngineError("data_damaged", place=str(self.path), kind="parquet", reason=reason)


def _is_plain(type_: Any) -> bool:
    """Text, numbers, truth, times, and lists and structures of those."""
    from pyarrow import types

    if types.is_dictionary(type_):
        return _is_plain(type_.value_type)
    if types.is_list(type_) or types.is_large_list(type_) or types.is_fixed_size_list(type_):
        return _is_plain(type_.value_type)
    if types.is_struct(type_):
        return all(_is_plain(type_.field(number).type) for number in range(type_.num_fields))
    return bool(
        types.is_string(type_)
        or types.is_large_string(type_)
        or types.is_string_view(type_)
        or types.is_integer(type_)
        or types.is_floating(type_)
        or types.is_boolean(type_)
        or types.is_null(type_)
        or types.is_temporal(type_)
        or types.is_decimal(type_)
    )


def _length(value: Any) -> int:
    match value:
        case str():
            return len(value)
        case dict():
            return sum(_length(item) for item in value.values())
        case list():
            return sum(_length(item) for item in value)
        case _:
            return 8
