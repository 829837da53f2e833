"""Works out kernel density, Gi*, its permutations and false-discovery rates with SciPy and PySAL and compares them with
the engine's.

usage: hotspot_compare.py ANSWERS.json      (written by tests/tests/hotspot_peers.rs)

Needs numpy, scipy, libpysal and esda. Exits with 1 at the first figure that differs by more than its tolerance:
density 1e-9 of the peak, and of the value itself where that is above a millionth of the peak; z and q 1e-6; p, which PySAL
samples, 5 standard errors of its samples.
"""

import json
import sys
import warnings

import numpy as np
from esda.getisord import G_Local
from libpysal.weights import DistanceBand
from scipy.spatial.distance import cdist
from scipy.stats import false_discovery_control, multivariate_normal

DENSITY_TOLERANCE = 1e-9
STATISTIC_TOLERANCE = 1e-6
PERMUTATIONS = 3_999


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
    counts = np.array(cells["counts"], dtype=float)
    for band in cells["bands"]:
        name = f"{lattice}, {band['reach_m']:.0f} m"
        # A hair wider, so that centres exactly at the edge of the band are in, as they are in the engine.
        weights = DistanceBand(
            np.array(cells["centres"]), band["reach_m"] * (1 + 1e-9), binary=True, silence_warnings=True
        )
        with warnings.catch_warnings():
            # The distance band leaves each cell out of its own neighbours; `star=True` puts it in and says so.
            warnings.simplefilter("ignore")
            peer = G_Local(counts, weights, transform="B", star=True, permutations=PERMUTATIONS, seed=7, n_jobs=1)
        require(f"Gi* z ({name})", np.abs(np.array(band["z"]) - peer.Zs).max(), STATISTIC_TOLERANCE)
        permutations(name, np.array(band["p"]), peer)
        q = false_discovery_control(np.array(band["p"]), method="bh")
        require(f"false-discovery q ({name})", np.abs(np.array(band["q"]) - q).max(), STATISTIC_TOLERANCE)


def permutations(name, p, peer):
    """The probabilities that PySAL samples: of at least as much, or of at most as much where that is less likely."""
    sampled = (peer.p_sim * (PERMUTATIONS + 1) - 1) / PERMUTATIONS
    # PySAL turns to the other side where more than half of the samples reach what is there; these are left out.
    upper = p < 0.45
    error = np.sqrt(p * (1 - p) / PERMUTATIONS) + 1 / PERMUTATIONS
    worst = (np.abs(sampled - p) / error)[upper].max()
    require(f"Gi* permutations ({name}, {upper.sum()} cells), in standard errors", worst, 5.0)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        for one in json.load(file):
            compare(one)
    print("all agree")
