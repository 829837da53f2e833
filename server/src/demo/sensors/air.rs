//! Air as it was measured: mean and spread of PM2.5 by month and hour.

use std::fmt::Write;
use std::io::BufRead;
use std::path::{Path, PathBuf};

/// Mean and standard deviation of PM2.5, µg/m³, by month (0 is January) and hour.
#[derive(Clone, Debug, PartialEq)]
pub struct AirCurves(Vec<[(f64, f64); 24]>);

/// Why a table of air cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}, line {line}: {detail}", path.display())]
pub struct AirError {
    /// Path of the curves.
    pub path: PathBuf,
    /// Line of the file, from 1; 0 for the table as a whole.
    pub line: u64,
    /// What is wrong and what is expected.
    pub detail: String,
}

impl AirCurves {
    /// The table that ships: Beijing, 2013-03 to 2017-02.
    ///
    /// # Errors
    /// [`AirError`] if the file was damaged before the build.
    pub fn shipped() -> Result<Self, AirError> {
        let text = include_str!("../../../../data/rhythm/beijing_air.csv");
        Self::parse(Path::new("data/rhythm/beijing_air.csv"), text)
    }

    /// Reads a table: header `month,hour,pm25_mean,pm25_sd`, then 288 rows.
    ///
    /// # Errors
    /// [`AirError`].
    pub fn parse(path: &Path, text: &str) -> Result<Self, AirError> {
        let error = |line: usize, detail: &str| AirError {
            path: path.to_owned(),
            line: line as u64,
            detail: detail.to_owned(),
        };
        let mut curves = vec![[(-1.0, 0.0); 24]; 12];
        let lines = text.lines().enumerate().map(|(i, l)| (i + 1, l));
        for (line, text) in lines.filter(|(_, l)| !l.starts_with('#') && !l.starts_with("month")) {
            let numbers: Vec<f64> = text.split(',').filter_map(|n| n.parse().ok()).collect();
            let [month, hour, mean, sd] = numbers[..] else {
                return Err(error(line, "month, hour, mean and deviation are expected"));
            };
            let known = (1.0..=12.0).contains(&month) && (0.0..24.0).contains(&hour);
            if !known || mean.is_nan() || mean < 0.0 || sd.is_nan() || sd < 0.0 {
                return Err(error(
                    line,
                    "month 1 … 12, hour 0 … 23 and numbers from 0 on are expected",
                ));
            }
            curves[month as usize - 1][hour as usize] = (mean, sd);
        }
        if curves.iter().flatten().any(|(mean, _)| *mean < 0.0) {
            return Err(error(0, "every hour of every month is expected"));
        }
        Ok(Self(curves))
    }

    /// Mean and deviation at a month (1 … 12) and an hour with its fraction.
    pub fn at(&self, month: usize, hour: f64) -> (f64, f64) {
        let day = &self.0[(month.clamp(1, 12)) - 1];
        let first = hour.rem_euclid(24.0).floor();
        let part = hour.rem_euclid(24.0) - first;
        let (a, b) = (day[first as usize % 24], day[(first as usize + 1) % 24]);
        let mix = |x: f64, y: f64| x + (y - x) * part;
        (mix(a.0, b.0), mix(a.1, b.1))
    }

    /// Mean and deviation by month and hour.
    pub fn table(&self) -> Vec<Vec<(f64, f64)>> {
        self.0.iter().map(|day| day.to_vec()).collect()
    }

    /// The table as text, with what it is above it.
    pub fn to_csv(&self, remarks: &str) -> String {
        let mut text = String::new();
        for line in remarks.lines() {
            let _ = writeln!(text, "# {line}");
        }
        text.push_str("month,hour,pm25_mean,pm25_sd\n");
        for (month, day) in self.0.iter().enumerate() {
            for (hour, (mean, sd)) in day.iter().enumerate() {
                let _ = writeln!(text, "{},{hour},{mean:.1},{sd:.1}", month + 1);
            }
        }
        text
    }
}

/// Reduces hourly measurements (`datetime` local, `pm25`) of any number of stations.
///
/// # Errors
/// [`AirError`] naming the line; empty values are passed over.
pub fn reduce(path: &Path, input: impl BufRead) -> Result<(AirCurves, u64), AirError> {
    let error = |line: u64, detail: String| AirError {
        path: path.to_owned(),
        line,
        detail,
    };
    let mut reader = csv::Reader::from_reader(input);
    let header = reader
        .headers()
        .map_err(|e| error(1, e.to_string()))?
        .clone();
    let column = |name: &str| {
        let at = header.iter().position(|h| h == name);
        at.ok_or_else(|| error(1, format!("no column {name:?}")))
    };
    let (time, pm25) = (column("datetime")?, column("pm25")?);
    let mut sums = vec![[(0.0f64, 0.0f64, 0.0f64); 24]; 12];
    let mut used = 0;
    for record in reader.records() {
        let record = record
            .map_err(|e| error(e.position().map_or(0, csv::Position::line), e.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let text = record.get(time).unwrap_or("");
        let local: jiff::civil::DateTime = text
            .parse()
            .map_err(|_| error(line, format!("datetime {text:?} is no local time")))?;
        let Some(value) = record.get(pm25).and_then(|v| v.parse::<f64>().ok()) else {
            continue;
        };
        if !value.is_finite() {
            continue;
        }
        used += 1;
        let sum = &mut sums[local.month() as usize - 1][local.hour() as usize];
        *sum = (sum.0 + 1.0, sum.1 + value, sum.2 + value * value);
    }
    let curve = |(n, sum, squares): (f64, f64, f64)| {
        let mean = sum / n.max(1.0);
        (mean, (squares / n.max(1.0) - mean * mean).max(0.0).sqrt())
    };
    let curves = sums.into_iter().map(|day| day.map(curve)).collect();
    Ok((AirCurves(curves), used))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measurements_become_means_and_spreads() {
        let text = "station,datetime,pm25\na,2013-03-01T00:00,4.0\nb,2013-03-02T00:00,8.0\na,2013-03-01T01:00,\n";
        let (curves, used) = reduce(Path::new("t"), text.as_bytes()).unwrap();
        assert_eq!(used, 2);
        assert_eq!(curves.at(3, 0.0), (6.0, 2.0));
        let again = AirCurves::parse(Path::new("t"), &curves.to_csv("x")).unwrap();
        assert_eq!(again.at(3, 0.0), (6.0, 2.0));
        assert!(
            AirCurves::parse(Path::new("t"), "month,hour,pm25_mean,pm25_sd\n1,0,3,1\n").is_err()
        );
        assert!(reduce(Path::new("t"), "datetime,pm25\nsoon,1\n".as_bytes()).is_err());
    }

    #[test]
    fn the_shipped_air_is_worst_on_winter_nights() {
        let air = AirCurves::shipped().unwrap();
        let night = air.at(12, 22.0).0;
        assert!(night > air.at(12, 15.0).0 * 1.2 && night > air.at(8, 15.0).0 * 1.2);
    }
}
