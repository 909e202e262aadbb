"""Time and memory of monitoring one year of a county.

    python benchmarks/monitoring.py [--cell 10] [--year 2024] [--repeats 1] [--steps]

Makes the demonstration county at the cell size asked for, once, in the cache folder (a few minutes at 10 m, and some
gigabytes), then runs `shuibao monitor` on it in a process of its own, as a clerk does, and prints time by the clock,
processor seconds of all threads and the process's high-water mark of memory. `--steps` runs it inside a Python of its
own instead, and prints when each step began, what memory had been used by then, and the whole.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import rasterio
import rasterio.features

SEED = 1
STEPS = """
import datetime, resource, sys, time
from pathlib import Path
from shuibao.studies.annual_monitoring import monitor_year
begin, words = time.perf_counter(), []
def tell(share, word):
    if not words or words[-1] != word:
        words.append(word)
        mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{time.perf_counter() - begin:8.2f} s {time.process_time():8.2f} cpu {mib:7.0f} MiB  {share:4.0%} {word}")
monitor_year(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]),
             created=datetime.datetime.now(datetime.UTC), progress=tell)
tell(1.0, "all written")
"""


def cache_folder():
    """Where made counties are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "shuibao-benchmarks"


def county_at(cell):
    """The county file of the demonstration county with cells of `cell` metres, made where it is missing."""
    folder = cache_folder() / f"county_{cell:g}m_seed{SEED}"
    if not (folder / "county.toml").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        start = time.perf_counter()
        run([*shuibao(), "demo-county", str(folder), "--cell", f"{cell:g}", "--seed", str(SEED)])
        print(f"made the county in {time.perf_counter() - start:.0f} s: {megabytes(folder):.0f} MB in {folder}")
    return folder / "county.toml"


def shuibao():
    """The command line of this interpreter's Shuibao."""
    return [sys.executable, "-m", "shuibao.cli"]


def run(command):
    """Run a command to its end; its own words are shown only where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def megabytes(folder):
    """Size of all files in a folder [MB]."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def cells_of(county):
    """Cells of the county's elevation model, and those whose centre lies in the county."""
    import geopandas as gpd

    with rasterio.open(county.parent / "dem.tif") as file:
        outline = gpd.read_file(county.parent / "boundary.gpkg").to_crs(file.crs)
        inside = rasterio.features.geometry_mask(outline.geometry, file.shape, file.transform, invert=True)
        return file.width * file.height, int(inside.sum())


def monitored(county, year):
    """Monitor one year in a process of its own: seconds, processor seconds, peak [MiB], MB written."""
    with tempfile.TemporaryDirectory(dir=cache_folder()) as folder:
        product = Path(folder) / "product"
        command = [*shuibao(), "monitor", str(county), "--year", str(year), "--out", str(product), "--json"]
        child = [sys.executable, __file__, "--measure", json.dumps(command)]
        return json.loads(run(child).splitlines()[-1]) | {"written_mb": megabytes(product)}


def measure(command):
    """In a small process between, so that children's high-water marks are those of this one child."""
    start = time.perf_counter()
    run(command)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = {"seconds": time.perf_counter() - start, "cpu": used.ru_utime + used.ru_stime}
    print(json.dumps(seconds | {"peak_mib": used.ru_maxrss / 1024}))


def steps(county, year):
    """Print when each step of one run began and what it had used."""
    with tempfile.TemporaryDirectory(dir=cache_folder()) as folder:
        subprocess.run([sys.executable, "-c", STEPS, county, str(year), str(Path(folder) / "product")], check=True)


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cell", type=float, default=10.0, help="cell size [m]")
    parser.add_argument("--year", type=int, default=2024)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--steps", action="store_true", help="print the steps of one run")
    parser.add_argument("--remove", action="store_true", help="remove the made county afterwards")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        measure(json.loads(given.measure))
        return
    county = county_at(given.cell)
    grid, inside = cells_of(county)
    print(
        f"{grid / 1e6:.2f} million cells in the grid, {inside / 1e6:.2f} in the county; load {os.getloadavg()[0]:.1f}"
    )
    if given.steps:
        steps(county, given.year)
    else:
        runs = [monitored(county, given.year) for _ in range(given.repeats)]
        for key, unit in (("seconds", "s"), ("cpu", "processor s"), ("peak_mib", "MiB"), ("written_mb", "MB written")):
            print(f"{statistics.median(r[key] for r in runs):10.1f} {unit}")
    if given.remove:
        shutil.rmtree(county.parent)


if __name__ == "__main__":
    main()
