use super::areas::{AreaNames, Spread};
use super::columns::{Field, Mapping};
use super::times::{Repeated, Skipped};
use super::{CasesError, CasesOptions, Language, import_cases};
use crate::clock::{Clock, SystemClock};
use crate::encoding;
use crate::say;
use crate::times::TimeFormat;
use std::path::PathBuf;

/// `import cases FILE… --map … --data DIR`.
#[derive(clap::Args, Clone, Debug)]
pub struct CasesArgs {
    /// Tables of old cases: CSV with a header, also gzipped.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Which column is what: key, opened, closed, class, severity, lon, lat, area, address, note; opened,
    /// closed, address and note may join columns with +
    #[arg(long, value_name = "FIELD=COLUMN,…")]
    map: String,
    /// Character between columns.
    #[arg(long, default_value = ",", value_name = "CHARACTER")]
    delimiter: char,
    /// Encoding of the tables, e.g. gbk, big5, windows-1252; UTF-8, UTF-16, GBK and Big5 are known by themselves.
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Data directory to write; made where it is not there.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// City pack that the cases belong to.
    #[arg(long, value_name = "DIR", required_unless_present = "make_city")]
    city: Option<PathBuf>,
    /// Make a city pack of the areas instead: borders and names, no streets.
    #[arg(long, value_name = "DIR", requires = "areas", conflicts_with = "city")]
    make_city: Option<PathBuf>,
    /// Name of the city that is made; 历史记录 or Records unless given.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Its name in English; the same, unless given, where the city's language is English.
    #[arg(long, value_name = "NAME")]
    name_en: Option<String>,
    /// Language of the city that is made; that of its areas' names unless given.
    #[arg(long, value_enum)]
    language: Option<Language>,
    /// Whom the borders are from; the layer's file name unless given.
    #[arg(long, value_name = "TEXT")]
    attribution: Option<String>,
    /// Zone of local times.
    #[arg(long, value_name = "ZONE")]
    time_zone: String,
    /// How times are written: auto, s, ms, us, excel (days), roc (years of the Republic of China), or a pattern like
    /// "%Y-%m-%d %H:%M:%S".
    #[arg(long, default_value = "auto", value_name = "FORMAT")]
    time_format: String,
    /// A local time that was twice, when clocks were put back.
    #[arg(long, value_enum, default_value_t)]
    repeated: Repeated,
    /// A local time that never was, when clocks were put forward.
    #[arg(long, value_enum, default_value_t)]
    skipped: Skipped,
    /// Reference system of lon and lat: wgs84, cgcs2000, gcj02, bd09, EPSG:nnnn, ESRI:nnnn or a PROJ string.
    #[arg(long, default_value = "wgs84", value_name = "CRS")]
    crs: String,
    /// Layer of areas (GeoJSON) to place cases in by code.
    #[arg(long, value_name = "GEOJSON", requires = "area_code")]
    areas: Option<PathBuf>,
    /// Property of the layer that holds the code.
    #[arg(long, value_name = "PROPERTY")]
    area_code: Option<String>,
    /// Column that holds the code; the same as area= in --map.
    #[arg(long, value_name = "COLUMN")]
    area_column: Option<String>,
    /// Property that holds the area's name.
    #[arg(long, value_name = "PROPERTY")]
    area_name: Option<String>,
    /// Property that holds the area's name in English.
    #[arg(long, value_name = "PROPERTY")]
    area_name_en: Option<String>,
    /// Property that holds the name of what it belongs to, e.g. its district.
    #[arg(long, value_name = "PROPERTY")]
    area_group: Option<String>,
    /// What such an area is called, for the notice on the map.
    #[arg(long, value_name = "WORD,ENGLISH", default_value = "片区,area")]
    area_called: String,
    /// Where in its area a case is put.
    #[arg(long, value_enum, default_value_t)]
    area_place: Spread,
    /// What the data's classes mean (TOML: [[class]] value, code, name, name_en).
    #[arg(long, value_name = "TOML")]
    classes: Option<PathBuf>,
    /// A case without a closing time ends so long after its opening, e.g. 90m, 24h, 7d.
    #[arg(long, value_name = "TIME", default_value = "24h")]
    ends_after: String,
    /// Where rows that cannot be used are written, with line and reason.
    #[arg(long, value_name = "CSV")]
    errors: Option<PathBuf>,
    /// Name of the source: rows of one source are known again by their key.
    #[arg(long, value_name = "NAME", default_value = "import")]
    source: String,
}

/// Seconds of `90m`, `24h`, `7d`.
fn seconds(text: &str) -> Option<i64> {
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let n: i64 = digits.parse().ok()?;
    n.checked_mul(factor).filter(|s| *s > 0)
}

impl CasesArgs {
    fn options(&self) -> Result<CasesOptions, CasesError> {
        let asked = CasesError::Asked;
        let mut mapping = Mapping::parse(&self.map).map_err(asked)?;
        if let Some(column) = &self.area_column {
            mapping.set(Field::Area, column.clone()).map_err(asked)?;
        }
        let (called, called_en) = self
            .area_called
            .split_once(',')
            .unwrap_or((&self.area_called, "area"));
        let ends_after_s = seconds(&self.ends_after).ok_or_else(|| {
            asked(format!(
                "--ends-after {:?}: write a number and s, m, h or d, e.g. 24h",
                self.ends_after
            ))
        })?;
        let delimiter = u8::try_from(self.delimiter).map_err(|_| {
            asked(format!(
                "--delimiter {:?}: one byte is expected",
                self.delimiter
            ))
        })?;
        let encoding = self.encoding.as_deref().map(encoding::named);
        let layer = self.areas.clone().map(|path| {
            let names = AreaNames {
                code: self.area_code.clone().unwrap_or_default(),
                name: self.area_name.clone(),
                name_en: self.area_name_en.clone(),
                group: self.area_group.clone(),
            };
            (path, names)
        });
        Ok(CasesOptions {
            files: self.files.clone(),
            mapping,
            delimiter,
            encoding: encoding.transpose().map_err(asked)?,
            data: self.data.clone(),
            city: self.city.clone(),
            make_city: self.make_city.clone(),
            name: self.name.clone(),
            name_en: self.name_en.clone(),
            language: self.language,
            attribution: self.attribution.clone(),
            time_zone: self.time_zone.clone(),
            time_format: TimeFormat::parse(&self.time_format).map_err(asked)?,
            repeated: self.repeated,
            skipped: self.skipped,
            crs: self.crs.parse()?,
            layer,
            area_called: (called.trim().to_owned(), called_en.trim().to_owned()),
            spread: self.area_place,
            classes: self.classes.clone(),
            ends_after_s,
            errors: self.errors.clone(),
            source: self.source.clone(),
            now: SystemClock.now(),
        })
    }

    /// Imports and prints what was done.
    ///
    /// # Errors
    /// [`CasesError`].
    pub fn run(&self) -> Result<(), CasesError> {
        println!("{}", say::words(&import_cases(&self.options()?)?));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time_are_read() {
        for (text, expected) in [
            ("24h", Some(86_400)),
            ("90m", Some(5_400)),
            ("7d", Some(604_800)),
            ("0h", None),
            ("h", None),
            ("24", None),
            ("1w", None),
            ("99999999999999999d", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
