"""Station values brought to the ground: exactness, bounds, fall-backs, grids, guards."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from odc.geo.geobox import GeoBox
from real_data import real_data
from scipy.spatial import cKDTree

from shuibao.erosion import StationSurface, half_month_erosivity, interpolate_stations
from shuibao.erosion.kernels import bilinear as kernel
from shuibao.errors import CoordinateError, InputError

PLANE = "EPSG:4547"  # CGCS2000, three-degree zone about 114 E, in metres


def grid(resolution=100, size=20_000):
    return GeoBox.from_bbox((500_000, 4_300_000, 500_000 + size, 4_300_000 + size), crs=PLANE, resolution=resolution)


def stations(points):
    x, y = np.transpose(points)
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(500_000 + x, 4_300_000 + y), crs=PLANE)


def scattered(count=12, seed=2):
    return np.random.default_rng(seed).uniform(0, 20_000, (count, 2)).round(-2)


def field(points):
    """A smooth field of erosivity over the grid: 1000 to 2000."""
    x, y = np.transpose(points)
    return 1500 + 300 * np.sin(x / 9000) + 200 * np.cos(y / 7000)


def at_points(array, points):
    return np.array([float(array.sel(x=500_000 + x, y=4_300_000 + y, method="nearest")) for x, y in points])


@pytest.mark.parametrize("method", ["kriging", "idw"])
def test_stations_keep_their_value_at_their_place(method):
    points = scattered()
    surface = interpolate_stations(stations(points), field(points), grid(), method, lattice=100)
    assert surface.method == (method,)
    assert at_points(surface.layer(0, grid()), points) == pytest.approx(field(points), rel=0.02)


def test_kriging_follows_a_smooth_field_better_than_the_mean():
    points = scattered(40)
    surface = interpolate_stations(stations(points), field(points), grid(500), "kriging")
    x, y = np.meshgrid(np.arange(250, 20_000, 500), np.arange(19_750, 0, -500))
    truth = field(np.column_stack([x.ravel(), y.ravel()])).reshape(x.shape)
    error = surface.layer(0, grid(500)).values - truth
    assert np.sqrt((error**2).mean()) < 0.2 * truth.std()


@pytest.mark.parametrize("method", ["kriging", "idw"])
@pytest.mark.parametrize("variogram", ["spherical", "linear"])
def test_values_stay_between_zero_and_half_above_the_highest(method, variogram):
    points = scattered(9, seed=8)
    values = np.random.default_rng(8).exponential(400, 9)
    surface = interpolate_stations(
        stations(points), values, grid(size=80_000, resolution=500), method, variogram=variogram
    )
    cells = surface.layer(0, grid(size=80_000, resolution=500)).values
    assert cells.dtype == np.float32
    assert not np.isnan(cells).any()
    assert cells.min() >= 0
    assert cells.max() <= np.float32(1.5 * values.max())


def test_inverse_distance_by_hand():
    points = [(0, 0), (3000, 0)]
    surface = interpolate_stations(stations(points), [100, 400], grid(), "idw", lattice=100)
    middle = at_points(surface.layer(0, grid(10)), [(1005, 0)])[0]
    assert middle == pytest.approx((100 / 1 + 400 / 4) / (1 / 1 + 1 / 4), rel=0.02)
    sharper = interpolate_stations(stations(points), [100, 400], grid(), "idw", lattice=100, power=4)
    assert at_points(sharper.layer(0, grid(10)), [(1005, 0)])[0] < middle


def test_no_seams_show_where_one_station_leaves_and_another_enters():
    points = np.random.default_rng(3).uniform(0, 20_000, (60, 2))
    values = np.random.default_rng(3).uniform(0, 1000, 60)
    bends = []
    for spacing in (20, 40):
        surface = interpolate_stations(stations(points), values, grid(), "idw", lattice=spacing)
        nodes, place = surface.nodes[0], surface.lattice.affine
        x = place.c + place.a * (np.arange(1, nodes.shape[1] - 1) + 0.5) - 500_000
        y = place.f + place.e * (np.arange(nodes.shape[0]) + 0.5) - 4_300_000
        distance, _ = cKDTree(points).query(np.stack(np.meshgrid(x, y), axis=-1))
        bends.append(np.abs(np.diff(nodes, n=2, axis=1))[distance > 1000].max())
    assert bends[0] < 0.6 * bends[1]  # a step would be as high at any spacing; a bend shrinks with it


def test_one_station_gives_a_constant_and_says_so():
    surface = interpolate_stations(stations([(5000, 5000)]), np.arange(24.0)[None], grid())
    assert (surface.layer(7, grid()).values == 7).all()
    assert any("One station only" in note for note in surface.notes)
    assert surface.errors.empty
    assert np.isnan(surface.root_mean_square_error)


def test_few_stations_fall_back_to_distance_and_say_so():
    points = scattered(4)
    surface = interpolate_stations(stations(points), field(points), grid(), "kriging")
    assert surface.method == ("idw",)
    assert surface.notes == ("Kriging needs 5 stations; 4 were weighted by distance instead.",)


def test_a_failing_kriging_system_falls_back_to_distance_and_says_so(monkeypatch):
    def fail(*args, **kwargs):
        raise np.linalg.LinAlgError("singular")

    monkeypatch.setattr("pykrige.ok.OrdinaryKriging", fail)
    points = scattered(8)
    surface = interpolate_stations(stations(points), field(points), grid(), "kriging")
    by_distance = interpolate_stations(stations(points), field(points), grid(), "idw")
    assert any("kriging system failed" in note for note in surface.notes)
    assert (surface.nodes == by_distance.nodes).all()


def test_a_station_without_a_value_is_left_out_of_that_column_only():
    points = scattered(7)
    values = np.column_stack([field(points), field(points)])
    values[2, 1] = np.nan
    surface = interpolate_stations(stations(points), values, grid(), "idw")
    others = np.arange(7) != 2
    alone = interpolate_stations(stations(points[others]), values[others, 1], grid(), "idw")
    assert surface.nodes[1] == pytest.approx(alone.nodes[0])
    assert any("1 stations without a value" in note for note in surface.notes)
    assert len(surface.errors) == 6


def half_months(points):
    weights = np.r_[np.zeros(8), [1, 2, 4, 6, 10, 12, 10, 8, 4, 2, 1], np.zeros(5)]
    tilt = 1 + np.outer(np.asarray(points)[:, 0] / 20_000, np.linspace(-0.5, 0.5, 24))
    return field(points)[:, None] * weights / weights.sum() * tilt


@pytest.mark.parametrize("method", ["kriging", "idw"])
def test_half_months_sum_to_the_year_and_shares_to_one_in_every_cell(method):
    points = scattered(10)
    surface = interpolate_stations(stations(points), half_months(points), grid(), method)
    year = surface.at(grid())
    assert year.attrs["quantity"] == "rainfall_erosivity"
    parts = sum(surface.layer(k, grid()).values.astype(float) for k in range(24))
    shares = [surface.shares(k, grid()) for k in range(24)]
    assert parts == pytest.approx(year.values, rel=1e-5)
    assert sum(s.values.astype(float) for s in shares) == pytest.approx(np.ones(tuple(grid().shape)), abs=1e-5)
    assert shares[13].values == pytest.approx(surface.layer(13, grid()).values / year.values, rel=1e-5)
    assert shares[13].attrs["quantity"] == "erosivity_share"
    assert (shares[0].values == 0).all()


def test_where_no_rain_erodes_every_half_month_has_an_even_share():
    surface = interpolate_stations(stations(scattered(6)), np.zeros((6, 24)), grid())
    assert surface.shares(3, grid()).values == pytest.approx(np.full(tuple(grid().shape), 1 / 24))
    turned = grid().to_crs("EPSG:4490")
    assert surface.shares(3, turned).values == pytest.approx(np.full(tuple(turned.shape), 1 / 24))


def test_any_grid_can_be_asked_coarse_fine_shifted_geographic():
    points = scattered(15)
    surface = interpolate_stations(stations(points), field(points), grid(), lattice=1000)
    fine, coarse = surface.layer(0, grid(50)), surface.layer(0, grid(200))
    assert fine.values.reshape(100, 4, 100, 4).mean(axis=(1, 3)) == pytest.approx(coarse.values, rel=1e-3)
    degrees = GeoBox.from_bbox((114.03, 38.86, 114.2, 38.98), crs="EPSG:4490", resolution=0.001)
    there = surface.layer(0, degrees)
    for east, north in [(114.05, 38.87), (114.15, 38.95)]:
        place = gpd.GeoSeries(gpd.points_from_xy([east], [north]), crs=4490).to_crs(PLANE).iloc[0]
        here = float(fine.sel(x=place.x, y=place.y, method="nearest"))
        assert float(there.sel(x=east, y=north, method="nearest")) == pytest.approx(here, rel=2e-3)


def test_a_grid_in_degrees_is_kriged_in_metres():
    points = scattered(15)
    degrees = GeoBox.from_bbox((114.0, 38.83, 114.23, 39.01), crs="EPSG:4490", resolution=0.001)
    on_degrees = interpolate_stations(stations(points), field(points), degrees)
    on_plane = interpolate_stations(stations(points), field(points), grid())
    small = grid(100, 10_000)
    assert on_degrees.layer(0, small).values == pytest.approx(on_plane.layer(0, small).values, rel=0.02)


def test_ground_beyond_the_lattice_is_unknown():
    surface = interpolate_stations(stations(scattered(6)), field(scattered(6)), grid())
    wide = grid(1000, 60_000)
    cells = surface.layer(0, wide).values
    assert np.isnan(cells[0, -1])
    assert not np.isnan(cells[-10:, :10]).any()


def test_leave_one_out_tells_how_well_the_others_know_a_station():
    points = scattered(30)
    smooth = interpolate_stations(stations(points), field(points), grid(1000))
    noise = np.random.default_rng(1).permutation(field(points))
    rough = interpolate_stations(stations(points), noise, grid(1000))
    assert list(smooth.errors.columns) == ["observed", "predicted", "error"]
    assert smooth.errors["observed"].to_numpy() == pytest.approx(field(points))
    assert smooth.root_mean_square_error < 0.5 * rough.root_mean_square_error
    assert (smooth.errors["predicted"] - smooth.errors["observed"]).to_numpy() == pytest.approx(smooth.errors["error"])


def test_the_order_of_stations_does_not_matter():
    points = scattered(12)
    order = np.random.default_rng(4).permutation(12)
    one = interpolate_stations(stations(points), field(points), grid())
    other = interpolate_stations(stations(points[order]), field(points[order]), grid())
    assert other.nodes == pytest.approx(one.nodes, rel=1e-6)


def test_a_vast_grid_widens_the_lattice_and_says_so():
    vast = GeoBox.from_bbox((0, 3_000_000, 1_200_000, 4_200_000), crs=PLANE, resolution=10_000)
    surface = interpolate_stations(stations([(0, 0), (9000, 0)]), [1.0, 2.0], vast, "idw", lattice=500)
    assert surface.nodes[0].size < 1_000_000
    assert any("widened" in note for note in surface.notes)
    assert not np.isnan(surface.layer(0, vast)).any()


def test_progress_runs_to_its_end():
    seen = []
    interpolate_stations(stations(scattered(6)), np.ones((6, 24)), grid(), progress=lambda done, _: seen.append(done))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_kernels_compiled_and_plain_agree(monkeypatch):
    random = np.random.default_rng(0)
    nodes, total = random.uniform(0, 9, (4, 5)), np.zeros((4, 5))
    total[1:] = nodes[1:] * 2
    rows, cols = np.array([-0.1, 0.0, 0.5, 1.0, 2.7, 3.0, 3.1]), np.array([0.0, 0.25, 3.99, 4.0, 4.01, np.nan])
    compiled, ratio = (np.empty((7, 6), np.float32) for _ in range(2))
    kernel.bilinear_cells(nodes, rows, cols, compiled)
    kernel.share_cells(nodes, total, rows, cols, 0.25, ratio)
    for name, value in list(vars(kernel).items()):
        if hasattr(value, "py_func"):
            monkeypatch.setattr(kernel, name, value.py_func)
    plain, plain_ratio = (np.empty((7, 6), np.float32) for _ in range(2))
    kernel.bilinear_cells(nodes, rows, cols, plain)
    kernel.share_cells(nodes, total, rows, cols, 0.25, plain_ratio)
    assert np.array_equal(compiled, plain, equal_nan=True)
    assert np.array_equal(ratio, plain_ratio, equal_nan=True)
    assert np.isnan(compiled[[0, 6]]).all()
    assert np.isnan(compiled[:, 4:]).all()
    assert compiled[3, 3] == np.float32(nodes[1, 4])
    assert (ratio[1, :4] == 0.25).all()


REFUSED = {
    "no system": (
        lambda: stations([(0, 0)]).set_crs(None, allow_override=True),
        [1],
        {},
        CoordinateError,
        "no coordinate",
    ),
    "areas": (lambda: stations([(0, 0)]).buffer(5).to_frame("geometry"), [1], {}, CoordinateError, "expected points"),
    "one place": (
        lambda: stations([(0, 0), (9, 9), (0, 0.2)]),
        [1, 2, 3],
        {},
        InputError,
        "stations 1 and 3 lie at one place",
    ),
    "shape": (lambda: stations([(0, 0)]), [1, 2], {}, InputError, r"shape \(2,\)"),
    "negative": (lambda: stations([(0, 0), (9, 9)]), [1, -2], {}, InputError, "value -2.*|station 2, column 0"),
    "blank": (lambda: stations([(0, 0)]), [np.nan], {}, InputError, "no station has a value in column 0"),
    "method": (lambda: stations([(0, 0)]), [1], {"method": "spline"}, InputError, "interpolation 'spline'"),
    "lattice": (lambda: stations([(0, 0)]), [1], {"lattice": 0}, InputError, "lattice 0 m"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_stations_that_cannot_be_are_refused(case):
    points, values, arguments, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        interpolate_stations(points(), values, grid(), **arguments)


def test_a_column_that_is_not_there_is_refused():
    surface = interpolate_stations(stations([(0, 0)]), [1.0], grid())
    with pytest.raises(InputError, match=r"column 3.*0 to 0"):
        surface.layer(3, grid())


def test_real_stations_of_the_loess_are_kriged():
    listed = pd.read_csv(real_data("rain/st_met2370-(1951-2016).csv"))
    places = gpd.GeoDataFrame(listed, geometry=gpd.points_from_xy(listed["lon"], listed["lat"]), crs=4490)
    values, kept = [], []
    for name in ("taiyuan_53772", "yulin_53646", "yanan_53845", "yinchuan_53614"):
        rain = pd.read_csv(real_data(f"rain/daily_1951_{name}.csv"), parse_dates=["date"]).set_index("date")["p_mm"]
        values.append(half_month_erosivity(rain[:"1951-09-30"], season=(5, 9)).values)
        kept.append(places[places["site"] == int(name[-5:])].iloc[:1])
    county = GeoBox.from_bbox((111.5, 38.5, 112.6, 39.2), crs="EPSG:4490", resolution=0.01)
    surface = interpolate_stations(pd.concat(kept), np.array(values), county, lattice=2000)
    year = surface.at(county)
    assert isinstance(surface, StationSurface)
    assert 850 < float(year.min()) <= float(year.max()) < 3000
    assert len(surface.errors) == 4
    assert any("Kriging needs 5 stations" in note for note in surface.notes)
