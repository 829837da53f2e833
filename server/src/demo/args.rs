use super::Chance;
use super::casebook::CaseBook;
use super::cases::{self, CaseGenerator, Rhythm};
use super::console::{self, ConsoleOptions};
use super::crews;
use super::land::CityLand;
use super::sensors::{self, AirCurves};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::pack::Pack;
use crate::play::{FeedClient, KindShares, Pace, ServerAddress, TableArgs, Timeline, play};
use anyhow::{Context, bail};
use chengtu_engine::city::Language;
use chengtu_engine::roads::RoadGraph;
use chengtu_engine::sim::{Arrivals, CitySize, Land, Load, Scales, StreetPlaces, words};
use chengtu_trust::Fingerprint;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Simulated input for demonstrations: crews, cases, sensors, and the recorded traffic.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoArgs {
    /// What to run
    #[command(subcommand)]
    pub part: DemoPart,
}

/// Parts of the demo.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum DemoPart {
    /// Everything: the recorded traffic in a loop, crews, cases, sensors
    All(DemoOptions),
    /// Crews that answer a dispatch, a checker who closes what they handled, a colleague who dispatches
    Crews(DemoOptions),
    /// Cases in a real hotline's rhythm
    Cases(DemoOptions),
    /// Bins, manholes, water levels, air
    Sensors(DemoOptions),
}

/// How the demo runs.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoOptions {
    /// City pack
    #[arg(long, value_name = "DIR")]
    pub city: PathBuf,
    /// The server
    #[arg(long, default_value = "http://127.0.0.1:7300", value_name = "URL")]
    pub to: String,
    /// SHA-256 fingerprint of the certificate that the server at an https:// address must show
    #[arg(long, value_name = "SHA256")]
    pub pin: Option<Fingerprint>,
    /// The server's configuration, for the secrets in it; not needed where it lets this machine in
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Recording of traffic for `all`; without it the pack's traffic.ctr where there is one
    #[arg(long, value_name = "FILE")]
    pub traffic: Option<PathBuf>,
    /// Everything that is random follows from this
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Crews' and the console's working times are multiplied by this
    #[arg(long, default_value_t = 0.2)]
    pub work_scale: f64,
    /// Crews drive this many times as fast as they would
    #[arg(long, default_value_t = 1.0)]
    pub drive_scale: f64,
    /// So many times as many cases as in the hotline's city [default: by the city's units]
    #[arg(long, value_name = "TIMES")]
    pub case_rate: Option<f64>,
    /// Open cases to begin with, and about as many later [default: by the city's units]
    #[arg(long, value_name = "CASES")]
    pub backlog: Option<usize>,
    /// How many sensors [default: by the city's units]
    #[arg(long, value_name = "SENSORS")]
    pub sensors: Option<usize>,
    /// Nobody but you dispatches
    #[arg(long)]
    pub no_officer: bool,
    /// Nobody checks what was handled
    #[arg(long)]
    pub no_checker: bool,
}

impl DemoArgs {
    /// Runs until Ctrl-C.
    ///
    /// # Errors
    /// A pack or recording that cannot be read, and what the server refuses.
    pub async fn run(self) -> anyhow::Result<()> {
        let (options, parts) = match &self.part {
            DemoPart::All(o) => (o, [true; 4]),
            DemoPart::Crews(o) => (o, [true, false, false, false]),
            DemoPart::Cases(o) => (o, [false, true, false, false]),
            DemoPart::Sensors(o) => (o, [false, false, true, false]),
        };
        let demo = Demo::open(options.clone()).await?;
        tokio::select! {
            ended = demo.run(parts) => ended,
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    }
}

/// The first event with many reports comes soon enough for somebody who watches the demo.
const FIRST_INCIDENT_S: (f64, f64) = (90.0, 240.0);

struct Demo {
    options: DemoOptions,
    server: ServerAddress,
    config: Config,
    pack: Pack,
    graph: Arc<RoadGraph>,
    land: Arc<CityLand>,
    /// What a city of so many units deals with.
    load: Load,
}

impl Demo {
    async fn open(options: DemoOptions) -> anyhow::Result<Self> {
        for (name, value) in [
            ("--work-scale", options.work_scale),
            ("--drive-scale", options.drive_scale),
            ("--case-rate", options.case_rate.unwrap_or(1.0)),
        ] {
            if !(value.is_finite() && value > 0.0) {
                bail!("{name} {value}: write a number above 0");
            }
        }
        let config = match &options.config {
            Some(path) => Config::read(path)?,
            None => Config::default(),
        };
        let server = ServerAddress::new(&options.to, options.pin)?;
        server.meet().await?;
        let pack = Pack::open(&options.city)?;
        let land = Arc::new(CityLand::of(&pack).await);
        Ok(Self {
            load: Load::of(pack.city.units()),
            graph: Arc::clone(&pack.roads),
            options,
            server,
            config,
            pack,
            land,
        })
    }

