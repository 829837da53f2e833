use super::{
    BadRows, FeedClient, KindShares, Pace, Played, Recording, RecordingError, ServerAddress,
    Streets, Timeline, drive, play,
};
use crate::encoding;
use crate::feeds::formats::{FormatOptions, parse_columns};
use crate::pack::CityConfig;
use crate::times::{TimeFormat, TimeReader};
use anyhow::{Context, bail};
use chengtu_engine::geo::GeoBox;
use chengtu_engine::roads::RoadGraph;
use chengtu_trust::Fingerprint;
use std::path::{Path, PathBuf};

/// How columns, times and speeds of a recording are meant.
#[derive(Clone, Debug, clap::Args)]
pub struct TableArgs {
    /// Columns of a CSV file by field, e.g. "key=plate,lon=x,lat=y,time=t,speed=v,bearing=dir"
    #[arg(long, value_name = "FIELD=COLUMN,…", default_value = "")]
    pub map: String,
    /// Character between columns of a CSV file; \t for a tab
    #[arg(long, default_value = ",")]
    pub delimiter: String,
    /// How times are written: auto, s, ms, us, excel (days), roc (years of the Republic of China), or a pattern like
    /// "%Y-%m-%d %H:%M:%S"
    #[arg(long, default_value = "auto")]
    pub time_format: String,
    /// Zone of times that name none
    #[arg(long, default_value = "UTC", value_name = "ZONE")]
    pub time_zone: String,
    /// Unit of speeds in a CSV file
    #[arg(long, default_value = "mps", value_parser = ["mps", "kmh", "knots"])]
    pub speed_unit: String,
    /// Encoding of a CSV file, e.g. windows-1252; UTF-8, UTF-16, GBK and Big5 are known by themselves
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
}

impl Default for TableArgs {
    fn default() -> Self {
        Self {
            map: String::new(),
            delimiter: ",".to_owned(),
            time_format: "auto".to_owned(),
            time_zone: "UTC".to_owned(),
            speed_unit: "mps".to_owned(),
            encoding: None,
        }
    }
}

impl TableArgs {
    /// The recording in a file, read as these options say.
    ///
    /// # Errors
    /// [`RecordingError`] naming the option or the file.
    pub fn recording(&self, path: &Path) -> Result<Recording, RecordingError> {
        let delimiter = match self.delimiter.as_str() {
            "\\t" | "\t" => b'\t',
            one if one.len() == 1 => one.as_bytes()[0],
            other => {
                let text = format!("--delimiter {other:?}: write one character, or \\t for a tab");
                return Err(RecordingError::Option(text));
            }
        };
        let format = TimeFormat::parse(&self.time_format)
            .map_err(|e| RecordingError::Option(format!("--time-format {e}")))?;
        let encoding = self.encoding.as_deref().map(encoding::named);
        let options = FormatOptions {
            encoding: encoding.transpose().map_err(RecordingError::Option)?,
            columns: parse_columns(&self.map).map_err(|detail| RecordingError::Map {
                given: self.map.clone(),
                detail,
            })?,
            delimiter,
            speed_factor: match self.speed_unit.as_str() {
                "kmh" => 1.0 / 3.6,
                "knots" => 1_852.0 / 3_600.0,
                _ => 1.0,
            },
            ..FormatOptions::default()
        };
        let times = TimeReader::new(format, &self.time_zone)?;
        Recording::new(path, options, times)
    }
}

/// Plays a recording, or synthetic traffic, into a running server.
#[derive(Clone, Debug, clap::Args)]
pub struct PlayArgs {
    /// Recording: SUMO .fcd.xml, .csv, .ndjson (each also with .gz), or a compact .ctr
    #[arg(required_unless_present = "synthetic", conflicts_with = "synthetic")]
    pub file: Option<PathBuf>,
    /// Instead of a recording: so many vehicles driven over the roads of --city, one report a second each
    #[arg(long, value_name = "N", requires = "city")]
    pub synthetic: Option<usize>,
    /// City pack whose roads synthetic vehicles drive on
    #[arg(long, value_name = "DIR")]
    pub city: Option<PathBuf>,
    /// The server
    #[arg(long, default_value = "http://127.0.0.1:7300", value_name = "URL")]
    pub to: String,
    /// SHA-256 fingerprint of the certificate that the server at an https:// address must show
    #[arg(long, value_name = "SHA256")]
    pub pin: Option<Fingerprint>,
    /// The feed to send as
    #[arg(long, default_value = "traffic")]
    pub feed: String,
    /// The feed's secret; not needed where the server lets this machine in
    #[arg(long, default_value = "")]
    pub token: String,
    /// Seconds of the recording in a second
    #[arg(long, default_value_t = 1.0, value_name = "K")]
    pub speed: f64,
    /// Begin again at the end, for ever
    #[arg(long = "loop")]
    pub repeat: bool,
    /// With --loop: each pass begins so many seconds of the recording before the last one ends
    #[arg(long, default_value_t = 0.0, value_name = "SECONDS")]
    pub overlap: f64,
    /// End after so many seconds
    #[arg(long, default_value_t = 0.0, value_name = "SECONDS")]
    pub seconds: f64,
    /// Kinds of vehicles that do not say what they are, in parts of a hundred by a hash of their key
    #[arg(long, default_value = "", value_name = "KIND=SHARE,…")]
    pub kinds: String,
    /// Give up when more rows than this, in a hundred, are bad
    #[arg(long, default_value_t = 20.0, value_name = "PERCENT")]
    pub bad_max: f64,
    /// Seed of synthetic traffic
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How columns, times and speeds are meant.
    #[command(flatten)]
    pub table: TableArgs,
}

