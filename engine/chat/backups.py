"""Backups of the chats: whole copies of the database, made while it is in use, each checked before it counts.

They lie under the home, wherever the database has been moved to. The copies that the store makes beside it before a
newer Seedling changes it (`Store`) become backups, too. Putting one back happens when Seedling starts, before anything
opens the database; what was there is kept beside it.
"""

from __future__ import annotations

import filecmp
import glob
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw

from engine import files, paths
from engine.chat import aside, migrations, pages
from engine.errors import EngineError, from_os_error
from engine.phrases import phrase

_NAME = re.compile(r"chats-(\d{4}-\d{2}-\d{2}-\d{6})(-\d+)?\.db")
_STAMP = "%Y-%m-%d-%H%M%S"
_KEPT = "before-restore"  # what a database is called that has made room for a backup


@dataclass(frozen=True)
class Backup:
    """One copy. `made`: local time; `size`: bytes."""

    path: Path
    made: datetime
    size: int


def found() -> list[Backup]:
    """All backups, the newest first."""
    listed = []
    for path in paths.backups().glob("chats-*.db"):
        if match := _NAME.fullmatch(path.name):
            try:
                listed.append(Backup(path, datetime.strptime(match[1], _STAMP), path.stat().st_size))
            except (ValueError, OSError):  # no such day; deleted meanwhile
                continue
    return sorted(listed, key=lambda backup: (backup.made, backup.path.name), reverse=True)


def make(database: Path, now: datetime | None = None) -> Backup:
    """Copy the database as it is now, whatever else uses it. now: local time, by which it is called.

    Raises EngineError `store_damaged` (a damaged copy never takes the place of a good one), `disk_full`, or the
    system's complaint.
    """
    made = (now or datetime.now()).replace(microsecond=0)
    path = _free_name(made)
    try:
        source = aside.opened(database, apsw.SQLITE_OPEN_READONLY)
        try:
            source.set_busy_timeout(5000)
            files.sweep(path.parent)  # no later backup has the name that a killed process was writing
            with files.whole_file(path) as partial:
                _copy(source, partial)
                check(partial, shown=database)
        finally:
            source.close()
        return Backup(path, made, path.stat().st_size)
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise EngineError(
            "store_damaged", detail=repr(error), place=str(database), reason=phrase("it is damaged")
        ) from error
    except apsw.FullError as error:
        raise EngineError("disk_full", detail=str(error), place=str(path)) from error
    except apsw.Error as error:
        raise EngineError("cannot_read", detail=repr(error), place=str(database), reason=str(error)) from error
    except OSError as error:
        raise from_os_error(error) from error


def make_daily(database: Path, keep: int, today: datetime | None = None) -> Backup | None:
    """The backup of this day, if it has none yet and `keep` is not 0; then those beyond `keep` go."""
    day = (today or datetime.now()).date()
    there = any(backup.made.date() == day for backup in found())
    if take_in(database, keep):
        thin(keep)
    if keep == 0 or not database.exists() or there:
        return None
    if None in kept_aside(database).values():  # its rows are still coming back: not yet worth keeping
        return None
    backup = make(database, today)
    thin(keep)
    return backup


def take_in(database: Path, keep: int) -> bool:
    """Make backups of the copies that were made beside the database before it was changed; whether there were any.

    They get the time at which they were made. One that is damaged stays where it is. keep: 0 leaves the newest beside
    the database, and no others. Raises EngineError as `make` does.
    """
    copies = _before_steps(database)
    try:
        if keep == 0:
            for copy in copies[:-1]:
                copy.unlink()
            return False
        files.sweep(paths.backups())
        taken = [_take_in(copy) for copy in copies]
        return any(taken)
    except apsw.FullError as error:
        raise EngineError("disk_full", detail=str(error), place=str(paths.backups())) from error
    except apsw.Error as error:
        raise EngineError("cannot_read", detail=repr(error), place=str(database), reason=str(error)) from error
    except OSError as error:
        raise from_os_error(error) from error


def _before_steps(database: Path) -> list[Path]:
    """The copies from before a step, the newest last."""
    found = database.parent.glob(f"{glob.escape(database.stem)}-before-m[0-9]*{database.suffix}")
    return sorted(found, key=lambda copy: copy.stat().st_mtime)


def _take_in(copy: Path) -> bool:
    """False where it is damaged. Killed in between, it is called again, and finds what it has written."""
    try:
        check(copy)
    except EngineError:
        return False
    made = datetime.fromtimestamp(int(copy.stat().st_mtime))
    if not _is_from_before(paths.backups() / f"chats-{made.strftime(_STAMP)}.db"):
        source = _opened(copy)
        try:
            with files.whole_file(_free_name(made)) as partial:
                _copy(source, partial)
        finally:
            source.close()
    copy.unlink()
    files.flush_folder(copy.parent)
    return True


def thin(keep: int) -> None:
    """Leave `keep` backups, 1 or more, spread over time: half are of the last days, the others of weeks and months.

    The last one of a day counts, and the first of a week and of a month, which so grow old. Where there are not that
    many days, weeks and months, the newest of the others stay. Beyond these stays the newest that an earlier Seedling
    can open: without it nobody could go back to that.
    """
    days = (keep + 1) // 2
    weeks = (keep - days + 1) // 2
    left = found()
    kept = list({backup.made.date(): backup for backup in reversed(left)}.values())[::-1][:days]
    for share, stretch in ((weeks, _week), (keep - days - weeks, _month)):
        older = [backup for backup in left if backup.made < min(each.made for each in kept)]
        firsts = {stretch(backup): backup for backup in older}  # from the newest to the oldest: the first one stays
        kept += list(firsts.values())[:share]
    kept += [backup for backup in left if backup not in kept][: keep - len(kept)]
    kept += [backup for backup in left if _is_from_before(backup.path)][:1]
    for backup in left:
        if backup not in kept:
            backup.path.unlink(missing_ok=True)


