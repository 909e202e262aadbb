"""Time and memory of terrain, beside its peers.

    python benchmarks/terrain.py [--sizes 1000 4000] [--repeats 3] [--peers]

Every program runs in a process of its own on the same ground, seen from a file: first on a small piece of it, so
that compiled code is there, then `repeats` times on the whole; the table shows medians. Memory is the process's
high-water mark above what it held before it read the ground, so it counts the ground, the results and all room
between. `--peers` installs richdem2, topotoolbox and pyflwdir into an environment of their own under the cache
folder; they are no dependency of Shuibao.
"""

import argparse
import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import numpy as np

PEERS = ["richdem2", "topotoolbox", "pyflwdir"]
DRAINAGE = ["fill", "directions", "accumulation"]
STAGES = ["fill", "directions", "accumulation", "drainage", "cpu", "slope", "slope_length", "ls", "cpu all"]
SMALL = 300


class Clock:
    """Seconds of every stage of one run."""

    def __init__(self):
        self.seconds = {}

    def run(self, stage, work):
        """Do the work of one stage and hand back what it gives."""
        start, busy = time.perf_counter(), time.process_time()
        result = work()
        self.seconds[stage] = time.perf_counter() - start
        for sum_of, stages in (("cpu", DRAINAGE), ("cpu all", STAGES)):
            if stage in stages:
                self.seconds[sum_of] = self.seconds.get(sum_of, 0.0) + time.process_time() - busy
        return result

    def drainage(self, *stages):
        """All seconds, with those of the stages that drainage is made of as one more."""
        return self.seconds | {"drainage": sum(self.seconds[stage] for stage in stages)}


def shuibao(heights):
    """Our own engine, layer in, layer out."""
    from affine import Affine
    from odc.geo.geobox import GeoBox

    from shuibao import terrain
    from shuibao.grids import layer

    box = GeoBox(heights.shape, Affine(10.0, 0, 400_000, 0, -10.0, 4_300_000), "EPSG:32649")
    dem, clock = layer(heights, box, "elevation", provenance="synthetic"), Clock()
    filled = clock.run("fill", lambda: terrain.fill_depressions(dem))
    directions = clock.run("directions", lambda: terrain.flow_directions(filled))
    counts = clock.run("accumulation", lambda: terrain.flow_accumulation(directions))
    water = terrain.Drainage(filled, directions, counts)
    if os.environ.get("BENCHMARK_LS"):
        _slopes(dem, water, clock)
    return clock.drainage("fill", "directions", "accumulation")


def _slopes(dem, water, clock):
    """Slope, slope length, and L, S and LS from them."""
    from shuibao import terrain
    from shuibao.erosion import segment_topography

    angle = clock.run("slope", lambda: terrain.slope(dem))
    lengths = clock.run("slope_length", lambda: terrain.slope_length(dem, water.directions, angle=angle))
    clock.run("ls", lambda: segment_topography(lengths.upper, lengths.lower, angle))


def richdem2(heights):
    """Filling with a small gradient over flats, then D8 by the lowest neighbour, as its accumulation has it."""
    import richdem

    dem, clock = richdem.rdarray(heights, no_data=-9999), Clock()
    dem.geotransform = [0, 10, 0, 0, 0, -10]
    filled = clock.run("fill", lambda: richdem.FillDepressions(dem, epsilon=True, in_place=False))
    clock.run("accumulation", lambda: richdem.FlowAccumulation(filled, method="D8"))
    return clock.drainage("fill", "accumulation")


def topotoolbox(heights):
    """Its directions fill and carve by themselves, so the whole is directions and accumulation."""
    import topotoolbox

    grid, clock = topotoolbox.GridObject(), Clock()
    grid.z, grid.cellsize = heights, 10.0
    clock.run("fill", grid.fillsinks)
    flow = clock.run("directions", lambda: topotoolbox.FlowObject(grid))
    clock.run("accumulation", flow.flow_accumulation)
    return clock.drainage("directions", "accumulation")


