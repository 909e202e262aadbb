"""Count the cells that drain through each cell, tile by tile.

Inside a tile cells are taken in the order in which their inflow is complete. A first pass finds for every cell at a
tile's rim what its tile alone sends out through it, and where water that enters there leaves again; these rim cells
are one small graph, whose solution tells what enters each tile; that is then added along the ways it takes. Counts
are whole numbers, so no order changes them.

Source: Barnes (2017), Parallel non-divergent flow accumulation for trillion cell digital elevation models on
desktops or clusters.
"""

import numba as nb
import numpy as np

from .accumulation_chains import NEVER, count_inflows, hand_down, steps
from .neighbours import COL_STEP, OUTLET, ROW_STEP, UNKNOWN

NOT_YET, NOWHERE = -2, -1
"""Where water leaves the tile: not yet looked for; it does not."""


@nb.njit(cache=True)
def accumulate_cells(directions, tile, workers, unknown, counts):
    """Write the number of cells that drain through each cell, itself included, into `counts`, `unknown` where
    unknown.

    directions: (rows, cols) uint8, flats drained
    tile: side of the tiles in cells; workers: number of threads; neither changes the result
    returns: number of cells found on circles, 0 for directions that drain; where there are any, `counts` is not
        complete
    """
    rows, cols = directions.shape
    tiles = -(-rows // tile) * -(-cols // tile)
    through = np.full((tiles, 4 * tile), NOWHERE, np.int32)
    sent = np.zeros((tiles, 4 * tile), np.int64)
    circling = np.zeros(tiles, np.int64)
    _count_inside(directions, tile, workers, unknown, counts, through, sent, circling)
    if circling.sum() > 0:
        return circling.sum()
    entering = np.zeros((tiles, 4 * tile), np.int64)
    left = _join_rims(directions, tile, through, sent, entering)
    if left == 0:
        _add_entering(directions, tile, workers, entering, counts)
    return left


@nb.njit(cache=True, parallel=True)
def _count_inside(directions, tile, workers, unknown, counts, through, sent, circling):
    """Count inside every tile; what each sends out through its rim cells, and through which water that enters at
    another leaves.
    """
    tiles, across = circling.size, -(-directions.shape[1] // tile)
    for worker in nb.prange(workers):
        room = (tile + 2) * (tile + 2)
        codes, inflows = np.full(room, UNKNOWN, np.uint8), np.zeros(room, np.uint8)
        sums, way, queue = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
        for t in range(worker, tiles, workers):
            top, left = t // across * tile, t % across * tile
            rows, cols = _load(directions, top, left, tile, codes, inflows)
            sums[:] = 1
            circling[t] = hand_down(codes, inflows, sums, rows, cols, tile + 2, queue)
            for row in range(rows):
                start = (row + 1) * (tile + 2) + 1
                for col in range(cols):
                    counts[top + row, left + col] = sums[start + col] if codes[start + col] != UNKNOWN else unknown
            if circling[t] == 0:
                _find_ways(directions, top, left, rows, cols, tile, codes, sums, way, through[t], sent[t])


@nb.njit(cache=True)
def _load(directions, top, left, tile, codes, inflows):
    """Copy one tile into its buffer, unknown all around, and count the inflows from inside it; returns its rows and
    columns.
    """
    stride = tile + 2
    rows, cols = min(tile, directions.shape[0] - top), min(tile, directions.shape[1] - left)
    for row in range(rows):
        start = (row + 1) * stride + 1
        codes[start : start + cols] = directions[top + row, left : left + cols]
        codes[start + cols] = UNKNOWN
        inflows[start - 1] = inflows[start + cols] = NEVER
    codes[(rows + 1) * stride : (rows + 2) * stride] = UNKNOWN
    inflows[:stride] = inflows[(rows + 1) * stride : (rows + 2) * stride] = NEVER
    for row in range(rows):
        start = (row + 1) * stride
        count_inflows(
            codes[start - stride : start], codes[start : start + stride], codes[start + stride : start + 2 * stride],
            inflows[start + 1 : start + 1 + cols],
        )  # fmt: skip
    return rows, cols


@nb.njit(cache=True)
def rim_slot(row, col, rows, cols, tile):
    """Number of a rim cell of a tile: top row, bottom row, left column, right column."""
    if row == 0:
        return col
    if row == rows - 1:
        return tile + col
    return 2 * tile + row if col == 0 else 3 * tile + row


@nb.njit(cache=True)
def _find_ways(directions, top, left, rows, cols, tile, codes, sums, way, through, sent):
    """For every rim cell of one tile: what it sends out (`sent`) and the slot through which water entering there
    leaves (`through`).
    """
    stride, step = tile + 2, steps(tile + 2)
    way[:] = NOT_YET
    for row in range(rows):
        rim = row == 0 or row == rows - 1
        for col in range(0, cols, 1 if rim else max(1, cols - 1)):
            cell = (row + 1) * stride + 1 + col
            slot, code = rim_slot(row, col, rows, cols, tile), codes[cell]
            if code < OUTLET:
                r, c = row + ROW_STEP[code], col + COL_STEP[code]
                if _other_tile(directions, top, left, rows, cols, r, c):
                    way[cell], sent[slot] = slot, sums[cell]
    for row in range(rows):
        rim = row == 0 or row == rows - 1
        for col in range(0, cols, 1 if rim else max(1, cols - 1)):
            cell = (row + 1) * stride + 1 + col
            if codes[cell] != UNKNOWN and _entered(directions, top, left, rows, cols, row, col):
                through[rim_slot(row, col, rows, cols, tile)] = _way_out(codes, way, step, cell)


@nb.njit(cache=True)
def _other_tile(directions, top, left, rows, cols, row, col):
    """Whether a cell, by its place in one tile, is a known cell of another tile."""
    if 0 <= row < rows and 0 <= col < cols:
        return False
    r, c = top + row, left + col
    return 0 <= r < directions.shape[0] and 0 <= c < directions.shape[1] and directions[r, c] != UNKNOWN


@nb.njit(cache=True)
def _entered(directions, top, left, rows, cols, row, col):
    """Whether water of another tile flows into a cell of this one."""
    for d in range(8):
        r, c = row + ROW_STEP[d], col + COL_STEP[d]
        if _other_tile(directions, top, left, rows, cols, r, c) and directions[top + r, left + c] == (d + 4) & 7:
            return True
    return False


@nb.njit(cache=True)
def _way_out(codes, way, step, cell):
    """Slot of the rim cell through which the water of a cell leaves the tile, remembered in `way` all along."""
    end = cell
    while way[end] == NOT_YET:
        code = codes[end]
        if code >= OUTLET or codes[end + step[code]] == UNKNOWN:
            way[end] = NOWHERE
        else:
            end = end + step[code]
    slot, end = way[end], cell
    while way[end] == NOT_YET:
        way[end] = slot
        end = end + step[codes[end]]
    return slot


@nb.njit(cache=True)
def _join_rims(directions, tile, through, sent, entering):
    """Solve the graph of rim cells: adds to `sent` what comes from other tiles and writes what enters at every rim
    cell.

    returns: number of rim cells on circles
    """
    tiles, slots = sent.shape
    across = -(-directions.shape[1] // tile)
    target = np.full(sent.shape, NOWHERE, np.int64)
    inflows = np.zeros(sent.shape, np.int32)
    for t in range(tiles):
        for slot in range(slots):
            if sent[t, slot] > 0:
                target[t, slot] = _target(directions, tile, across, t, slot)
                there, exit_slot = target[t, slot] // slots, through.ravel()[target[t, slot]]
                if exit_slot >= 0:
                    inflows[there, exit_slot] += 1
    left = np.count_nonzero(sent)
    for t in range(tiles):
        for slot in range(slots):
            a, b = t, slot
            while sent[a, b] > 0 and inflows[a, b] == 0:
                left -= 1
                inflows[a, b] = -1
                there, entry = target[a, b] // slots, target[a, b] % slots
                entering[there, entry] += sent[a, b]
                exit_slot = through[there, entry]
                if exit_slot < 0:
                    break
                sent[there, exit_slot] += sent[a, b]
                inflows[there, exit_slot] -= 1
                a, b = there, exit_slot
    return left


@nb.njit(cache=True)
def _target(directions, tile, across, t, slot):
    """The rim cell of another tile that a rim cell flows into, as tile times slots plus slot."""
    top, left = t // across * tile, t % across * tile
    rows, cols = min(tile, directions.shape[0] - top), min(tile, directions.shape[1] - left)
    row, col = _place(slot, rows, cols, tile)
    code = directions[top + row, left + col]
    r, c = top + row + ROW_STEP[code], left + col + COL_STEP[code]
    there = r // tile * across + c // tile
    top, left = r // tile * tile, c // tile * tile
    rows, cols = min(tile, directions.shape[0] - top), min(tile, directions.shape[1] - left)
    return there * 4 * tile + rim_slot(r - top, c - left, rows, cols, tile)


@nb.njit(cache=True)
def _place(slot, rows, cols, tile):
    side, along = slot // tile, slot % tile
    if side < 2:
        return (0 if side == 0 else rows - 1), along
    return along, (0 if side == 2 else cols - 1)


@nb.njit(cache=True, parallel=True)
def _add_entering(directions, tile, workers, entering, counts):
    """Add what enters every tile along the ways it takes there."""
    tiles, across = entering.shape[0], -(-directions.shape[1] // tile)
    for worker in nb.prange(workers):
        waiting, extra = np.zeros((tile, tile), np.uint16), np.zeros((tile, tile), np.int64)
        for t in range(worker, tiles, workers):
            top, left = t // across * tile, t % across * tile
            codes = directions[top : top + tile, left : left + tile]
            inside = counts[top : top + tile, left : left + tile]
            for slot in np.flatnonzero(entering[t]):
                row, col = _place(slot, codes.shape[0], codes.shape[1], tile)
                _mark_way(codes, row, col, waiting)
            for slot in np.flatnonzero(entering[t]):
                row, col = _place(slot, codes.shape[0], codes.shape[1], tile)
                extra[row, col] += entering[t, slot]
                _add_along(codes, row, col, waiting, extra, inside)


@nb.njit(cache=True)
def _mark_way(codes, row, col, waiting):
    """Count at every cell from here down how many ways come to it, each way as far as the next one it meets."""
    while _known_place(codes, row, col):
        waiting[row, col] += 1
        code = codes[row, col]
        if waiting[row, col] > 1 or code >= OUTLET:
            return
        row, col = row + ROW_STEP[code], col + COL_STEP[code]


@nb.njit(cache=True)
def _add_along(codes, row, col, waiting, extra, inside):
    """Add `extra` to the counts `inside` from here down, as far as a cell that still waits for another way."""
    while True:
        waiting[row, col] -= 1
        if waiting[row, col] > 0:
            return
        amount, code = extra[row, col], codes[row, col]
        inside[row, col] += amount
        extra[row, col] = 0
        if code >= OUTLET:
            return
        row, col = row + ROW_STEP[code], col + COL_STEP[code]
        if not _known_place(codes, row, col):
            return
        extra[row, col] += amount


@nb.njit(cache=True)
def _known_place(codes, row, col):
    return 0 <= row < codes.shape[0] and 0 <= col < codes.shape[1] and codes[row, col] != UNKNOWN
