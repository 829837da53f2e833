//! Borders alone as a city: for a feed of a place of which there is no map but a layer of areas.

use super::Language;
use super::areas::{AreaNames, Areas};
use super::pack::{self, CityWords, DEPARTMENT};
use crate::import::{duties, zone};
use crate::out::OutArgs;
use crate::pack::{ClassTable, Pack};
use crate::say;
use chengtu_engine::geo::Position;
use std::path::{Path, PathBuf};

/// `import areas LAYER --out DIR`.
#[derive(clap::Args, Clone, Debug)]
pub struct BordersArgs {
    /// Layer of areas (GeoJSON).
    layer: PathBuf,
    /// Folder of the city pack.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// What to do with a pack that is there.
    #[command(flatten)]
    out_args: OutArgs,
    /// Property of the layer that holds each area's code.
    #[arg(long, value_name = "PROPERTY")]
    area_code: String,
    /// Property that holds the area's name.
    #[arg(long, value_name = "PROPERTY")]
    area_name: Option<String>,
    /// Property that holds the area's name in English.
    #[arg(long, value_name = "PROPERTY")]
    area_name_en: Option<String>,
    /// Property that holds the name of what it belongs to, e.g. its district.
    #[arg(long, value_name = "PROPERTY")]
    area_group: Option<String>,
    /// The city's name; the layer's file name unless given.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Its name in English; the same unless given.
    #[arg(long, value_name = "NAME")]
    name_en: Option<String>,
    /// Its language; that of its areas' names unless given.
    #[arg(long, value_enum)]
    language: Option<Language>,
    /// IANA time zone; found by the borders of zones unless given.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Whom the borders are from; the layer's file name unless given.
    #[arg(long, value_name = "TEXT")]
    attribution: Option<String>,
}

impl BordersArgs {
    /// Makes the pack and says what is in it.
    ///
    /// # Errors
    /// [`super::CasesError`] of the layer, [`crate::import::ImportError`] of the pack.
    pub fn run(&self) -> anyhow::Result<()> {
        let areas = self.areas()?;
        let pack = self.make(&areas)?;
        let city = &pack.city;
        let mut told = vec![
            format!("city        {} ({})", city.name, city.name_en),
            format!("time zone   {}", city.time_zone),
            format!("districts   {}", city.districts.len()),
            format!("grid        {} cells", pack.grid.cells.len()),
        ];
        for (names, what) in [
            (areas.without_code(), "without a code"),
            (areas.without_ground, "without a geometry, left out"),
            (areas.unreadable, "that cannot be read, left out"),
        ] {
            if !names.is_empty() {
                told.push(format!(
                    "areas       {} {what}: {}",
                    names.len(),
                    names.join(", ")
                ));
            }
        }
        println!("{}", say::words(&told.join("\n")));
        Ok(())
    }

    fn areas(&self) -> anyhow::Result<Areas> {
        let names = AreaNames {
            code: self.area_code.clone(),
            name: self.area_name.clone(),
            name_en: self.area_name_en.clone(),
            group: self.area_group.clone(),
        };
        Ok(Areas::read(&self.layer, &names)?)
    }

    fn make(&self, areas: &Areas) -> anyhow::Result<Pack> {
        let classes = classes(self.language.unwrap_or_else(|| areas.language()))?;
        Ok(pack::make(
            (&self.out, self.out_args.replace),
            areas,
            &classes,
            &self.words(areas),
        )?)
    }