    fn language(&self) -> Language {
        self.pack.city.language()
    }

    /// About so many cases are open at any time.
    fn open_cases(&self) -> usize {
        self.options
            .backlog
            .unwrap_or(self.load.open_cases as usize)
    }

    /// Runs crews, cases, sensors, traffic: those that are wanted.
    async fn run(self, parts: [bool; 4]) -> anyhow::Result<()> {
        let mut running = tokio::task::JoinSet::new();
        let [with_crews, with_cases, with_sensors, with_traffic] = parts;
        if with_crews {
            self.start_crews(&mut running);
        }
        if with_cases {
            self.start_cases(&mut running)?;
        }
        if with_sensors {
            self.start_sensors(&mut running)?;
        }
        if with_traffic {
            self.start_traffic(&mut running)?;
        }
        while let Some(ended) = running.join_next().await {
            ended.context("a part of the demo broke off")??;
        }
        Ok(())
    }

    fn feed_token(&self, feed: &str) -> String {
        let known = self.config.feeds.iter().find(|f| f.name == feed);
        known.map_or_else(String::new, |f| f.token.clone())
    }

    fn feed_client(&self, feed: &str) -> anyhow::Result<FeedClient> {
        Ok(FeedClient::new(&self.server, feed, &self.feed_token(feed))?)
    }

    /// The secret of a person at a console: its own where the server knows it, else the name it is let in by.
    fn person_token(&self, name: &str) -> String {
        let users = &self.config.users;
        let known = users.iter().find(|u| u.name == name);
        known.map_or_else(|| format!("operator:{name}"), |u| u.token.clone())
    }

    fn terminal_token(&self, call_sign: &str) -> String {
        let users = &self.config.users;
        if let Some(own) = users.iter().find(|u| u.unit == call_sign) {
            return own.token.clone();
        }
        let shared = users.iter().find(|u| u.unit == "*");
        shared.map_or_else(
            || format!("unit:{call_sign}"),
            |u| format!("{}/{call_sign}", u.token),
        )
    }

    fn start_crews(&self, running: &mut tokio::task::JoinSet<anyhow::Result<()>>) {
        let o = &self.options;
        let scales = Scales {
            work: o.work_scale,
            drive: o.drive_scale,
        };
        let token_of = |call_sign: &str| self.terminal_token(call_sign);
        let city = &self.pack.city;
        let terminals = crews::terminals(city, &self.graph, &self.server, scales, o.seed, token_of);
        tracing::info!("{} crews", terminals.len());
        let book = CaseBook::default();
        let console = ConsoleOptions {
            server: self.server.clone(),
            checker_token: self.person_token(words::checker(self.language())),
            officer_token: self.person_token(words::officer(self.language())),
            pass_percent: 93.0,
            work_scale: o.work_scale,
            open_cases: self.open_cases(),
            seed: o.seed,
        };
        running.spawn({
            let (graph, book) = (Arc::clone(&self.graph), book.clone());
            async move {
                crews::run_all(terminals, graph, book).await;
                Ok(())
            }
        });
        if !o.no_checker {
            let console = console.clone();
            running.spawn(async move {
                console::check(console, book).await;
                Ok(())
            });
        }
        if !o.no_officer {
            running.spawn(async move {
                console::dispatch(console).await;
                Ok(())
            });
        }
    }

