"""Works out kernel density, Gi* and false-discovery rates with SciPy and PySAL and compares them with the engine's.

usage: hotspot_compare.py ANSWERS.json      (written by tests/tests/hotspot_peers.rs)

Needs numpy, scipy, libpysal and esda. Exits with 1 at the first figure that differs by more than its tolerance:
density 1e-9 of the peak, and of the value itself where that is above a millionth of the peak; z, p and q 1e-6.
"""

import json
import sys
import warnings

import numpy as np
from esda.getisord import G_Local
from libpysal.weights import DistanceBand
from scipy.spatial.distance import cdist
from scipy.stats import false_discovery_control, multivariate_normal, norm

DENSITY_TOLERANCE = 1e-9
STATISTIC_TOLERANCE = 1e-6


def require(name, error, tolerance):
    print(f"{name}: largest difference {error:.2e} (allowed {tolerance:.0e})")
    if not error <= tolerance:
        sys.exit(f"{name} differs from its peer")


def density(config, cases, grid):
    """Cases/km² at the cell centres, shape [rows, cols], row 0 = south."""
    rows, cols = grid["shape"]
    east0, north0 = grid["origin"]
    cell, h = config["density_cell_m"], config["bandwidth_m"]
    east = east0 + (np.arange(cols) + 0.5) * cell
    north = north0 + (np.arange(rows) + 0.5) * cell
    centres = np.column_stack([np.tile(east, rows), np.repeat(north, cols)])
    if config["kernel"] == "gaussian":
        total = sum(multivariate_normal(mean=c, cov=h * h).pdf(centres) for c in cases)
        return total * 1e6
    u2 = cdist(centres, cases, "sqeuclidean") / (h * h)
    return (3 / np.pi * np.where(u2 < 1, (1 - u2) ** 2, 0)).sum(axis=1) / (h * h) * 1e6


def compare(run):
    config, cases = run["config"], np.array(run["cases"])
    name = f"density ({config['kernel']})"
    expected, found = density(config, cases, run["density"]), np.array(run["density"]["values"])
    peak = expected.max()
    require(name + " against its peak", np.abs(found - expected).max() / peak, DENSITY_TOLERANCE)
    high = expected > peak * 1e-6
    require(name + " against itself", np.abs(found[high] / expected[high] - 1).max(), DENSITY_TOLERANCE)

    cells, lattice = run["cells"], config["lattice"]
    # A hair wider, so that centres exactly at the edge of the band are in, as they are in the engine.
    weights = DistanceBand(np.array(cells["centres"]), config["band_m"] * (1 + 1e-9), binary=True, silence_warnings=True)
    counts = np.array(cells["counts"], dtype=float)
    with warnings.catch_warnings():
        # The distance band leaves each cell out of its own neighbours; `star=True` puts it in and says so.
        warnings.simplefilter("ignore")
        peer = G_Local(counts, weights, transform="B", star=True, permutations=0)
    require(f"Gi* z ({lattice})", np.abs(np.array(cells["z"]) - peer.Zs).max(), STATISTIC_TOLERANCE)
    p = 2 * norm.sf(np.abs(peer.Zs))
    require(f"Gi* p ({lattice})", np.abs(np.array(cells["p"]) - p).max(), STATISTIC_TOLERANCE)
    q = false_discovery_control(p, method="bh")
    require(f"false-discovery q ({lattice})", np.abs(np.array(cells["q"]) - q).max(), STATISTIC_TOLERANCE)
    significant = {s["cell"]: s["q"] for s in cells["significant"]}
    if set(significant) != set(np.flatnonzero(q <= config["significance"]).tolist()):
        sys.exit("the significant cells are not those of the peer")
    error = max((abs(q[cell] - value) for cell, value in significant.items()), default=0.0)
    require(f"q of the {len(significant)} significant cells", error, STATISTIC_TOLERANCE)
    if not significant:
        sys.exit("no cell is significant: the comparison would prove little")


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        for one in json.load(file):
            compare(one)
    print("all agree")