def pyflwdir(heights):
    """Filling and directions in one flood, then its graph and the accumulation."""
    import pyflwdir

    clock = Clock()
    _, codes = clock.run("fill", lambda: pyflwdir.dem.fill_depressions(heights, outlets="edge"))
    network = clock.run("directions", lambda: pyflwdir.from_array(codes, ftype="d8"))
    clock.run("accumulation", lambda: network.upstream_area("cell"))
    return clock.drainage("fill", "directions", "accumulation")


def work(program, path, repeats):
    """In the child process: run one program and print its seconds and its memory."""
    run = {f.__name__: f for f in (shuibao, richdem2, topotoolbox, pyflwdir)}[program]
    run(np.load(path, mmap_mode="r")[:SMALL, :SMALL].copy())
    before = _peak()
    heights = np.load(path)
    runs = []
    for _ in range(repeats):
        runs.append(run(heights))
        gc.collect()
    medians = {stage: statistics.median(r[stage] for r in runs) for stage in runs[0]}
    print(json.dumps({"seconds": medians, "peak_mib": _peak(), "above_mib": _peak() - before}))


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(python, program, path, repeats, **environment):
    """Run one program in a process of its own; None where it fails, with its last words."""
    command = [python, __file__, "--work", program, "--ground", path, "--repeats", str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)
    if done.returncode:
        print(f"{program} failed: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def make_ground(path, size, seed):
    """Save the ground to a file, in a process of its own: a child's high-water mark of memory begins with its
    parent's.
    """
    code = (
        f"import numpy; from synthetic_ground import *; numpy.save({path!r}, synthetic_ground({size}, {seed}).values)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent)


def peers_python():
    """The interpreter of the peers' environment, which is made where it is missing."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    folder = cache / "shuibao-benchmarks" / "terrain-peers"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(folder, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "-qq", *PEERS], check=True)
    return str(python)


def table(size, rows):
    """Print seconds of every stage, cells a second of drainage and of all, and memory, one program a line."""
    cells = size * size
    print(
        f"\n{size} x {size} cells; medians in seconds, cpu: of all threads in drainage and in all; M/s: million cells a second, of"
    )
    print("drainage and of all with LS; MiB: peak of the process; bytes a cell above its start; x: drainage, ours = 1")
    print(" ".join(f"{h:>12}" for h in ["program", *STAGES, "M/s", "M/s all", "MiB", "bytes/cell", "x"]))
    ours = rows["shuibao"]["seconds"]["drainage"]
    for name, row in rows.items():
        seconds = row["seconds"]
        whole = (
            sum(seconds.get(s, 0.0) for s in ("drainage", "slope", "slope_length", "ls")) if "ls" in seconds else None
        )
        marks = [f"{seconds[s]:.3f}" if s in seconds else "-" for s in STAGES]
        marks += [f"{cells / seconds['drainage'] / 1e6:.1f}", f"{cells / whole / 1e6:.1f}" if whole else "-"]
        marks += [
            f"{row['peak_mib']:.0f}",
            f"{row['above_mib'] * 2**20 / cells:.1f}",
            f"{seconds['drainage'] / ours:.1f}",
        ]
        print(" ".join(f"{m:>12}" for m in [name, *marks]))


def main():
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 4000], help="cells a side")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peers", action="store_true", help="measure richdem2, topotoolbox and pyflwdir as well")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    parser.add_argument("--ground", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        work(given.work, given.ground, given.repeats)
        return
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "ground.npy")
            make_ground(path, size, given.seed)
            rows = {"shuibao": measure(sys.executable, "shuibao", path, given.repeats)}
            rows["with LS"] = measure(sys.executable, "shuibao", path, given.repeats, BENCHMARK_LS="1")
            for peer in PEERS if given.peers else []:
                rows[peer] = measure(peers_python(), peer, path, given.repeats)
            table(size, {name: row for name, row in rows.items() if row})


if __name__ == "__main__":
    main()
