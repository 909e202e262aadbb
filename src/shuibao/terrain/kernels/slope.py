"""Gradient of the ground from the eight neighbours, and slope angle and aspect from it.

Horn's third-order difference is the least-squares plane through a cell and its eight neighbours, orthogonal neighbours
weighing two and diagonal ones weighing one. Where neighbours are unknown, the same plane is fitted to those that are
known; so planes stay exact at every edge, and a cell is unknown only where its neighbours do not span a plane.

Sources: Horn (1981), Hill shading and the reflectance map, Proceedings of the IEEE 69(1); the arctangent: Moshier,
Cephes Mathematical Library (single precision).
"""

import math

import numba as nb
import numpy as np

from .neighbours import COL_STEP, ROW_STEP

TAN_22_5 = np.float32(math.tan(math.pi / 8))
TAN_67_5 = np.float32(math.tan(3 * math.pi / 8))
QUARTER, HALF = np.float32(math.pi / 4), np.float32(math.pi / 2)
A3, A5 = np.float32(-3.33329491539e-1), np.float32(1.99777106478e-1)
A7, A9 = np.float32(-1.38776856032e-1), np.float32(8.05374449538e-2)
ONE, TWO, ZERO, INVERSE_DIAGONAL = np.float32(1), np.float32(2), np.float32(0), np.float32(math.sqrt(0.5))


@nb.njit(cache=True, inline="always")
def arctangent(x):
    """Arctangent of x >= 0 in single precision, without branches so that rows are computed eight or sixteen cells at a
    time.
    """
    steep, middle = x > TAN_67_5, x > TAN_22_5
    divisor = x if steep else (x + ONE if middle else ONE)
    dividend = -ONE if steep else (x - ONE if middle else x)
    base = HALF if steep else (QUARTER if middle else ZERO)
    t = dividend / divisor
    s = t * t
    return base + (t + t * s * (A3 + s * (A5 + s * (A7 + s * A9))))


@nb.njit(cache=True)
def fitted_gradient(z, row, col, cell):
    """Rise per metre towards east and towards north, from the plane fitted to the known neighbours; NaN where none is
    spanned.
    """
    xx = yy = xy = xz = yz = 0.0
    for k in range(8):
        r, c = row + ROW_STEP[k], col + COL_STEP[k]
        if not (0 <= r < z.shape[0] and 0 <= c < z.shape[1]) or math.isnan(z[r, c]):
            continue
        x, y = float(COL_STEP[k]), -float(ROW_STEP[k])
        weight = 1.0 if x != 0 and y != 0 else 2.0
        rise = float(z[r, c]) - float(z[row, col])
        xx, yy, xy = xx + weight * x * x, yy + weight * y * y, xy + weight * x * y
        xz, yz = xz + weight * x * rise, yz + weight * y * rise
    determinant = xx * yy - xy * xy
    if determinant <= 0 or math.isnan(z[row, col]):
        return np.nan, np.nan
    return (xz * yy - yz * xy) / (determinant * cell), (yz * xx - xz * xy) / (determinant * cell)


@nb.njit(parallel=True, cache=True)
def horn_angles(z, cell, out):
    """Write the slope angle [rad] of every cell of `z` [m] (rows, cols) into `out`."""
    rows, cols = z.shape
    scale = ONE / (np.float32(8) * np.float32(cell))
    for row in nb.prange(rows):
        if 0 < row < rows - 1:
            for col in range(1, cols - 1):
                a, b, c = z[row - 1, col - 1], z[row - 1, col], z[row - 1, col + 1]
                d, e, f = z[row, col - 1], z[row, col], z[row, col + 1]
                g, h, i = z[row + 1, col - 1], z[row + 1, col], z[row + 1, col + 1]
                east = (c - a) + TWO * (f - d) + (i - g)
                north = (a - g) + TWO * (b - h) + (c - i)
                known = ZERO * e
                out[row, col] = arctangent(np.sqrt(east * east + north * north) * scale) + known
        for col in range(cols):
            edge = row == 0 or row == rows - 1 or col == 0 or col == cols - 1
            if edge or (math.isnan(out[row, col]) and not math.isnan(z[row, col])):
                east, north = fitted_gradient(z, row, col, cell)
                out[row, col] = math.atan(math.hypot(east, north))


@nb.njit(parallel=True, cache=True)
def horn_aspects(z, cell, out):
    """Write the direction of fall [rad, clockwise from north, 0 to 2π] of every cell of `z` into `out`; NaN where it
    does not fall.
    """
    for row in nb.prange(z.shape[0]):
        for col in range(z.shape[1]):
            east, north = fitted_gradient(z, row, col, cell)
            if east == 0 and north == 0:
                out[row, col] = np.nan
            else:
                angle = np.float32(math.atan2(-east, -north))
                out[row, col] = angle + np.float32(2 * math.pi) if angle < 0 else angle


@nb.njit(cache=True)
def neighbour_or_mirror(z, row, col, k):
    """Height of neighbour k; where unknown, the opposite neighbour mirrored in the cell; NaN where that is unknown as
    well.
    """
    for sign in (1, -1):
        r, c = row + sign * ROW_STEP[k], col + sign * COL_STEP[k]
        if 0 <= r < z.shape[0] and 0 <= c < z.shape[1] and not math.isnan(z[r, c]):
            return float(z[r, c]) if sign == 1 else 2 * float(z[row, col]) - float(z[r, c])
    return np.nan


@nb.njit(cache=True)
def steepest_fall(z, row, col):
    """Steepest fall of one cell to a neighbour [m per cell], at least zero; NaN where no neighbour or mirrored
    neighbour is known.
    """
    best = np.nan
    for k in range(8):
        fall = float(z[row, col]) - neighbour_or_mirror(z, row, col, k)
        fall *= 1.0 if k % 2 == 0 else INVERSE_DIAGONAL
        if not math.isnan(fall) and not best >= fall:
            best = fall
    return best if math.isnan(best) else max(best, 0.0)


@nb.njit(parallel=True, cache=True)
def steepest_angles(z, cell, out):
    """Write the angle [rad] of the steepest descent to one of the eight neighbours into `out`; zero where no neighbour
    is lower.
    """
    rows, cols = z.shape
    scale = ONE / np.float32(cell)
    for row in nb.prange(rows):
        if 0 < row < rows - 1:
            for col in range(1, cols - 1):
                a, b, c = z[row - 1, col - 1], z[row - 1, col], z[row - 1, col + 1]
                d, e, f = z[row, col - 1], z[row, col], z[row, col + 1]
                g, h, i = z[row + 1, col - 1], z[row + 1, col], z[row + 1, col + 1]
                known = ZERO * (a + b + c + d + e + f + g + h + i)
                straight = e - min(min(b, d), min(f, h))
                diagonal = (e - min(min(a, c), min(g, i))) * INVERSE_DIAGONAL
                out[row, col] = arctangent(max(max(straight, diagonal), ZERO) * scale) + known
        for col in range(cols):
            edge = row == 0 or row == rows - 1 or col == 0 or col == cols - 1
            if edge or (math.isnan(out[row, col]) and not math.isnan(z[row, col])):
                out[row, col] = math.atan(steepest_fall(z, row, col) / cell)