impl PlayArgs {
    /// Plays until the end, or until Ctrl-C.
    ///
    /// # Errors
    /// What cannot be read, and what the server refuses.
    pub async fn run(self) -> anyhow::Result<()> {
        if !(self.speed.is_finite() && self.speed > 0.0) {
            bail!("--speed {}: write a number above 0", self.speed);
        }
        let server = ServerAddress::new(&self.to, self.pin)?;
        let feed = FeedClient::new(&server, &self.feed, &self.token)?;
        let kinds = KindShares::parse(&self.kinds)?;
        tokio::select! {
            ended = self.play(&feed, &kinds) => ended,
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    }

    async fn play(&self, feed: &FeedClient, kinds: &KindShares) -> anyhow::Result<()> {
        if let (Some(count), Some(city)) = (self.synthetic, &self.city) {
            let streets = read_streets(city)?;
            if streets.is_empty() {
                bail!("{}: no roads to drive on", city.display());
            }
            println!(
                "{count} synthetic vehicles on the roads of {}, one report a second each → {}",
                city.display(),
                self.to
            );
            let (accepted, rejected) =
                drive(&streets, feed, count, self.seed, kinds, self.seconds).await?;
            println!("{accepted} positions taken, {rejected} refused");
            if accepted == 0 {
                bail!("the server took not one position");
            }
            return Ok(());
        }
        let file = self.file.as_deref().unwrap_or(Path::new(""));
        let recording = self.table.recording(file)?;
        let pace = Pace {
            speed: self.speed,
            repeat: self.repeat,
            overlap_s: self.overlap,
            seconds_max: self.seconds,
        };
        println!(
            "{} → {} as {}, {} × real time",
            file.display(),
            self.to,
            self.feed,
            self.speed
        );
        if let Some(provenance) = recording.provenance()? {
            println!("{provenance}");
        }
        let metres = recording.in_metres()?;
        if let Some(told) = &metres {
            println!("{told}");
        }
        let (reader, bad_max) = (recording.clone(), self.bad_max);
        let timeline = tokio::task::spawn_blocking(move || Timeline::of(&reader, bad_max));
        let timeline = timeline
            .await
            .context("reading the recording broke off")??;
        let played = play(&timeline, feed, kinds, &pace).await?;
        report(&played);
        let all_outside = played.outside > 0 && played.outside == played.accepted;
        match metres {
            Some(metres) if all_outside => Err(metres.into()),
            _ if played.accepted == 0 => Err(RecordingError::NothingTaken {
                path: file.to_owned(),
                sent: played.rejected,
                reasons: played.refused.to_string(),
            }
            .into()),
            _ => Ok(()),
        }
    }
}

/// Tells a person what was played, and what was not.
fn report(played: &Played) {
    println!(
        "{} positions taken, {} refused",
        played.accepted, played.rejected
    );
    if played.outside > 0 {
        println!(
            "{} of those taken ({:.0} %) lie outside the city: where most do, axes may be swapped, numbers metres, or it is another city's recording",
            played.outside,
            played.outside as f64 * 100.0 / played.accepted as f64
        );
    }
    if !played.refused.is_empty() {
        println!("  refused: {}", played.refused);
    }
    for problem in &played.problems {
        println!("  refused: {problem}");
    }
    report_bad(&played.bad, |words| println!("{words}"));
}

/// Tells a person what of a recording could not be used.
pub(crate) fn report_bad(bad: &BadRows, say: impl Fn(&dyn std::fmt::Display)) {
    if bad.count > 0 {
        say(&format_args!(
            "{} of {} rows could not be used: {}",
            bad.count, bad.rows, bad.reasons
        ));
        for row in &bad.first {
            say(&format_args!("  {row}"));
        }
    }
    if let Some(cut) = &bad.cut_off {
        say(&format_args!(
            "the recording {cut}; everything before that was used"
        ));
    }
    for (words, rows) in bad.told.lines() {
        say(&format_args!("{words} ({rows})"));
    }
}

/// The roads of a city pack alone, as far as they lie within the city's bounds.
fn read_streets(city: &Path) -> anyhow::Result<Streets> {
    let read = |name: &str| {
        let path = city.join(name);
        let bytes = std::fs::read(&path).with_context(|| {
            format!(
                "{}: cannot be read; --city takes a city pack, e.g. data/nanjing",
                path.display()
            )
        })?;
        anyhow::Ok((path, bytes))
    };
    let (path, bytes) = read(crate::pack::ROADS_FILE)?;
    let graph = RoadGraph::decode(&bytes).with_context(|| path.display().to_string())?;
    let (path, bytes) = read(crate::pack::CITY_FILE)?;
    let bounds = CityConfig::parse(&path, &bytes)?.bounds.geo_box();
    Ok(Streets::new(&graph, bounds.unwrap_or(GeoBox::EARTH)))
}
