"""Everything numeric that a standard or a paper sets: CSV tables whose rows carry a source, a status and a validity period.

A table is read with `load`, narrowed with `Table.where` and `Table.on`, and asked with `Table.number` and `Table.mapping`.
The functions that use it get it as an argument; so a report can list the provisional rows that were used.
"""

import datetime as dt
import functools
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

import pandas as pd

from ..errors import InputError

PROVENANCE = ["source", "status", "valid_from", "valid_to"]
STATUSES = ("official", "published", "provisional")
"""official: seen in the standard; published: seen in the paper or its code; provisional: from memory or estimated, to be confirmed."""


@dataclass(frozen=True)
class Table:
    """A parameter table: rows with their values, source, status and validity.

    name: the file name without its ending
    rows: one row a parameter set, all columns of the file
    """

    name: str
    rows: pd.DataFrame

    def where(self, **keys: object) -> "Table":
        """The rows whose columns equal `keys`; a list or set admits any of its members.

        Raises InputError where a column does not exist or no row is left.
        """
        rows = self.rows
        for column, wanted in keys.items():
            if column not in rows:
                raise InputError(f"no column {column!r}", where=f"table {self.name}", expected=f"one of {list(rows)}")
            members = list(wanted) if isinstance(wanted, (list, tuple, set, frozenset)) else [wanted]
            rows = rows[rows[column].isin(members)]
        if rows.empty:
            raise InputError(
                f"no row for {keys}", where=f"table {self.name}", remedy="`shuibao tables` lists the rows."
            )
        return Table(self.name, rows)

    def on(self, day: dt.date) -> "Table":
        """The rows in force on `day`; open ends are empty cells."""
        stamp = pd.Timestamp(day)
        begin, end = (pd.to_datetime(self.rows[c], errors="coerce") for c in ("valid_from", "valid_to"))
        begun, unended = begin.isna() | (begin <= stamp), end.isna() | (end >= stamp)
        return Table(self.name, self.rows[begun & unended])

    def number(self, column: str, **keys: object) -> float:
        """The one value of `column` in the one row of `keys`.

        Raises InputError where no row or more than one row fits.
        """
        rows = self.where(**keys).rows if keys else self.rows
        if len(rows) != 1:
            raise InputError(f"{len(rows)} rows for {keys}", where=f"table {self.name}", expected="one row")
        return float(rows[column].iloc[0])

    def mapping(self, key: str, column: str) -> dict[int, float]:
        """Integer codes of column `key` to values of `column`; rows with an empty value are left out."""
        rows = self.rows.dropna(subset=[key, column])
        return {int(k): float(v) for k, v in zip(rows[key], rows[column], strict=True)}

    def provisional(self) -> pd.DataFrame:
        """The rows whose status is provisional, with the name of the table before them."""
        rows = self.rows[self.rows["status"] == "provisional"]
        label = rows.drop(columns=[c for c in [*PROVENANCE, "note"] if c in rows])
        text = label.apply(lambda r: ", ".join(f"{k}={v}" for k, v in r.items() if pd.notna(v)), axis=1)
        if rows.empty:
            return pd.DataFrame(columns=["table", "row", "source"])
        return pd.DataFrame({"table": self.name, "row": text, "source": rows["source"]})


def names() -> list[str]:
    """Names of all parameter tables, in alphabetical order; the list of quantities is not one of them."""
    files = resources.files(__name__).iterdir()
    return sorted(f.name[:-4] for f in files if f.name.endswith(".csv") and f.name != "quantities.csv")


@functools.cache
def load(name: str) -> Table:
    """Read one parameter table.

    Raises InputError where there is none of that name, or a row lacks its source, status or validity columns.
    """
    if name not in names():
        raise InputError(f"no table {name!r}", expected=f"one of {', '.join(names())}")
    with resources.files(__name__).joinpath(f"{name}.csv").open("r", encoding="utf-8") as file:
        rows = pd.read_csv(file)
    missing = [c for c in PROVENANCE if c not in rows]
    if missing:
        raise InputError(f"columns {missing} are missing", where=f"table {name}", expected=f"columns {PROVENANCE}")
    return Table(name, rows)


def provisional_rows(used: Iterable[Table]) -> pd.DataFrame:
    """Every provisional row of the tables used, once: columns table, row, source."""
    none = pd.DataFrame(columns=["table", "row", "source"])
    return pd.concat([none, *(t.provisional() for t in used)], ignore_index=True).drop_duplicates(ignore_index=True)