    fn words(&self, areas: &Areas) -> CityWords {
        let file = |end: fn(&Path) -> Option<&std::ffi::OsStr>| {
            end(&self.layer).map_or_else(String::new, |n| n.to_string_lossy().into_owned())
        };
        let layer = file(Path::file_name);
        let name = self.name.clone().unwrap_or_else(|| file(Path::file_stem));
        let language = self.language.unwrap_or_else(|| areas.language());
        let bounds = areas.bounds();
        let middle = Position::new(
            i32::midpoint(bounds.min.lon_e7, bounds.max.lon_e7),
            i32::midpoint(bounds.min.lat_e7, bounds.max.lat_e7),
        );
        CityWords {
            name_en: self.name_en.clone().unwrap_or_else(|| name.clone()),
            name,
            language,
            time_zone: self
                .time_zone
                .clone()
                .unwrap_or_else(|| zone::of(middle, language == Language::Zh).0),
            attribution: self.attribution.clone().unwrap_or_else(|| layer.clone()),
            notice: match language {
                Language::Zh => "只有边界，没有街道".into(),
                Language::En => "borders only, no streets".into(),
            },
            notice_en: "borders only, no streets".into(),
            provenance: format!(
                "# Where this city pack comes from\n\n\
                 Made by `chengtu-server import areas`.\n\n\
                 | file | made from |\n|---|---|\n\
                 | `basemap.pmtiles`, `places.json`, `grid.geojson` | borders and names of the layer `{layer}`; codes of grid cells are regular blocks, not the city's own |\n\
                 | `case_classes.csv` | facts of a municipal opening-and-closing standard{standard} |\n\
                 | `roads.bin` | empty: there are no streets in the layer |\n\
                 | `city.toml` | the command line |\n",
                standard = match language {
                    Language::Zh => " (立结案标准)",
                    Language::En => "",
                }
            ),
        }
    }
}

/// The shipped standard, for the one department of such a city.
fn classes(language: Language) -> anyhow::Result<ClassTable> {
    let mut table = ClassTable::read_standard(
        Path::new("case_classes.csv"),
        duties::STANDARD.as_bytes(),
        duties::decide,
    )?;
    for class in &mut table.classes {
        DEPARTMENT.clone_into(&mut class.department);
        class.skill.clear();
    }
    Ok(match language {
        Language::Zh => table,
        Language::En => table.in_english(duties::group_in_english),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_alone_make_a_city_that_opens() {
        let dir = tempfile::tempdir().unwrap();
        let layer = dir.path().join("wards.geojson");
        let area = |code: u32, name: &str, west: f64| {
            let (w, e, s, n) = (west, west + 0.01, 12.97, 12.98);
            format!(
                "{{\"type\":\"Feature\",\"properties\":{{\"id\":{code},\"n\":\"{name}\",\"zone\":\"East\"}},\
                 \"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[[[{w},{s}],[{e},{s}],[{e},{n}],[{w},{n}],[{w},{s}]]]}}}}"
            )
        };
        let text = format!(
            "{{\"type\":\"FeatureCollection\",\"features\":[{},{}]}}",
            area(1, "Ulsoor", 77.6),
            area(2, "Indiranagar", 77.61)
        );
        std::fs::write(&layer, text).unwrap();
        let args = BordersArgs {
            layer,
            out: dir.path().join("pack"),
            out_args: OutArgs::default(),
            area_code: "id".into(),
            area_name: Some("n".into()),
            area_name_en: None,
            area_group: Some("zone".into()),
            name: Some("Bengaluru".into()),
            name_en: None,
            language: None,
            time_zone: None,
            attribution: None,
        };
        let pack = args.make(&args.areas().unwrap()).unwrap();
        let city = &pack.city;
        assert_eq!(
            (
                city.name.as_str(),
                city.language.as_str(),
                city.time_zone.as_str()
            ),
            ("Bengaluru", "en", "Asia/Kolkata")
        );
        assert_eq!(city.districts.len(), 1);
        assert_eq!(pack.classes.classes.len(), 190);
        assert!(pack.places.iter().any(|p| p.name == "Indiranagar"));
        pack.rules().check().unwrap();
    }

    #[test]
    fn borders_that_end_where_degrees_end_make_a_city_too() {
        let dir = tempfile::tempdir().unwrap();
        let layer = dir.path().join("islands.geojson");
        let ring = "[[-180,-16.8],[-179.97,-16.8],[-179.97,-16.78],[-180,-16.78],[-180,-16.8]]";
        let text = format!(
            "{{\"type\":\"FeatureCollection\",\"features\":[{{\"type\":\"Feature\",\"properties\":{{\"id\":1}},\
             \"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[{ring}]}}}}]}}"
        );
        std::fs::write(&layer, text).unwrap();
        let args = BordersArgs {
            layer,
            out: dir.path().join("pack"),
            out_args: OutArgs::default(),
            area_code: "id".into(),
            area_name: None,
            area_name_en: None,
            area_group: None,
            name: Some("Taveuni".into()),
            name_en: None,
            language: None,
            time_zone: None,
            attribution: None,
        };
        let pack = args.make(&args.areas().unwrap()).unwrap();
        assert!(pack.grid.cells.len() > 300);
        assert_eq!(pack.city.bounds.west, -180.0);
    }
}
