"""Soil loss ratio of plant cover, weighted by the erosivity of its half-month and summed up.

Source: equations of the regional dynamic monitoring scheme (2018). Two forms:

- shrub and grass: SLR = 1 / (offset + gain base^(100 FVC));
- trees: SLR = p exp(-q GD) - r exp(FVC (1 - GD)) + s, where GD is the cover below the canopy.

`plan` has one row a land-use code (256 rows) and the columns below; codes without a row have kind 3 (unknown).
"""

import math

import numba as nb

KIND, BARE, SPAN, OFFSET, GAIN, RATE, P, Q, R, S, UNDER = range(11)
FIXED, LOGISTIC, TREES, UNKNOWN = 0.0, 1.0, 2.0, 3.0


@nb.njit(cache=True, inline="always")
def cover_of(index, bare, span):
    """Fractional vegetation cover [0, 1] of one vegetation index; NaN stays NaN."""
    cover = (index - bare) / span
    if cover < 0.0:
        return 0.0
    if cover > 1.0:
        return 1.0
    return cover


@nb.njit(cache=True, inline="always")
def soil_loss_ratio(cover, under, plan, code):
    """SLR [-] of one vegetated cell from its cover and the cover below its canopy, both [0, 1]."""
    if plan[code, KIND] == LOGISTIC:
        return 1.0 / (plan[code, OFFSET] + plan[code, GAIN] * math.exp(plan[code, RATE] * cover))
    ratio = (
        plan[code, P] * math.exp(-plan[code, Q] * under)
        - plan[code, R] * math.exp(cover * (1.0 - under))
        + plan[code, S]
    )
    return 0.0 if ratio < 0.0 else ratio


@nb.njit(parallel=True, cache=True)
def cover_cells(index, codes, plan, out):
    """Write the fractional cover of every cell (rows, cols) into `out`; unknown where index or land use is."""
    for row in nb.prange(index.shape[0]):
        for col in range(index.shape[1]):
            code = codes[row, col]
            out[row, col] = cover_of(index[row, col], plan[code, BARE], plan[code, SPAN])


@nb.njit(parallel=True, cache=True)
def ratio_cells(cover, codes, under, plan, out):
    """Write SLR of every cell into `out`: NaN on land without an equation and where a cover is unknown.

    under: cover below the canopy (rows, cols), or an array of shape (0, 0) to take it from `plan`
    """
    layered = under.shape[0] > 0
    for row in nb.prange(cover.shape[0]):
        for col in range(cover.shape[1]):
            code = codes[row, col]
            if plan[code, KIND] == LOGISTIC or plan[code, KIND] == TREES:
                below = under[row, col] if layered else plan[code, UNDER]
                out[row, col] = soil_loss_ratio(cover[row, col], below, plan, code)
            else:
                out[row, col] = math.nan


@nb.njit(cache=True, inline="always")
def ratio_of(index, code, below, plan, as_index):
    """SLR [-] of one vegetated cell from its vegetation index, or from its cover where `as_index` is false."""
    cover = cover_of(index, plan[code, BARE], plan[code, SPAN]) if as_index else index
    return soil_loss_ratio(cover, below, plan, code)


@nb.njit(parallel=True, cache=True)
def add_half_month(index, codes, under, share, shares, plan, as_index, weighted, count):
    """Add the share times SLR of one half-month to `weighted`, where both are known.

    index: vegetation index, or fractional cover where `as_index` is false, (rows, cols)
    share: the half-month's share of the year's erosivity, used where `shares` has the shape (0, 0); `shares`: the
        same by cell
    count: (rows,), gets the number of cells of vegetated land where the ratio is unknown and the share is not 0
    """
    layered, varied = under.shape[0] > 0, shares.shape[0] > 0
    for row in nb.prange(index.shape[0]):
        unknown = 0
        for col in range(index.shape[1]):
            code = codes[row, col]
            if plan[code, KIND] != LOGISTIC and plan[code, KIND] != TREES:
                continue
            weight = shares[row, col] if varied else share
            below = under[row, col] if layered else plan[code, UNDER]
            ratio = ratio_of(index[row, col], code, below, plan, as_index)
            if ratio == ratio:
                weighted[row, col] += weight * ratio
            elif weight != 0.0:
                unknown += 1
        count[row] = unknown


@nb.njit(parallel=True, cache=True)
def add_missing_share(index, codes, under, share, shares, plan, as_index, missing):
    """Add the share of one half-month to `missing` where `add_half_month` found the ratio unknown."""
    layered, varied = under.shape[0] > 0, shares.shape[0] > 0
    for row in nb.prange(index.shape[0]):
        for col in range(index.shape[1]):
            code = codes[row, col]
            if plan[code, KIND] != LOGISTIC and plan[code, KIND] != TREES:
                continue
            below = under[row, col] if layered else plan[code, UNDER]
            ratio = ratio_of(index[row, col], code, below, plan, as_index)
            if ratio != ratio:
                missing[row, col] += shares[row, col] if varied else share


@nb.njit(parallel=True, cache=True)
def finish_cells(weighted, missing, codes, fixed, plan, least, out, renormalised, lost):
    """Write B of every cell into `out` from the sums of `add_half_month`.

    fixed: B by land-use code where no equation holds, else NaN; least: the least known share that may stand for the
        year
    missing: (rows, cols) or (0, 0) where nothing is missing; renormalised, lost: (rows,), cells filled up and cells
        given up
    """
    gaps = missing.shape[0] > 0
    for row in nb.prange(weighted.shape[0]):
        filled, given_up = 0, 0
        for col in range(weighted.shape[1]):
            code = codes[row, col]
            kind = plan[code, KIND]
            if kind != LOGISTIC and kind != TREES:
                out[row, col] = fixed[code]
                continue
            gap = missing[row, col] if gaps else 0.0
            if gap == 0.0 and weighted[row, col] == weighted[row, col]:
                out[row, col] = weighted[row, col]
            elif 1.0 - gap >= least:
                out[row, col] = weighted[row, col] / (1.0 - gap)
                filled += 1
            else:
                out[row, col] = math.nan
                given_up += 1
        renormalised[row] = filled
        lost[row] = given_up
