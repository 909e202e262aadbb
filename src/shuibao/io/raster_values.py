"""What becomes of a raster's numbers on their way into a layer: unknown, scale, codes, type."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import InputError
from ..quantities import Quantity

MARKERS = (-32768.0, -32767.0, 32767.0, -9999.0, -99999.0, 65535.0)
"""Numbers that programs write for unknown; taken as such where they lie outside the range of the quantity."""

FILL = 1e15
"""Beyond this a floating-point number is a program's mark for unknown."""

UNKNOWN_CODE = {"flow_direction": 255, "channel": 255, "measure": 255, "change": -128}
"""The integer for unknown of categorical quantities; 0 of all others."""

ALSO_UNKNOWN = {"land_use": (0, 255)}
"""Codes that mean unknown in every file of that quantity."""

OWN_CODES = ("soil_type", "place", "measure", "rotation_zone", "catchment")
"""Quantities whose codes are the data maker's, so that 0 may be one of them: the file's own nodata value stays."""

NDVI_SCALE = 1e-4
"""Factor of NDVI stored as 16-bit or longer integers, as MODIS and most Chinese products do (MOD13 user guide)."""

NDVI_MARKERS = (-3000.0, -9999.0, -32768.0)
"""Unknown in such files; their valid values begin at -2000 (MOD13 user guide)."""


@dataclass
class Conversion:
    """How the numbers of one band become a layer, and what was met on the way."""

    what: Quantity
    dtype: np.dtype[Any]
    nodata: float | None
    target_nodata: int
    scale: float = 1.0
    offset: float = 0.0
    auto_ndvi: bool = False
    codes: np.ndarray | None = None
    recoded: np.ndarray | None = None
    where: str = ""
    given_nodata: bool = False
    unknown_cells: int = 0
    marked: dict[float, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        what: Quantity,
        dataset: Any,
        band: int,
        *,
        scale: float | None,
        nodata: float | None,
        recode: dict[int, int] | None,
        where: str,
    ) -> "Conversion":
        """The plan for one band of an open dataset.

        Raises InputError where codes are scaled, or numbers recoded.
        """
        kind = np.dtype(dataset.dtypes[band - 1])
        mark = nodata if nodata is not None else dataset.nodatavals[band - 1]
        if what.kind == "continuous":
            if recode:
                raise InputError(
                    f"codes are given for {what.name}, which is no code but a number",
                    where=where,
                    remedy="Use scale instead.",
                )
            factor = scale if scale is not None else float(dataset.scales[band - 1])
            offset = 0.0 if scale is not None else float(dataset.offsets[band - 1])
            auto = what.name == "ndvi" and scale is None and factor == 1.0 and kind.kind in "iu" and kind.itemsize > 1
            factor = NDVI_SCALE if auto else factor
            return cls(
                what, np.dtype("float32"), mark, 0, factor, offset, auto, where=where, given_nodata=nodata is not None
            )
        if scale not in (None, 1.0):
            raise InputError(
                f"a scale is given for {what.name}, which is a code", where=where, remedy="Use recode instead."
            )
        own = what.name in OWN_CODES and mark is not None and abs(mark) < 2**31 and kind.kind in "iu" and not recode
        target = int(mark) if own and mark is not None else UNKNOWN_CODE.get(what.name, 0)
        keys = np.array(sorted(recode or {}), "int64")
        values = np.array([(recode or {})[int(k)] for k in keys], "int64")
        return cls(
            what,
            _code_type(kind, values, target),
            mark,
            target,
            codes=keys if recode else None,
            recoded=values if recode else None,
            where=where,
            given_nodata=nodata is not None,
        )

    def notes(self) -> list[str]:
        """What was done to the values, sentences without full stop."""
        notes = []
        if self.nodata is not None:
            notes.append(
                f"{self.nodata:.8g} means unknown" + (" as given" if self.given_nodata else " as the file says")
            )
        notes += [
            f"{count} cells of {mark:.8g} were taken as unknown, though the file does not say so"
            for mark, count in self.marked.items()
        ]
        if (self.scale, self.offset) != (1.0, 0.0):
            notes.append(
                f"values were multiplied by {self.scale:g}" + (f" and {self.offset:g} added" if self.offset else "")
            )
            notes[-1] += ", as integers of NDVI want" if self.auto_ndvi else ""
        if self.codes is not None:
            notes.append(f"{len(self.codes)} codes were exchanged")
        return notes

    def hint(self) -> str:
        """The likely cause where values lie outside the range of the quantity."""
        if self.what.kind == "categorical":
            return "Are these the codes of another scheme? recode = {…} exchanges them."
        if self.what.name == "slope_angle":
            return "Are these degrees? scale = 0.0174533 makes radians of them."
        if self.what.high == 1:
            return "Are these percent or scaled integers? scale = 0.01 or 0.0001 makes fractions of them."
        return "Check the unit of the file; scale = … converts it. A number that means unknown is given as nodata = …."


