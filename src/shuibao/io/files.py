"""Files as such: whether they are there, whether they are what their name says, and their fingerprint."""

import difflib
import hashlib
from pathlib import Path

from ..errors import SourceError

PathLike = str | Path

BLOCK = 1 << 20
"""Bytes read at a time for a fingerprint."""

SIDECARS = (
    ".prj", ".cpg", ".shx", ".dbf", ".qix", ".sbn", ".sbx", ".shp.xml", ".aux.xml", ".ovr", ".msk", ".tfw", ".wld",
    ".hdr", ".qpj",
)  # fmt: skip
"""Endings of the files that stand beside a data file and change how it is read."""


def existing(path: PathLike, what: str = "file") -> Path:
    """The path of a file or folder that is there and is data.

    Raises SourceError where it is missing (naming the nearest names beside it), empty, a Git LFS or git-annex
    pointer, or a web page.
    """
    found = Path(path)
    if not found.exists():
        raise SourceError(
            f"there is no such {what}", where=str(path), expected="an existing path", remedy=_nearest(found)
        )
    if found.is_file():
        _refuse_false_data(found)
    return found


def _nearest(path: Path) -> str:
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    if folder != path.parent:
        return f"The folder {path.parent} does not exist either; the path is right as far as {folder}."
    names = sorted(f.name for f in folder.iterdir())
    close = difflib.get_close_matches(path.name, names, n=3, cutoff=0.5)
    close += [n for n in names if Path(n).suffix == path.suffix and n not in close][: 3 - len(close)]
    if not close:
        return f"The folder {folder} holds {len(names)} other files; check the name."
    return f"Beside it stand {', '.join(close)}."


def _refuse_false_data(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(1024)
    where = str(path)
    if not head:
        raise SourceError("the file is empty (0 bytes)", where=where, remedy="Copy or download it again.")
    if head.startswith(b"version https://git-lfs"):
        raise SourceError(
            "a Git LFS pointer stands in place of the data",
            where=where,
            expected="the data themselves",
            remedy="Run `git lfs pull` in that repository, or download the file itself.",
        )
    if head.startswith((b"/annex/objects", b"../.git/annex", b".git/annex")):
        raise SourceError(
            "a git-annex pointer stands in place of the data", where=where, remedy="Run `git annex get` on it."
        )
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if text.startswith((b"<!doctype html", b"<html")) and path.suffix.lower() not in (".html", ".htm"):
        raise SourceError(
            "a web page was saved under this name",
            where=where,
            expected="the data themselves",
            remedy=(
                "The download asked for a login or failed; open the file in a browser to see why, then download it "
                "again."
            ),
        )


def sha256_of(path: PathLike) -> str:
    """SHA-256 of a file, or of a folder such as a `.gdb`, as 64 hexadecimal digits.

    A folder's fingerprint runs over the relative names and the bytes of its files in the order of their names; lock
    files do not count. Raises SourceError where the path is missing.
    """
    found = Path(path)
    if not found.exists():
        raise SourceError("there is no such file", where=str(path), remedy=_nearest(found))
    digest = hashlib.sha256()
    if found.is_file():
        _feed(digest, found)
        return digest.hexdigest()
    for file in sorted(f for f in found.rglob("*") if f.is_file() and f.suffix != ".lock"):
        digest.update(file.relative_to(found).as_posix().encode() + b"\0")
        _feed(digest, file)
    return digest.hexdigest()


def _feed(digest: "hashlib._Hash", file: Path) -> None:
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)


def sidecars(path: PathLike) -> list[Path]:
    """The files beside a data file that change how it is read (`.prj`, `.cpg`, `.dbf`, `.aux.xml`, …), sorted by name.

    Endings are compared without regard to case. A folder has none.
    """
    found = Path(path)
    if not found.is_file():
        return []
    stem, name = found.stem.lower(), found.name.lower()
    wanted = {stem + s for s in SIDECARS} | {name + s for s in SIDECARS}
    return sorted(
        f for f in found.parent.iterdir() if f.is_file() and f.name.lower() in wanted and f.name != found.name
    )


def sidecar(path: PathLike, ending: str) -> Path | None:
    """The one file beside `path` with that ending (`.prj`), whatever its case, or None."""
    found = Path(path)
    return next((f for f in sidecars(found) if f.suffix.lower() == ending), None)
