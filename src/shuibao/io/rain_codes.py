"""Daily rain as the China Meteorological Administration archives it: tenths of a millimetre, with codes above 30 000.

The codes stand in `tables/cma_rain_codes.csv`: snow, rain and snow, dew and fog keep their depth behind the code; a
trace is 0; missing stays unknown.
"""

import numpy as np
import pandas as pd

from ..errors import InputError
from ..tables import Table, load

TENTH = 0.1
"""Millimetres of one unit of the archive."""


def decode_cma(raw: pd.Series, table: Table | None = None, where: str = "") -> tuple[pd.Series, dict[str, int]]:
    """Depths [mm] of archived numbers, and how many of each kind were met (rain, snow, rain_and_snow, dew_fog_frost,
    trace, missing).

    raw: numbers as archived, NaN where empty; table: rows of `cma_rain_codes` (default: the loaded one)

    Raises InputError for a number that no row of the table covers.
    """
    rows = (table or load("cma_rain_codes")).rows
    values = raw.to_numpy(float)
    depth, counts = np.full(values.shape, np.nan), dict.fromkeys(rows.meaning, 0)
    covered = np.isnan(values)
    counts["missing"] = int(covered.sum())
    for row in rows.itertuples():
        hit = (values >= row.code_from) & (values <= row.code_to)
        covered |= hit
        counts[row.meaning] += int(hit.sum())
        if row.meaning == "trace":
            depth[hit] = 0.0
        elif row.meaning != "missing":
            depth[hit] = (values[hit] - row.base) * TENTH
    if not covered.all():
        at = int(np.flatnonzero(~covered)[0])
        raise InputError(
            f"{values[at]:g} in line {raw.index[at]} is no code of the archive",
            where=where,
            expected="tenths of a millimetre below 30000, or a code of the table cma_rain_codes",
        )
    return pd.Series(np.round(depth, 1), index=raw.index, name="p_mm"), counts
