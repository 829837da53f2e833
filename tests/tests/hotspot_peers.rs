//! Hotspots beside SciPy and PySAL on the same cases.
//!
//! The engine's answers are written to a file and `tests/peers/hotspot_compare.py` computes all of them from scratch.
//! The interpreter is `CHENGTU_PYTHON`, or that of the environment `scripts/python-env` makes.

use anyhow::{Context, Result, ensure};
use chengtu_engine::geo::{GeoBox, Metres, Position};
use chengtu_engine::hotspot::{
    BANDS, HotspotConfig, HotspotField, Kernel, LatticeKind, Permutations, benjamini_hochberg,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Nanjing's centre.
fn extent() -> GeoBox {
    GeoBox::new(
        Position::new(1_187_700_000, 320_300_000),
        Position::new(1_188_100_000, 320_600_000),
    )
}

/// 400 cases, two thirds of them in seven clusters, the rest anywhere; some beyond the edge.
fn cases(field: &HotspotField) -> Vec<Position> {
    let mut state = 20_261_122u64;
    let mut unit = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let anywhere = |a: f64, b: f64| Metres {
        east_m: a * 4000.0 - 2000.0,
        north_m: b * 3500.0 - 1750.0,
    };
    let centres: Vec<Metres> = (0..7).map(|_| anywhere(unit(), unit())).collect();
    let case = |i: usize| {
        let (a, b) = (unit(), unit());
        let at = if i.is_multiple_of(3) {
            anywhere(a, b)
        } else {
            let centre = centres[i % 7];
            Metres {
                east_m: centre.east_m + a * 400.0 - 200.0,
                north_m: centre.north_m + b * 400.0 - 200.0,
            }
        };
        field.frame().position(at)
    };
    (0..400).map(case).collect()
}

fn answers(kernel: Kernel, lattice: LatticeKind) -> Result<Value> {
    let config = HotspotConfig {
        kernel,
        lattice,
        density_cell_m: 40.0,
        ..HotspotConfig::default()
    };
    let mut field = HotspotField::new(extent(), config, &[])?;
    let positions = cases(&field);
    for (case, position) in positions.iter().enumerate() {
        field.add(case as u64, *position);
    }
    // The road there must not show: cases that came and went, and one that moved.
    for case in 0..100 {
        field.add(10_000 + case, positions[case as usize]);
    }
    field.add(0, positions[7]);
    field.add(0, positions[0]);
    for case in 0..100 {
        field.remove(10_000 + case);
    }
    let metres: Vec<[f64; 2]> = positions
        .iter()
        .map(|p| field.frame().metres(*p))
        .map(|m| [m.east_m, m.north_m])
        .collect();
    let cells = 0..field.lattice().len() as u32;
    let mut counts = vec![0; cells.len()];
    for position in &positions {
        if let Some(cell) = field.lattice().cell_at(field.frame().metres(*position)) {
            counts[cell as usize] += 1;
        }
    }
    let mut reference =
        Permutations::new(field.counts().histogram(), field.counts().cells(), u32::MAX);
    let bands: Vec<Value> = (0..BANDS)
        .map(|band| {
            let z: Vec<f64> = cells
                .clone()
                .map(|c| field.counts().z_score(band, c))
                .collect();
            let p: Vec<f64> = cells
                .clone()
                .map(|c| {
                    let (reach, near) = field.counts().around(band, c);
                    reference.tail(field.counts().count(c), reach, near)
                })
                .collect();
            let q = benjamini_hochberg(&p);
            json!({"reach_m": config.bands_m[band], "z": z, "p": p, "q": q})
        })
        .collect();
    let origin = field.density().origin();
    Ok(json!({
        "config": config,
        "cases": metres,
        "density": {
            "origin": [origin.east_m, origin.north_m],
            "shape": field.density().shape(),
            "values": field.density().values().collect::<Vec<f64>>(),
        },
        "cells": {
            "centres": cells.map(|c| field.lattice().centre(c)).map(|m| [m.east_m, m.north_m]).collect::<Vec<_>>(),
            "counts": counts,
            "bands": bands,
        },
    }))
}

fn python(root: &Path) -> Result<PathBuf> {
    if let Some(python) = std::env::var_os("CHENGTU_PYTHON") {
        return Ok(python.into());
    }
    let script = root.join("scripts/python-env");
    let output = Command::new(&script)
        .output()
        .with_context(|| format!("running {}", script.display()))?;
    ensure!(
        output.status.success(),
        "{} failed: {}",
        script.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout)?;
    Ok(text
        .lines()
        .last()
        .context("scripts/python-env names no interpreter on its last line")?
        .trim()
        .into())
}

#[test]
fn density_and_significance_agree_with_scipy_and_pysal() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("the package lies in the repository")?;
    let runs = [
        answers(Kernel::Quartic, LatticeKind::Square)?,
        answers(Kernel::Gaussian, LatticeKind::Hexagon)?,
    ];
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), serde_json::to_vec(&runs)?)?;
    let script = root.join("tests/peers/hotspot_compare.py");
    let output = Command::new(python(root)?)
        .arg(&script)
        .arg(file.path())
        .output()?;
    let told = String::from_utf8_lossy(&output.stdout);
    println!("{told}");
    ensure!(
        output.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );

    // And the comparison must be able to fail.
    let mut wrong = runs;
    let cell = wrong[0]
        .pointer_mut("/cells/bands/0/z/77")
        .context("cell 77")?;
    *cell = json!(cell.as_f64().context("a number")? + 1e-5);
    std::fs::write(file.path(), serde_json::to_vec(&wrong)?)?;
    let output = Command::new(python(root)?)
        .arg(&script)
        .arg(file.path())
        .output()?;
    ensure!(
        !output.status.success(),
        "a z-score off by 1e-5 went unnoticed"
    );
    let bands = wrong[0]
        .pointer_mut("/cells/bands/1/p")
        .context("probabilities")?;
    let likely = bands.as_array_mut().context("a list")?.iter_mut();
    let one = likely
        .filter(|p| p.as_f64().is_some_and(|p| (0.05..0.2).contains(&p)))
        .nth(3)
        .context("a probability of some size")?;
    *one = json!(one.as_f64().context("a number")? * 1.4);
    let cell = wrong[0]
        .pointer_mut("/cells/bands/0/z/77")
        .context("cell 77")?;
    *cell = json!(cell.as_f64().context("a number")? - 1e-5);
    std::fs::write(file.path(), serde_json::to_vec(&wrong)?)?;
    let output = Command::new(python(root)?)
        .arg(&script)
        .arg(file.path())
        .output()?;
    ensure!(
        !output.status.success(),
        "a probability that is wrong by two fifths went unnoticed"
    );
    Ok(())
}