    fn places(&self) -> anyhow::Result<StreetPlaces> {
        let mut chance = Chance::of(self.options.seed, "places");
        let bounds = self.pack.rules().bounds;
        let size = CitySize::of(&self.graph, bounds);
        let (graph, land) = (
            Arc::clone(&self.graph),
            Arc::clone(&self.land) as Arc<dyn Land>,
        );
        let places = StreetPlaces::new(graph, land, self.language(), size, &mut chance);
        if places.is_empty() {
            bail!(
                "{}: no road has a name; cases and sensors have no place to be",
                self.options.city.display()
            );
        }
        Ok(places)
    }

    fn zone(&self) -> anyhow::Result<jiff::tz::TimeZone> {
        Ok(jiff::tz::TimeZone::get(&self.pack.city.time_zone)?)
    }

    fn start_cases(
        &self,
        running: &mut tokio::task::JoinSet<anyhow::Result<()>>,
    ) -> anyhow::Result<()> {
        let o = &self.options;
        let rules = Arc::new(self.pack.rules());
        let arrivals = Arrivals::new(
            Rhythm::shipped()?.rates(&rules, o.case_rate.unwrap_or(self.load.case_rate)),
            Arc::clone(&rules),
            Arc::new(self.places()?),
            o.seed,
            SystemClock.now(),
            Some(FIRST_INCIDENT_S),
        );
        let generator = CaseGenerator::new(arrivals, rules);
        let feed = self.feed_client("hotline")?;
        let token = self.person_token(words::officer(self.language()));
        let (server, backlog) = (self.server.clone(), self.open_cases());
        running.spawn(async move {
            cases::run(generator, &feed, &server, &token, backlog).await?;
            Ok(())
        });
        Ok(())
    }

    fn start_sensors(
        &self,
        running: &mut tokio::task::JoinSet<anyhow::Result<()>>,
    ) -> anyhow::Result<()> {
        let air = AirCurves::shipped()?;
        let count = self.options.sensors.unwrap_or(self.load.sensors as usize);
        let sensors = sensors::spread(&self.places()?, &self.land, count, self.options.seed);
        let (feed, zone) = (self.feed_client("sensors")?, self.zone()?);
        running.spawn(async move {
            sensors::run(sensors, &air, &zone, &feed).await?;
            Ok(())
        });
        Ok(())
    }

    fn start_traffic(
        &self,
        running: &mut tokio::task::JoinSet<anyhow::Result<()>>,
    ) -> anyhow::Result<()> {
        let o = &self.options;
        let shipped = o.city.join("traffic.ctr");
        let file = match &o.traffic {
            Some(file) => file.clone(),
            None if shipped.exists() => shipped,
            None => {
                tracing::warn!(
                    "{} has no traffic.ctr: no traffic is played",
                    o.city.display()
                );
                return Ok(());
            }
        };
        let recording = TableArgs::default().recording(&file)?;
        if let Some(provenance) = recording.provenance()? {
            tracing::info!("{}: {provenance}", name(&file));
        }
        let timeline = Timeline::of(&recording, 20.0)?;
        let span = timeline.span.unwrap_or((0, 0));
        // The recording begins with empty streets: passes overlap by half, so that they never are.
        let pace = Pace {
            speed: 1.0,
            repeat: true,
            overlap_s: (span.1 - span.0) as f64 / 2e6,
            seconds_max: 0.0,
        };
        let feed = self.feed_client("traffic")?;
        let kinds = KindShares::parse("taxi=55,bus=15,van=30")?;
        running.spawn(async move {
            play(&timeline, &feed, &kinds, &pace).await?;
            Ok(())
        });
        Ok(())
    }
}

fn name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned())
}
