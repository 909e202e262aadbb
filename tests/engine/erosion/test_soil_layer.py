"""K of a map of soils: codes, tables, unknown ground."""

import dask.array as da
import numpy as np
import pandas as pd
import pytest
from odc.geo.geobox import GeoBox

from shuibao.erosion import erodibility_epic, erodibility_of_soils, soil_erodibility
from shuibao.erosion.kernels import code_lookup
from shuibao.errors import InputError
from shuibao.grids import layer

GRID = GeoBox.from_bbox((0, 0, 60, 40), crs="EPSG:4547", resolution=10)
NODATA = -9999


def soil_map(rows, dtype=np.int32):
    return layer(np.array(rows, dtype), GRID, "soil_type", nodata=NODATA if np.dtype(dtype).kind == "i" else 0)


def table(**columns):
    loess = {
        "code": [7, 11825],
        "sand": [20.0, 10.0],
        "silt": [65.0, 70.0],
        "clay": [15.0, 20.0],
        "organic_carbon": [0.6, 1.0],
    }
    return pd.DataFrame({**loess, **columns})


CODES = [[7, 7, 11825, 11825, NODATA, 7]] * 4


def test_every_cell_gets_the_k_of_its_soil_and_unknown_ground_stays_unknown():
    K = soil_erodibility(soil_map(CODES), table(), correction="none")
    assert K.attrs["quantity"] == "soil_erodibility"
    assert K.dtype == np.float32
    assert K.values[0, :4] == pytest.approx([0.054686, 0.054686, 0.053742, 0.053742], abs=5e-7)
    assert np.isnan(K.values[:, 4]).all()
    assert np.isnan(K.values).sum() == 4


def test_the_order_of_the_table_does_not_matter():
    first = soil_erodibility(soil_map(CODES), table())
    second = soil_erodibility(soil_map(CODES), table()[::-1])
    assert np.array_equal(first.values, second.values, equal_nan=True)


def test_k_handed_in_is_taken_as_it_is_and_the_rest_computed():
    K = erodibility_of_soils(table(erodibility=[0.0222, np.nan]), correction="none")["erodibility"]
    assert K[7] == 0.0222
    assert K[11825] == pytest.approx(0.053742, abs=5e-7)
    alone = pd.DataFrame({"code": [7, 11825], "erodibility": [0.02, 0.03]})
    assert soil_erodibility(soil_map(CODES), alone).values[0, :3] == pytest.approx([0.02, 0.02, 0.03])


def test_water_and_rock_have_no_erodibility():
    soils = table(no_soil=[None, True], sand=[20.0, np.nan])
    assert erodibility_of_soils(soils)["erodibility"].tolist() == [pytest.approx(0.026383, abs=5e-7), 0.0]
    assert erodibility_of_soils(table(no_soil=[0, 1]))["erodibility"][11825] == 0
    with pytest.raises(InputError, match="row 2: no_soil of 'water'"):
        erodibility_of_soils(table(no_soil=["0", "water"]))


def test_floored_soils_are_counted_in_the_layer():
    sandy = table(sand=[85.0, 10.0], silt=[10.0, 70.0], clay=[5.0, 20.0], organic_carbon=[0.3, 1.0])
    K = soil_erodibility(soil_map(CODES), sandy, correction="zhang2008_on_si")
    assert K.values[0, 0] == np.float32(0.001)
    assert K.attrs["floored_soils"] == [7]
    assert K.attrs["floored_cells"] == 12


def test_organic_matter_stands_in_for_organic_carbon():
    soils = table().drop(columns="organic_carbon").assign(organic_matter=[0.6 * 1.724, 1.724])
    assert erodibility_of_soils(soils)["erodibility"].to_numpy() == pytest.approx(
        erodibility_of_soils(table())["erodibility"].to_numpy()
    )


def test_the_other_equations_can_be_chosen():
    nomograph = pd.DataFrame(
        {
            "code": [7],
            "silt": 40,
            "very_fine_sand": 20,
            "clay": 15,
            "organic_matter": 2,
            "structure": 3,
            "permeability": 3,
        }
    )
    by_hand = (2.1e-4 * 10 * (60 * 85) ** 1.14 + 3.25) / 759
    assert erodibility_of_soils(nomograph, method="nomograph", correction="none")["erodibility"][7] == pytest.approx(
        by_hand
    )
    corrected = erodibility_of_soils(nomograph, method="nomograph", correction="zhang2008_on_si")["erodibility"][7]
    assert corrected == pytest.approx(-0.00911 + 0.55066 * by_hand)
    diameter = erodibility_of_soils(table(), method="diameter", correction="none")["erodibility"]
    assert diameter.between(0.02, 0.045).all()