def _code_type(kind: "np.dtype[Any]", recoded: np.ndarray, target: int) -> "np.dtype[Any]":
    """An integer type for the codes of a band of type `kind`, the codes they are exchanged for, and `target`."""
    if recoded.size:
        return np.result_type(*(np.min_scalar_type(int(v)) for v in (recoded.min(), recoded.max(), target)))
    if kind.kind == "f":
        # A float32 holds whole numbers to 2**24 only, a float64 also the codes of villages with their 12 digits.
        return np.dtype("int32" if kind.itemsize == 4 else "int64")
    return np.promote_types(kind, np.min_scalar_type(target))


def convert(raw: np.ndarray, plan: Conversion, out: np.ndarray) -> None:
    """Write the cells `raw` of a strip into `out` and count on `plan` what was met."""
    unknown = _unknown(raw, plan)
    if plan.what.kind == "continuous":
        _scaled(raw, unknown, plan, out)
    else:
        _coded(raw, unknown, plan, out)


def _unknown(raw: np.ndarray, plan: Conversion) -> np.ndarray:
    unknown = np.isnan(raw) | (np.abs(raw) > FILL) if raw.dtype.kind == "f" else np.zeros(raw.shape, bool)
    if plan.nodata is not None and not np.isnan(plan.nodata):
        mark = np.float32(plan.nodata) if raw.dtype == np.float32 else plan.nodata
        unknown |= raw == mark
    for code in ALSO_UNKNOWN.get(plan.what.name, ()):
        unknown |= raw == code
    return unknown


def _scaled(raw: np.ndarray, unknown: np.ndarray, plan: Conversion, out: np.ndarray) -> None:
    _mark(raw, unknown, plan)
    with np.errstate(over="ignore"):  # marks of unknown such as 1e300 do not fit a float32
        if plan.scale != 1:
            np.multiply(raw, plan.scale, out=out, casting="unsafe")
        else:
            np.copyto(out, raw, casting="unsafe")
    if plan.offset:
        out += plan.offset
    out[unknown] = np.nan
    plan.unknown_cells += int(unknown.sum())


def _mark(raw: np.ndarray, unknown: np.ndarray, plan: Conversion) -> None:
    """Take a program's usual marks for unknown as such where they cannot be values."""
    low, high = plan.what.low, plan.what.high
    for mark in NDVI_MARKERS if plan.auto_ndvi else MARKERS:
        value = mark * plan.scale + plan.offset
        if (low <= value <= high and not plan.auto_ndvi) or (
            raw.dtype.kind in "iu" and not np.iinfo(raw.dtype).min <= mark <= np.iinfo(raw.dtype).max
        ):
            continue
        hit = (raw == raw.dtype.type(mark)) & ~unknown
        count = int(hit.sum())
        if count:
            unknown |= hit
            plan.marked[mark] = plan.marked.get(mark, 0) + count


def _coded(raw: np.ndarray, unknown: np.ndarray, plan: Conversion, out: np.ndarray) -> None:
    if raw.dtype.kind == "f":
        whole = np.where(unknown, 0, raw)
        if (whole != np.round(whole)).any():
            broken = whole[whole != np.round(whole)][0]
            raise InputError(f"{broken:g} is no code", where=plan.where, expected=f"whole numbers for {plan.what.name}")
        raw = whole.astype("int64")
    if plan.codes is not None and plan.recoded is not None:
        at = np.clip(np.searchsorted(plan.codes, raw), 0, len(plan.codes) - 1)
        strange = (plan.codes[at] != raw) & ~unknown
        if strange.any():
            codes, counts = np.unique(raw[strange], return_counts=True)
            listed = ", ".join(f"{c} ({n} cells)" for c, n in zip(codes[:10], counts[:10], strict=True))
            raise InputError(
                f"codes without an entry in recode: {listed}",
                where=plan.where,
                expected=f"an entry for every code of {plan.what.name}",
                remedy=f"Add them; a code that means unknown becomes {plan.target_nodata}.",
            )
        raw = plan.recoded[at]
    np.copyto(out, raw, casting="unsafe")
    out[unknown] = plan.target_nodata
    plan.unknown_cells += int((out == plan.target_nodata).sum())


def storage(cells: np.ndarray, plan: Conversion) -> tuple[np.ndarray, list[str]]:
    """Codes in the smallest of uint8, int16, uint16, int32 that holds them and their range; numbers as they are, and
    what was done in words.
    """
    if cells.dtype.kind == "f" or cells.size == 0:
        return cells, []
    low, high = min(int(cells.min()), plan.target_nodata), max(int(cells.max()), plan.target_nodata)
    if (
        cells.dtype in (np.dtype("uint8"), np.dtype("int16"), np.dtype("uint16"), np.dtype("int32"))
        and plan.what.name != "land_use"
    ):
        return cells, []
    for name in ("uint8", "int16", "uint16", "int32", "int64"):
        if np.iinfo(name).min <= low and high <= np.iinfo(name).max:
            break
    return (cells, []) if cells.dtype == name else (cells.astype(name), [f"codes are held as {name}"])
