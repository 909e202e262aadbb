"""Zip archives of geodata: which data set is inside, and out with it.

Archives made on Chinese Windows hold file names in GBK without saying so; they are put right here, which a library
that reads inside the archive does not do.
"""

import shutil
import zipfile
from pathlib import Path, PurePosixPath

from ..errors import InputError, SourceError

DATA_SETS = (".shp", ".gdb", ".gpkg", ".geojson", ".json", ".kml", ".dxf", ".fgb")
"""Endings of what may be read out of an archive."""


def unpack(path: Path, layer: str | None, folder: Path) -> tuple[Path, str | None]:
    """Unpack the one data set of an archive into `folder`.

    layer: names the data set (its file name without ending) where the archive holds several, else a layer inside the
        one
    returns: the path of the data set, and the layer that is still to be chosen inside it

    Raises SourceError where it is no whole archive or holds no geodata; InputError where it holds several and none
    is named.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {_name(info): info for info in archive.infolist() if not info.is_dir()}
            sets = sorted({found for name in members if (found := _data_set(name)) is not None})
            chosen, rest = _choose(sets, layer, path)
            for name, info in members.items():
                if _belongs(name, chosen):
                    _write(archive, info, folder, name, chosen)
    except (zipfile.BadZipFile, EOFError) as error:
        raise SourceError(
            f"it is no whole zip file ({error})",
            where=str(path),
            expected="a zip archive",
            remedy="It was cut short; copy or download it again.",
        ) from None
    return folder / PurePosixPath(chosen).name, rest


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name; without the UTF-8 flag zipfile shows its bytes as cp437, while they are GBK more often."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except (UnicodeDecodeError, UnicodeEncodeError):
        return info.filename


def _data_set(name: str) -> str | None:
    """The data set a member belongs to: itself, or the .gdb folder it lies in."""
    parts = PurePosixPath(name)
    if "__MACOSX" in parts.parts:
        return None
    for folder in parts.parents:
        if folder.suffix.lower() == ".gdb":
            return str(folder)
    return name if parts.suffix.lower() in DATA_SETS else None


def _choose(sets: list[str], layer: str | None, path: Path) -> tuple[str, str | None]:
    if not sets:
        expected = "a Shapefile, .gdb, GeoPackage, GeoJSON, KML or DXF inside"
        raise SourceError("the archive holds no geodata", where=str(path), expected=expected)
    if len(sets) == 1:
        stem = PurePosixPath(sets[0]).stem
        return sets[0], None if layer == stem else layer
    named = [s for s in sets if PurePosixPath(s).stem == layer]
    if len(named) == 1:
        return named[0], None
    stems = ", ".join(PurePosixPath(s).stem for s in sets)
    found = f"the archive holds {len(sets)} data sets: {stems}"
    raise InputError(found, where=str(path), expected="one", remedy='Name one: layer = "…".')


def _belongs(name: str, chosen: str) -> bool:
    """The data set itself, the files in its folder, or those that bear its name."""
    if name == chosen or name.startswith(chosen + "/"):
        return True
    one, other = PurePosixPath(name), PurePosixPath(chosen)
    return one.parent == other.parent and one.name.lower().startswith(other.stem.lower() + ".")


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path, name: str, chosen: str) -> None:
    """Only the last part of a name is used, so no member can leave `folder`."""
    inside = folder / PurePosixPath(chosen).name if name.startswith(chosen + "/") else folder
    inside.mkdir(parents=True, exist_ok=True)
    with archive.open(info) as source, (inside / PurePosixPath(name).name).open("wb") as target:
        shutil.copyfileobj(source, target)
