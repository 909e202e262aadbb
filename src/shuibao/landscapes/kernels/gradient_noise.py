"""Gradient noise of several octaves, from hashed lattice points.

Sources: Perlin (2002), Improving noise, ACM Transactions on Graphics 21(3); the hash is the finaliser of SplitMix64 (Steele et al. 2014).
The value at a place depends on its coordinates and the seed alone, so grids of any origin and cell size see the same noise.
"""

import math

import numba as nb
import numpy as np

EAST, NORTH = np.cos(np.arange(256) * np.pi / 128), np.sin(np.arange(256) * np.pi / 128)
"""Gradients, one of 256 directions each."""


@nb.njit(cache=True, inline="always")
def hashed(i, j, seed):
    """A 64-bit number from two lattice coordinates and a seed."""
    x = np.uint64(i) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(j) * np.uint64(0xC2B2AE3D27D4EB4F)
    x += np.uint64(seed) * np.uint64(0x165667B19E3779F9)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@nb.njit(cache=True)
def corner(i, j, u, v, seed):
    """Product of the gradient at lattice point (i, j) with the offset (u, v) from it."""
    k = hashed(i, j, seed) >> np.uint64(56)
    return EAST[k] * u + NORTH[k] * v


@nb.njit(cache=True)
def noise(x, y, seed):
    """Gradient noise [-] at (x, y) in lattice units, about -0.7 to 0.7."""
    i, j = math.floor(x), math.floor(y)
    u, v = x - i, y - j
    a = u * u * u * (u * (u * 6.0 - 15.0) + 10.0)
    b = v * v * v * (v * (v * 6.0 - 15.0) + 10.0)
    i, j = int(i), int(j)
    low = corner(i, j, u, v, seed) * (1.0 - a) + corner(i + 1, j, u - 1.0, v, seed) * a
    high = corner(i, j + 1, u, v - 1.0, seed) * (1.0 - a) + corner(i + 1, j + 1, u - 1.0, v - 1.0, seed) * a
    return low * (1.0 - b) + high * b


@nb.njit(parallel=True, cache=True)
def fractal_cells(left, top, cell, wavelength, octaves, gain, seed, out):
    """Write noise of `octaves` octaves, the longest of `wavelength` [m], into `out` (rows, cols), scaled to variance about 1."""
    rows, cols = out.shape
    total = 0.0
    for octave in range(octaves):
        total += gain ** (2 * octave)
    scale = 1.0 / (0.26 * math.sqrt(total))
    for row in nb.prange(rows):
        for col in range(cols):
            x = (left + (col + 0.5) * cell) / wavelength
            y = (top - (row + 0.5) * cell) / wavelength
            value = 0.0
            weight = 1.0
            for octave in range(octaves):
                value += weight * noise(x, y, seed + octave)
                x *= 2.0
                y *= 2.0
                weight *= gain
            out[row, col] = value * scale
