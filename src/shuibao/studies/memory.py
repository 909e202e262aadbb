"""Whether a grid fits into memory, told before the work begins and not after an hour of it."""

from pathlib import Path

from odc.geo.geobox import GeoBox

from ..errors import ResourceError

BYTES_A_CELL = 95
"""What a year's computation and its report hold at their peak: 88 bytes a cell, measured on the demonstration county at 10 m."""

MEMINFO = Path("/proc/meminfo")


def available_memory() -> int | None:
    """Bytes that a program may still take, or None where the system does not tell (other systems than Linux)."""
    if not MEMINFO.is_file():
        return None
    rows = dict(line.split(":", 1) for line in MEMINFO.read_text(encoding="ascii").splitlines())
    return int(rows["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in rows else None


def require_memory(geobox: GeoBox) -> None:
    """Raise ResourceError where a year on this grid needs more memory than there is."""
    cells = geobox.shape[0] * geobox.shape[1]
    free, needed = available_memory(), cells * BYTES_A_CELL
    if free is not None and needed > free:
        raise ResourceError(
            f"{free / 1e9:.1f} GB of memory are free", where=f"a grid of {cells:,} cells",
            expected=f"about {needed / 1e9:.1f} GB", remedy="Take a larger cell in [grid], or close other programs.",
        )  # fmt: skip
