"""The tables of the factors: every row says where it comes from, and the tables fit one another."""

import pytest

from shuibao.erosion import CoverTables
from shuibao.erosion.length import length_exponents
from shuibao.erosion.slope import slope_pieces
from shuibao.tables import STATUSES, load

TABLES = [
    "slope_factor_branches", "slope_length_exponents", "land_use_classes", "soil_loss_ratio", "vegetation_index_bounds",
    "under_canopy_cover", "engineering_measures", "tillage_practices", "tillage_rotation", "intensity_classes",
    "allowable_loss", "ephemeral_gully", "construction_coefficients", "construction_heaps", "construction_limits",
]  # fmt: skip
CODES = [
    11, 12, 13, 21, 22, 23, 31, 32, 33, 41, 42, 43, 51, 52, 53, 54, 61, 62, 71, 72, 73, 81, 82, 83, 84,
]  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_its_source_status_and_start(name):
    rows = load(name).rows
    assert len(rows) > 0
    assert rows["source"].str.len().gt(5).all()
    assert rows["status"].isin(STATUSES).all()
    assert rows["valid_from"].str.fullmatch(r"\d{4}-\d\d-\d\d").all()


@pytest.mark.parametrize("name", ["slope_factor_branches", "slope_length_exponents", "soil_loss_ratio"])
def test_what_comes_from_memory_is_not_called_official(name):
    rows = load(name).rows
    assert not rows[rows["source"].str.contains("memory")]["status"].isin(["official", "published"]).any()


def test_the_land_use_classes_are_those_of_the_scheme():
    rows = load("land_use_classes").rows
    assert rows["code"].tolist() == CODES
    assert (rows["scheme_code"] == rows["code"]).all()
    assert rows["biological_factor"].notna().eq(rows["loss_form"] == "fixed").all()


def test_all_classes_find_their_equation_and_bounds():
    tables = CoverTables()
    plan = tables.plan()
    assert (plan[CODES, 0] < 3).all()
    assert (plan[[c for c in range(256) if c not in CODES], 0] == 3).all()
    assert len(tables.all()) == 4


def test_all_equations_can_be_used():
    for equation in load("slope_factor_branches").rows["equation"].unique():
        assert slope_pieces(equation)[0, 0] == 0
    for equation in load("slope_length_exponents").rows["equation"].unique():
        assert length_exponents(equation).unit_length == 22.13


def test_factors_are_shares():
    for name, column in (
        ("engineering_measures", "engineering_factor"),
        ("tillage_practices", "tillage_factor"),
        ("tillage_rotation", "tillage_factor"),
    ):
        assert load(name).rows[column].between(0, 1).all()
