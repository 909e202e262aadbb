"""The small county once more, in plain NumPy and loops, sharing no code with the engine: formulas and numbers typed out anew."""

import math

import numpy as np
import pandas as pd
import rasterio
from pyproj import Geod, Transformer

STEPS = [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)]
CELL = 30.0
FORMS = {13: "bare", 21: "forest", 31: "forest", 32: "shrub", 41: "grass", 52: 0.025, 53: 1.0}
NDVI_RANGE = {21: (0.05, 0.88), 31: (0.05, 0.90), 32: (0.05, 0.86), 41: (0.05, 0.84)}
UNDER_CANOPY = {21: 0.3, 31: 0.6}


def read(path, window):
    with rasterio.open(path) as file:
        return file.read(1)[window]


def county_window(boundary):
    """Rows and columns of the county grid in the files: 60 m beyond the boundary, whole cells."""
    from studies.small_county import NORTH, WEST

    west, south, east, north = boundary.bounds
    first_col, last_col = math.floor((west - 60 - WEST) / CELL), math.ceil((east + 60 - WEST) / CELL)
    first_row, last_row = math.floor((NORTH - north - 60) / CELL), math.ceil((NORTH - south + 60) / CELL)
    return (slice(first_row, last_row), slice(first_col, last_col)), (WEST + first_col * CELL, NORTH - first_row * CELL)


def around(z, row, col):
    """Height of the eight neighbours, NaN beyond the edge."""
    rows, cols = z.shape
    inside = [(0 <= row + r < rows and 0 <= col + c < cols) for r, c in STEPS]
    return [z[row + r, col + c] if ok else math.nan for (r, c), ok in zip(STEPS, inside, strict=True)]


def slope_angle(z):
    """Angle of the weighted least-squares plane through each cell and its neighbours; Horn's where all eight are there."""
    out = np.empty(z.shape)
    for row, col in np.ndindex(z.shape):
        near = around(z, row, col)
        equations = [
            (c * CELL, -r * CELL, h - z[row, col], 1.0 if r and c else 2.0)
            for (r, c), h in zip(STEPS, near, strict=True)
            if not math.isnan(h)
        ]
        x, y, rise, weight = np.array(equations).T
        root = np.sqrt(weight)
        gradient = np.linalg.lstsq(np.c_[x, y] * root[:, None], rise * root, rcond=None)[0]
        out[row, col] = math.atan(math.hypot(*gradient))
    return out


def directions(z):
    """Index of the steepest fall, or 8 where none falls."""
    out = np.full(z.shape, 8)
    for row, col in np.ndindex(z.shape):
        falls = [(z[row, col] - h) / math.hypot(*s) for s, h in zip(STEPS, around(z, row, col), strict=True)]
        best = max((f for f in falls if not math.isnan(f)), default=0)
        if best > 0:
            out[row, col] = falls.index(best)
    return out


def downhill(z):
    """Cells from high to low, so that donors come before receivers."""
    return [np.unravel_index(i, z.shape) for i in np.argsort(-z, axis=None)]


def accumulation(z, codes):
    counts = np.ones(z.shape)
    for row, col in downhill(z):
        if codes[row, col] < 8:
            r, c = STEPS[codes[row, col]]
            counts[row + r, col + c] += counts[row, col]
    return counts


def width(z, row, col, code):
    """Length of the step along the fall of the steeper triangular facet beside it."""
    step = STEPS[code]
    here, near = z[row, col], around(z, row, col)
    whole = math.hypot(*step) * CELL
    best, share = 0.0, 1.0
    for turn in (-1, 1):
        ahead, aside = near[code], near[(code + turn) % 8]
        cardinal, diagonal = (aside, ahead) if code % 2 else (ahead, aside)
        along, across = here - cardinal, cardinal - diagonal
        if not 0 <= across <= along:
            continue
        fall = math.hypot(along, across)
        if fall > best:
            best = fall
            bearing = math.atan2(across, along)
            share = math.cos(math.pi / 4 - bearing) if code % 2 else math.cos(bearing)
    return whole * share


def slope_lengths(z, codes, angle, channels):
    """Lengths at the upper and lower edge of each cell, cut where slopes ease and at channels, capped at 100 m."""
    upper, span = np.zeros(z.shape), np.full(z.shape, CELL)
    for row, col in downhill(z):
        code = codes[row, col]
        if code == 8:
            continue
        span[row, col] = width(z, row, col, code)
        r, c = row + STEPS[code][0], col + STEPS[code][1]
        factor = 0.7 if math.degrees(angle[row, col]) < 5 else 0.5
        cut = angle[r, c] < factor * angle[row, col] or channels[row, col] or channels[r, c]
        if not cut:
            upper[r, c] = max(upper[r, c], upper[row, col] + span[row, col])
    lower = np.minimum(upper + span, 100.0)
    return np.maximum(np.minimum(upper, 100.0 - span), 0.0), lower


