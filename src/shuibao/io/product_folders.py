"""Folders that appear whole or not at all.

A product is written into a hidden folder beside its place, on the same disk, and changes places with the old one at
the end. Whoever is killed in between leaves the old product as it was and a hidden folder that the next run takes away.
"""

import contextlib
import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ..errors import ResourceError, ShuibaoError, SourceError

MANIFEST = "manifest.json"
LOCK = ".lock"
"""Ending of the file beside the hidden folder that its process holds open; the system lets go of it however that
ends."""

FULL = ("No space left", "disk is full")
"""Words of the system and of SQLite in errors that carry no number."""

EXCHANGE = 2
"""RENAME_EXCHANGE of Linux's renameat2: two folders change places in one step."""


class WorkFolder:
    """The hidden folder in which a product grows until it takes its place.

    Raises SourceError where the place holds something that is not a product, ResourceError where another run is
    writing there or the disk does not let us.
    """

    def __init__(self, place: Path) -> None:
        self.place = Path(os.path.abspath(place))
        self.path = self.place.with_name(f".{self.place.name}.partial-{os.getpid()}")
        refuse_strangers(self.place)
        with disk_trouble(self.place, 0):
            self.place.parent.mkdir(parents=True, exist_ok=True)
            clear_leftovers(self.place)
            self._lock = _locked(_lock_of(self.path))
            self.path.mkdir()

    def discard(self) -> None:
        """Take the hidden folder away."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._unlock()

    def publish(self) -> None:
        """Put the folder in its place; an older product there is gone afterwards."""
        refuse_strangers(self.place)
        if not self.place.exists():
            self.path.rename(self.place)
        elif _exchange(self.path, self.place):
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            old = _old_name(self.place)
            self.place.rename(old)
            self.path.rename(self.place)
            shutil.rmtree(old, ignore_errors=True)
        self._unlock()

    def _unlock(self) -> None:
        self._lock.close()
        _lock_of(self.path).unlink(missing_ok=True)


def is_product(folder: Path) -> bool:
    """Whether a folder holds a product of Shuibao."""
    manifest = folder / MANIFEST
    return manifest.is_file() and b'"shuibao:study"' in manifest.read_bytes()


def refuse_strangers(place: Path) -> None:
    """Raise SourceError where `place` holds something that is not a product; an empty folder is free."""
    if not place.exists() and not place.is_symlink():
        return
    free = place.is_dir() and not place.is_symlink() and (is_product(place) or not any(place.iterdir()))
    if not free:
        raise SourceError(
            "something that is not a product stands there", where=str(place),
            expected="a product to be replaced, or nothing",
            remedy="Choose another folder, or move this one away.",
        )  # fmt: skip


def clear_leftovers(place: Path) -> None:
    """Take away what killed runs left beside `place`, and bring an old product back that one of them had put aside.

    Raises ResourceError where a run is still writing there.
    """
    aside = _old_name(place)
    if aside.exists() and not place.exists():
        aside.rename(place)
    for left in sorted(place.parent.glob(f".{_escaped(place.name)}.partial-*")):
        if left.suffix == LOCK:
            continue
        if _held(_lock_of(left)):
            raise ResourceError(
                f"another run is writing this product ({left.name})", where=str(place), expected="one run at a time",
                remedy="Wait for it to end, or choose another folder.",
            )  # fmt: skip
        shutil.rmtree(left)
        _lock_of(left).unlink(missing_ok=True)
    if aside.exists():
        shutil.rmtree(aside)


def require_space(folder: Path, needed: int) -> None:
    """Raise ResourceError where the disk of `folder` has fewer free bytes than needed."""
    there = folder
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    if free < needed:
        raise ResourceError(
            f"{_megabytes(free)} free", where=f"disk of {folder}", expected=f"about {_megabytes(needed)}",
            remedy="Make room or choose a folder on another disk; nothing was changed.",
        )  # fmt: skip


@contextlib.contextmanager
def disk_trouble(folder: Path, needed: int) -> Iterator[None]:
    """Turn a full or forbidden disk into a ResourceError.

    needed: bytes that the work inside may write; libraries that hide the reason of a failure are believed to have met
    a full disk
        where less than that is free
    """
    try:
        yield
    except Exception as trouble:  # GDAL tells of a full disk by errors of many classes
        if isinstance(trouble, ShuibaoError):
            raise
        number = getattr(trouble, "errno", None)
        told = number in (errno.ENOSPC, errno.EDQUOT) or any(words in str(trouble) for words in FULL)
        if told or (number is None and _free(folder) < needed):
            raise ResourceError(
                f"the disk is full: {_megabytes(_free(folder))} free", where=str(folder),
                expected=f"about {_megabytes(needed)} more" if needed >= 1e6 else "a little more",
                remedy="Make room or choose a folder on another disk; nothing half-written stays.",
            ) from trouble  # fmt: skip
        if number in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise ResourceError("no right to write", where=str(folder), remedy="Choose another folder.") from trouble
        raise


def _free(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "[*?" else c for c in name)


def _lock_of(folder: Path) -> Path:
    return folder.with_name(folder.name + LOCK)


def _old_name(place: Path) -> Path:
    return place.with_name(f".{place.name}.replaced")


def _locked(path: Path) -> IO[bytes]:
    file = path.open("wb")
    # Windows has no fcntl, but an open file cannot be removed there, which serves as well; some disks have no locks.
    with contextlib.suppress(ImportError, OSError):
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
    return file


def _held(path: Path) -> bool:
    """Whether a living process holds the lock."""
    if not path.exists():
        return False
    try:
        import fcntl
    except ImportError:
        try:
            path.unlink()
        except PermissionError:
            return True
        return False
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
    return False


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    here = -100  # AT_FDCWD
    return call is not None and call(here, os.fsencode(one), here, os.fsencode(other), EXCHANGE) == 0
