"""Land-use classes: which cover equation, index bounds and fixed factor each code has."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..tables import Table, load
from .codes import PLACES, by_code, codes_of
from .kernels import cover as kernel

Plan = npt.NDArray[np.float64]


class CoverTables:
    """The tables that B hangs on.

    classes: land-use codes with their group, equation or fixed B; ratio: coefficients of the equations;
    bounds: vegetation index of bare soil and full cover by group; under_canopy: cover below the canopy of tree land
        by code
    """

    def __init__(
        self,
        classes: Table | None = None,
        ratio: Table | None = None,
        bounds: Table | None = None,
        under_canopy: Table | None = None,
    ) -> None:
        self.classes = load("land_use_classes") if classes is None else classes
        self.ratio = load("soil_loss_ratio") if ratio is None else ratio
        self.bounds = load("vegetation_index_bounds") if bounds is None else bounds
        self.under_canopy = load("under_canopy_cover") if under_canopy is None else under_canopy

    def all(self) -> list[Table]:
        """The four tables, for the list of provisional rows."""
        return [self.classes, self.ratio, self.bounds, self.under_canopy]

    def plan(self) -> Plan:
        """For each of the 256 codes the numbers that `kernels.cover` wants.

        Raises InputError where a class names an equation or a group without a row, or tree land has no cover below
        its canopy.
        """
        plan = np.full((PLACES, 11), np.nan)
        plan[:, kernel.KIND] = kernel.UNKNOWN
        codes_of(self.classes)
        below = self.under_canopy.mapping("code", "cover")
        for row in self.classes.rows.to_dict("records"):
            self._write_class(plan[int(row["code"])], row, below)
        return plan

    def fixed(self) -> npt.NDArray[np.float64]:
        """B of land without an equation by code; NaN elsewhere."""
        rows = self.classes.rows
        without = Table(self.classes.name, rows[rows["loss_form"] == "fixed"])
        return by_code(without.mapping("code", "biological_factor"))

    def _write_class(self, place: Plan, row: dict[Any, Any], below: dict[int, float]) -> None:
        low, high = self.bounds.number("bare", group=row["group"]), self.bounds.number("full", group=row["group"])
        if not -1 <= low < high <= 1:
            raise InputError(
                f"index bounds {low} and {high} for {row['group']}",
                where=f"table {self.bounds.name}",
                expected="-1 <= bare < full <= 1",
            )
        place[[kernel.BARE, kernel.SPAN]] = low, high - low
        form = row["loss_form"]
        if form == "fixed":
            place[kernel.KIND] = kernel.FIXED
        elif form == "forest":
            place[kernel.KIND] = kernel.TREES
            place[[kernel.P, kernel.Q, kernel.R, kernel.S]] = self._numbers(
                form, "canopy_gain", "canopy_decay", "cover_gain", "constant"
            )
            place[kernel.UNDER] = self._under(int(row["code"]), below)
        else:
            offset, gain, base = self._numbers(form, "offset", "gain", "base")
            place[kernel.KIND] = kernel.LOGISTIC
            place[[kernel.OFFSET, kernel.GAIN, kernel.RATE]] = offset, gain, 100 * math.log(base)

    def _numbers(self, form: str, *columns: str) -> list[float]:
        return [self.ratio.number(column, loss_form=form) for column in columns]

    def _under(self, code: int, below: dict[int, float]) -> float:
        if code not in below or not 0 <= below[code] <= 1:
            raise InputError(
                f"tree land of code {code} has the cover {below.get(code)} below its canopy",
                where=f"table {self.under_canopy.name}",
                expected="a fraction from 0 to 1 for each land use with the equation of trees",
            )  # fmt: skip
        return below[code]