def test_a_dask_map_gives_a_dask_layer_with_the_same_cells():
    plain = soil_erodibility(soil_map(CODES), table())
    chunked = soil_map(CODES)
    chunked.data = da.from_array(chunked.values, chunks=(2, 3))
    lazy = soil_erodibility(chunked, table())
    assert isinstance(lazy.data, da.Array)
    assert np.array_equal(lazy.values, plain.values, equal_nan=True)


def test_small_unsigned_codes_work_as_well():
    codes = soil_map([[1, 2, 0, 255, 255, 2]] * 4, np.uint8)
    K = soil_erodibility(codes, table(code=[1, 2], erodibility=[0.01, 0.02]).pipe(add_code_255))
    assert K.values[0] == pytest.approx([0.01, 0.02, np.nan, 0.03, 0.03, 0.02], nan_ok=True)


def add_code_255(soils):
    return pd.concat([soils, pd.DataFrame({"code": [255], "erodibility": [0.03]})])


def test_codes_without_a_row_are_all_listed_with_their_cells():
    codes = [row[:] for row in CODES]
    codes[0][0], codes[1][0], codes[2][3] = 99, 99, 3
    with pytest.raises(InputError, match=r"soil codes without a row: 3 \(1 cells\), 99 \(2 cells\)"):
        soil_erodibility(soil_map(codes), table())


REFUSED = {
    "us units": (lambda: table(erodibility=[0.32, 0.2]), {}, r"column erodibility.*K reaches 0.32.*US units"),
    "no texture": (lambda: pd.DataFrame({"code": [7]}), {}, r"columns \['sand', .*missing.*column `erodibility`"),
    "empty cell": (lambda: table(silt=[65, np.nan]), {}, r"soil 11825 has an empty cell"),
    "fractions": (lambda: table(sand=[0.2, 10], silt=[0.65, 70], clay=[0.15, 20]), {}, r"row 1: .*Are these fractions"),
    "twice": (lambda: table(code=[7, 7]), {}, r"codes \[7\] stand twice"),
    "broken code": (lambda: table(code=[7, 8.5]), {}, r"row 2: code 8.5"),
    "no code": (lambda: table().rename(columns={"code": "SEQN"}), {}, r"no column 'code'"),
    "method": (table, {"method": "usle"}, r"method 'usle'"),
    "diameter corrected": (table, {"method": "diameter"}, r"with method 'diameter'.*correction='none'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_tables_that_cannot_be_are_refused(case):
    soils, arguments, message = REFUSED[case]
    with pytest.raises(InputError, match=message):
        soil_erodibility(soil_map(CODES), soils(), **arguments)


def test_codes_that_are_not_whole_numbers_are_refused():
    heights = layer(np.zeros((4, 6), np.float32), GRID, "elevation")
    with pytest.raises(InputError, match="soil codes of type float32"):
        soil_erodibility(heights, table())


def test_a_column_of_another_name_can_hold_the_codes():
    soils = table().rename(columns={"code": "SEQN"})
    assert float(soil_erodibility(soil_map(CODES), soils, code="SEQN", correction="none")[0, 0]) == pytest.approx(
        float(erodibility_epic(20, 65, 15, 0.6))
    )


def test_kernels_compiled_and_plain_agree(monkeypatch):
    random = np.random.default_rng(1)
    codes = np.sort(random.choice(10_000, 40, replace=False)).astype(np.int64)
    values = random.uniform(0, 0.06, 40)
    cells = random.choice(np.append(codes, [-1, 77_777]), (20, 30)).astype(np.int32)
    compiled, plain = np.empty((20, 30), np.float32), np.empty((20, 30), np.float32)
    code_lookup.look_up(cells, codes, values, np.int64(-1), compiled)
    for name in ("position", "look_up"):
        kernel = getattr(code_lookup, name)
        monkeypatch.setattr(code_lookup, name, getattr(kernel, "py_func", kernel))
    code_lookup.look_up(cells, codes, values, np.int64(-1), plain)
    assert np.array_equal(compiled, plain, equal_nan=True)
    assert (compiled[cells == 77_777] == code_lookup.ABSENT).all()
    assert np.isnan(compiled[cells == -1]).all()