def _week(backup: Backup) -> tuple[int, int]:
    year, week, _ = backup.made.isocalendar()
    return year, week


def _month(backup: Backup) -> tuple[int, int]:
    return backup.made.year, backup.made.month


def delete_all(database: Path) -> None:
    """Delete them, and what would become one: the copies beside this database."""
    for path in [*(backup.path for backup in found()), *_before_steps(database)]:
        path.unlink(missing_ok=True)


def restore(name: str, database: Path) -> Path | None:
    """Put the backup of this name in the place of the database, which nobody may have open.

    Returns where the database of before is kept, None if there was none. Killed in between, it is called again and
    ends as if it had been called once. Raises EngineError `backup_missing`, `store_damaged`, or the system's complaint;
    the chats of before then are where they were.
    """
    backup = paths.backups() / name
    if not _NAME.fullmatch(name) or not backup.is_file():
        raise EngineError("backup_missing", name=name)
    check(backup)

    def write(partial: Path, _: Path) -> None:
        shutil.copyfile(backup, partial)

    try:
        aside.settle(database)
        if _is_back(backup, database):
            return _last_kept(database)
        _fold_log_in(database)
        kept = aside.take_its_place(database, _KEPT, write)
    except OSError as error:
        raise from_os_error(error) from error
    return kept if kept.exists() else None


def check(path: Path, shown: Path | None = None) -> None:
    """Raises EngineError `store_damaged` unless the file holds our chats, whole."""
    place = str(shown or path)
    try:
        connection = _opened(path)
        try:
            if connection.pragma("application_id") != migrations.APPLICATION_ID:
                raise EngineError("store_damaged", place=place, reason=phrase("it belongs to another program"))
            for table in ("chats", "messages"):  # the search indexes can be made anew
                complaint = str(connection.pragma("quick_check", table))
                if complaint != "ok":
                    raise EngineError("store_damaged", detail=complaint, place=place, reason=phrase("it is damaged"))
        finally:
            connection.close()
    except apsw.Error as error:
        raise EngineError("store_damaged", detail=repr(error), place=place, reason=phrase("it is damaged")) from error


def _opened(copy: Path) -> apsw.Connection:
    """To be read. Nobody else has it open: without `immutable`, SQLite would leave an empty log beside it."""
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    return apsw.Connection(copy.absolute().as_uri() + "?immutable=1", flags=flags)


def _is_from_before(path: Path) -> bool:
    """Whether it lacks a step of today's, so that an earlier Seedling can open it."""
    try:
        connection = _opened(path)
        try:
            return bool(migrations.applied(connection) and migrations.pending(connection))
        finally:
            connection.close()
    except apsw.Error:  # none there, or damaged
        return False


def kept_aside(database: Path) -> dict[str, float | None]:
    """The damaged databases that this one has taken the place of (`aside.name_of`), and when each was taken in; None:
    not yet.
    """
    connection = aside.opened(database, apsw.SQLITE_OPEN_READONLY)
    try:
        connection.set_busy_timeout(5000)
        rows: list[Any] = connection.execute("SELECT place, salvaged FROM kept_aside").fetchall()
        return dict(rows)
    except apsw.Error:  # it is older than such notes, or damaged
        return {}
    finally:
        connection.close()


def _copy(source: apsw.Connection, path: Path) -> None:
    copy = aside.opened(path)
    try:
        with copy.backup("main", source, "main") as backup:
            backup.step(-1)
        copy.pragma("journal_mode", "DELETE")  # one file, without a log beside it
    finally:
        copy.close()


def _free_name(made: datetime) -> Path:
    stamp, number = made.strftime(_STAMP), 1
    path = paths.backups() / f"chats-{stamp}.db"
    while path.exists():
        number += 1
        path = paths.backups() / f"chats-{stamp}-{number}.db"
    return path


def _is_back(backup: Path, database: Path) -> bool:
    """Whether it has been put back already, and nothing has opened it since: that would have changed its head."""
    log = database.with_name(database.name + "-wal")
    return database.exists() and not log.exists() and filecmp.cmp(backup, database, shallow=False)


def _last_kept(database: Path) -> Path | None:
    kept = database.parent.glob(f"{glob.escape(database.stem)}-{_KEPT}-*{database.suffix}")
    return max(kept, key=lambda path: path.stat().st_ctime, default=None)  # it changes with the name


def _fold_log_in(database: Path) -> None:
    """Make the database one file, which is easier to keep. Where one frame of the log is damaged it stays as it is:
    SQLite would drop all that comes after that.
    """
    with suppress(apsw.Error, OSError):
        path = database.with_name(database.name + "-wal")
        log = pages.read_log(path)
        if log is None:
            whole = not path.exists() or path.stat().st_size == 0
        else:
            whole = log.header_holds and all(frame.holds for frame in log.frames)
        if whole:
            connection = aside.opened(database, apsw.SQLITE_OPEN_READWRITE)
            try:
                connection.pragma("wal_checkpoint", "TRUNCATE")
            finally:
                connection.close()