def factor_l(upper, lower, angle):
    degrees = np.degrees(angle)
    m = np.select([degrees <= 1, degrees <= 3, degrees <= 5], [0.2, 0.3, 0.4], 0.5)
    return (lower ** (m + 1) - upper ** (m + 1)) / ((lower - upper) * 22.13**m)


def factor_s(angle):
    sine, degrees = np.sin(angle), np.degrees(angle)
    return np.select([degrees < 5, degrees < 10], [10.8 * sine + 0.03, 16.8 * sine - 0.5], 21.9 * sine - 0.96)


def factor_r(path):
    """R and the 24 shares: official daily model, days of 10 mm and more."""
    frame = pd.read_csv(path, parse_dates=["date"])
    day = frame["date"].dt
    alpha = np.where(day.month.between(5, 9), 0.3937, 0.3101)
    daily = np.where(frame["p_mm"] >= 10, alpha * frame["p_mm"] ** 1.7265, 0.0)
    half = (day.month - 1) * 2 + (day.day > 15)
    values = np.bincount(half, daily, 24) / day.year.nunique()
    return values.sum(), values / values.sum()


def factor_k(sand, silt, clay, carbon):
    sn = 1 - sand / 100
    first = 0.2 + 0.3 * math.exp(-0.0256 * sand * (1 - silt / 100))
    second = (silt / (clay + silt)) ** 0.3
    third = 1 - 0.25 * carbon / (carbon + math.exp(3.72 - 2.95 * carbon))
    fourth = 1 - 0.7 * sn / (sn + math.exp(-5.51 + 22.9 * sn))
    return (-0.01383 + 0.51575 * first * second * third * fourth) * 0.1317


def loss_ratio(code, cover):
    if FORMS[code] == "shrub":
        return 1 / (1.17647 + 0.86242 * 1.05905 ** (100 * cover))
    if FORMS[code] == "grass":
        return 1 / (1.25 + 0.78845 * 1.05968 ** (100 * cover))
    gd = UNDER_CANOPY[code]
    return 0.44468 * np.exp(-3.20096 * gd) - 0.04099 * np.exp(cover - cover * gd) + 0.025


def factor_b(folder, year, window, land_use, shares):
    out = np.zeros(land_use.shape)
    for half in range(24):
        ndvi = read(folder / f"{year}/ndvi_{half + 1:02d}.tif", window).astype(float)
        for code, (low, high) in NDVI_RANGE.items():
            where = land_use == code
            cover = np.clip((ndvi[where] - low) / (high - low), 0, 1)
            out[where] += shares[half] * loss_ratio(code, cover)
    out[land_use == 13] = 1.0
    for code in (52, 53):
        out[land_use == code] = FORMS[code]
    return out


def cell_shares(boundary, origin, shape):
    """Share of each cell inside a rectangle whose sides run with the grid."""
    west, south, east, north = boundary.bounds
    left = origin[0] + CELL * np.arange(shape[1])
    top = origin[1] - CELL * np.arange(shape[0])
    across = np.clip(np.minimum(left + CELL, east) - np.maximum(left, west), 0, CELL) / CELL
    down = np.clip(np.minimum(top, north) - np.maximum(top - CELL, south), 0, CELL) / CELL
    return down[:, None] * across[None, :]


def cell_areas(origin, shape):
    """Geodesic area of each cell [km²]."""
    back, geod = Transformer.from_crs("EPSG:4546", "EPSG:4490", always_xy=True), Geod(ellps="GRS80")
    out = np.empty(shape)
    for row, col in np.ndindex(shape):
        x, y = origin[0] + CELL * col, origin[1] - CELL * row
        lon, lat = back.transform([x, x + CELL, x + CELL, x], [y, y, y - CELL, y - CELL])
        out[row, col] = abs(geod.polygon_area_perimeter(lon, lat)[0]) / 1e6
    return out


def reference(folder, year, boundary):
    """Modulus [t/(km² a)] on the county grid, and area [km²] of each cell inside the county."""
    window, origin = county_window(boundary)
    z = read(folder / "dem.tif", window).astype(float)
    codes, angle = directions(z), slope_angle(z)
    channels = accumulation(z, codes) * CELL**2 >= 0.1e6
    upper, lower = slope_lengths(z, codes, angle, channels)
    R, shares = factor_r(folder / "rain.csv")
    land_use, measures, soil = (
        read(folder / p, window) for p in (f"{year}/land_use.tif", f"{year}/measures.tif", "soil.tif")
    )
    K = np.where(soil == 1, factor_k(20, 65, 15, 0.6), factor_k(10, 70, 20, 1.0))
    B = factor_b(folder, year, window, land_use, shares)
    E, T = np.where(measures == 1, 0.084, 1.0), np.where(land_use == 13, 0.417, 1.0)
    modulus = 100 * R * K * factor_l(upper, lower, angle) * factor_s(angle) * B * E * T
    return modulus, cell_shares(boundary, origin, z.shape) * cell_areas(origin, z.shape)
