//! A city whose names are English: nothing that the importer, the demo, the server or a drill says of it is Chinese.

#[path = "english/made.rs"]
mod made;

use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::drill::{DirectorAct, GhostOf, Seat};
use chengtu_engine::geo::Viewport;
use chengtu_engine::ids::{CaseId, CommandId, UnitId};
use chengtu_engine::record::World;
use chengtu_engine::stream::{ClientMessage, Layer, WorldChoice};
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{Encoding, encode_client};
use chengtu_server::demo::{DemoArgs, DemoOptions, DemoPart};
use chengtu_server::drill::{DrillLog, Ground, compared, play, practised, report};
use chengtu_server::export::{Area, ExportOptions, Format, Stretch, export};
use chengtu_server::pack::Pack;
use chengtu_tests::support::{JsonClient, Server, now};
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

fn chinese(c: char) -> bool {
    ('\u{3000}'..='\u{9fff}').contains(&c) || ('\u{ff00}'..='\u{ffef}').contains(&c)
}

/// Complains of the first Chinese character, with what stands around it.
fn english(what: &str, text: &str) -> Result<()> {
    let Some(at) = text.find(chinese) else {
        return Ok(());
    };
    let around: String = text[..at]
        .chars()
        .rev()
        .take(80)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    let after: String = text[at..].chars().take(40).collect();
    bail!("{what}: …{around}{after}…")
}

/// Somebody who reads all that is on the wire.
struct Reader {
    client: JsonClient,
    heard: usize,
    kinds: std::collections::BTreeSet<String>,
}

impl Reader {
    async fn connect(server: &Server, token: &str) -> Result<Self> {
        let client = JsonClient::connect(server.address).await?;
        let mut reader = Self {
            client,
            heard: 0,
            kinds: std::collections::BTreeSet::new(),
        };
        let hello = ClientMessage::Hello {
            token: token.to_owned(),
            client: "test".to_owned(),
            resume: None,
        };
        reader.say(&hello).await?;
        reader.hear("hello").await?;
        Ok(reader)
    }

    async fn say(&mut self, message: &ClientMessage) -> Result<()> {
        let bytes = encode_client(Encoding::Json, message);
        self.client.say(std::str::from_utf8(&bytes)?).await
    }

    async fn next(&mut self) -> Result<Value> {
        match self.client.next().await? {
            Ok(message) => {
                english("on the wire", &message.to_string())?;
                self.heard += 1;
                let keys = message.as_object().into_iter().flatten();
                self.kinds.extend(keys.map(|(key, _)| key.clone()));
                Ok(message)
            }
            Err(ended) => bail!("closed: {ended:?}"),
        }
    }

    /// Reads until a message of a kind comes; all before it are looked at too.
    async fn hear(&mut self, kind: &str) -> Result<Value> {
        let begin = Instant::now();
        loop {
            let message = self.next().await?;
            if let Some(found) = message.get(kind) {
                return Ok(found.clone());
            }
            ensure!(
                begin.elapsed() < Duration::from_mins(1),
                "no {kind}; heard {:?}",
                self.kinds
            );
        }
    }

    async fn listen(&mut self, how_long: Duration) -> Result<()> {
        let end = tokio::time::Instant::now() + how_long;
        while let Ok(heard) = tokio::time::timeout_at(end, self.next()).await {
            heard?;
        }
        Ok(())
    }

    async fn subscribe(&mut self) -> Result<()> {
        let viewport = Some(Viewport {
            west: -0.2,
            south: 51.4,
            east: -0.1,
            north: 51.6,
            zoom: 14.0,
        });
        self.say(&ClientMessage::Subscribe {
            viewport,
            layers: vec![Layer::Movers, Layer::Units, Layer::Cases, Layer::Sensors],
            rate_hz: 5.0,
        })
        .await
    }

    /// Everything that can be refused is asked for.
    async fn is_refused(&mut self) -> Result<()> {
        let (case, unit) = (CaseId(999_999), UnitId(999));
        let commands = [
            CommandRequest::CheckCase { case, passed: true },
            CommandRequest::VoidCase {
                case,
                reason: "none".to_owned(),
            },
            CommandRequest::RecallUnit { unit },
            CommandRequest::DispatchUnit {
                unit: UnitId(0),
                target: Target::Place(9.0, 9.0),
                expected_s: None,
            },
            CommandRequest::AcknowledgeAssignment { unit: UnitId(0) },
        ];
        for (i, command) in commands.into_iter().enumerate() {
            let id = CommandId(i as u64, 1);
            self.say(&ClientMessage::Command { id, command }).await?;
        }
        self.say(&ClientMessage::StartDrill {
            scenario: "none".to_owned(),
            at: None,
        })
        .await?;
        let choice = WorldChoice::Join {
            world: World::Drill(99),
            seat: Seat::Participant,
        };
        self.say(&ClientMessage::Enter { choice }).await?;
        self.say(&ClientMessage::RankUnits { request: 1, case })
            .await?;
        self.say(&ClientMessage::Ghost {
            of: Some(GhostOf::Real),
        })
        .await?;
        let before = self.heard;
        self.listen(Duration::from_secs(2)).await?;
        ensure!(
            self.heard > before + 5,
            "nothing was refused: {:?}",
            self.kinds
        );
        Ok(())
    }
}

fn options(server: &Server, city: &Path) -> DemoOptions {
    DemoOptions {
        city: city.to_owned(),
        to: server.http(""),
        pin: None,
        config: None,
        traffic: None,
        seed: 1,
        work_scale: 0.01,
        drive_scale: 20.0,
        case_rate: Some(300.0),
        backlog: None,
        sensors: None,
        no_officer: false,
        no_checker: false,
    }
}

#[test]
fn the_importer_says_nothing_chinese_of_a_city_that_is_not() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let (pack, told) = made::pack(dir.path())?;
    english("the importer's report", &told)?;
    for entry in std::fs::read_dir(&pack)? {
        let path = entry?.path();
        if let Ok(text) = std::fs::read_to_string(&path) {
            english(&path.display().to_string(), &text)?;
        }
    }
    let opened = Pack::open(&pack)?;
    ensure!(opened.city.language == "en" && opened.city.units() >= 5);
    Ok(())
}

#[test]
fn a_city_of_another_language_keeps_its_names_among_english_words() -> Result<()> {
    for (town, street) in [
        ("Köln", "Straße"),
        ("Helsinki", "katu"),
        ("القاهرة", "شارع"),
    ] {
        let dir = tempfile::tempdir()?;
        let names: Vec<String> = (0..14).map(|i| format!("{street} {i}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (pack, told) = made::imported(dir.path(), town, &names)?;
        english("the importer's report", &told)?;
        let city = Pack::open(&pack)?.city;
        ensure!((city.name.as_str(), city.language.as_str()) == (town, "en"));
        let depot = &city.depots.first().context("a depot")?.name;
        ensure!(depot.contains(street) && depot.contains("depot"), "{depot}");
    }
    Ok(())
}

#[test]
fn a_chinese_citys_pack_stays_chinese() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let names: Vec<String> = (0..14).map(|i| format!("人民路{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let file = dir.path().join("town.osm");
    // The same town in Nanjing.
    let text = made::osm("测试市", &names)
        .replace("lon=\"-0.1", "lon=\"118.1")
        .replace("lat=\"51.", "lat=\"32.");
    std::fs::write(&file, text)?;
    let out = dir.path().join("pack");
    let (options, quiet) = (
        chengtu_server::import::OsmOptions::default(),
        chengtu_server::import::Progress::hidden(),
    );
    chengtu_server::import::import_osm(&file, &out, &options, &quiet)?;
    let pack = Pack::open(&out)?;
    ensure!(pack.city.language == "zh");
    let own = |texts: Vec<&str>| texts.iter().all(|t| t.chars().any(chinese));
    ensure!(own(pack
        .city
        .fleets
        .iter()
        .map(|f| f.call_sign.as_str())
        .collect()));
    ensure!(own(pack
        .city
        .depots
        .iter()
        .map(|d| d.name.as_str())
        .collect()));
    ensure!(own(pack
        .classes
        .classes
        .iter()
        .map(|c| c.name.as_str())
        .collect()));
    Ok(())
}

/// A drill from its beginning to its report.
async fn drills(server: &Server) -> Result<Reader> {
    let mut director = Reader::connect(server, "operator:Anna").await?;
    director.subscribe().await?;
    director
        .say(&ClientMessage::StartDrill {
            scenario: "main".to_owned(),
            at: None,
        })
        .await?;
    director.hear("drill").await?;
    director.subscribe().await?;
    for act in [DirectorAct::Speed(600.0), DirectorAct::Start] {
        director.say(&ClientMessage::Direct { act }).await?;
    }
    director.listen(Duration::from_secs(6)).await?;
    director
        .say(&ClientMessage::Ghost {
            of: Some(GhostOf::Attempt(1)),
        })
        .await?;
    director
        .say(&ClientMessage::Direct {
            act: DirectorAct::End,
        })
        .await?;
    director.listen(Duration::from_secs(2)).await?;
    let page = reqwest::get(server.http("/v1/drills/1/report"))
        .await?
        .text()
        .await?;
    ensure!(page.contains("Right department") && page.contains("Burst main"));
    english("the report", &page)?;
    Ok(director)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_on_the_wire_of_an_english_city_is_chinese() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let (pack, _) = made::pack(dir.path())?;
    std::fs::create_dir(pack.join("drills"))?;
    std::fs::write(pack.join("drills/main.toml"), made::DRILL)?;
    let data = dir.path().join("data");
    let notice = "notice = \"单元：模拟\"\nnotice_en = \"Units: simulated\"";
    let server = Server::of_city(&pack, &data, notice).await?;
    let demo = tokio::spawn(
        DemoArgs {
            part: DemoPart::All(options(&server, &pack)),
        }
        .run(),
    );
    // Whoever gives no name is called by a word of the city's language.
    let mut officer = Reader::connect(&server, "").await?;
    officer.subscribe().await?;
    officer.hear("snapshot").await?;
    officer.listen(Duration::from_secs(15)).await?;
    ensure!(officer.heard > 40, "{}", officer.heard);
    officer.say(&ClientMessage::Worlds).await?;
    let worlds = officer.hear("worlds").await?;
    ensure!(worlds.to_string().contains("Burst main"), "{worlds}");
    officer.is_refused().await?;
    let metrics = server.metrics().await?;
    let of_cases = |l: &&str| l.starts_with("chengtu_rows_total{feed=\"hotline\"");
    let counted: Vec<&str> = metrics.lines().filter(of_cases).collect();
    ensure!(
        counted.iter().any(|l| l.contains("accepted")),
        "{counted:?}"
    );
    ensure!(
        !counted.iter().any(|l| l.contains("rejected")),
        "{counted:?}"
    );

    // A fork of the last minute.
    let at = Timestamp(now().0 - 3_000_000);
    officer
        .say(&ClientMessage::Fork {
            request: 5,
            at,
            interventions: vec![],
            ahead_s: 60,
        })
        .await?;
    officer.listen(Duration::from_secs(4)).await?;

    let director = drills(&server).await?;
    for path in [
        "/healthz",
        "/v1/pack/city.toml",
        "/v1/pack/case_classes.csv",
    ] {
        let text = reqwest::get(server.http(path)).await?.text().await?;
        english(path, &text)?;
    }
    println!(
        "{} + {} messages: {:?} {:?}",
        officer.heard, director.heard, officer.kinds, director.kinds
    );
    demo.abort();
    server.stop().await?;
    exported(&data, &dir.path().join("exported"))
}

/// Everything that can be exported of the last minutes, in every format.
fn exported(data: &Path, out: &Path) -> Result<()> {
    std::fs::create_dir(out)?;
    let until = Timestamp(now().0 + 1_000_000);
    let formats = [
        (Format::Csv, "csv"),
        (Format::Geojson, "all.geojson"),
        (Format::Gpx, "all.gpx"),
        (Format::Czml, "all.czml"),
        (Format::Parquet, "parquet"),
    ];
    for (format, name) in formats {
        let options = ExportOptions {
            data: data.to_owned(),
            stretch: Stretch {
                from: Timestamp(until.0 - 600_000_000),
                to: until,
            },
            area: Area::All,
            format,
            table: None,
            names: true,
            out: out.join(name),
            replace: false,
            inputs: Vec::new(),
        };
        let report = export(&options)?;
        ensure!(
            report.cases > 0 && report.fixes > 0 && report.dispatches > 0,
            "{name}: {report:?}"
        );
        english(name, &report.to_string())?;
    }
    let mut texts = 0;
    for folder in [out.to_owned(), out.join("csv"), out.join("parquet")] {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_file() {
                let text = written(&path)?;
                ensure!(text.len() > 40, "{} is empty", path.display());
                english(&path.display().to_string(), &text)?;
                texts += 1;
            }
        }
    }
    ensure!(texts > 15, "{texts} files");
    Ok(())
}

/// What a file says, whatever its bytes.
fn written(path: &Path) -> Result<String> {
    if path.extension().is_none_or(|e| e != "parquet") {
        return Ok(std::fs::read_to_string(path)?);
    }
    let reader = SerializedFileReader::new(std::fs::File::open(path)?)?;
    let mut text = format!("{:?}", reader.metadata().file_metadata());
    for row in reader.get_row_iter(None)? {
        text.push_str(&row?.to_string());
    }
    Ok(text)
}

#[test]
fn a_drills_evidence_and_reports_in_an_english_city_are_english() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let (city, _) = made::pack(dir.path())?;
    std::fs::create_dir(city.join("drills"))?;
    std::fs::write(city.join("drills/main.toml"), made::DRILL)?;
    let ground = Ground::new(&Pack::open(&city)?);
    let mut logs = Vec::new();
    for n in 1..=2 {
        let folder = dir.path().join(n.to_string());
        let played = play(
            &ground,
            ground.scenario("main")?,
            &mut practised(&ground.names),
            Some(&folder),
        )?;
        english("the score", &format!("{:?}", played.score))?;
        english("the log", &format!("{:?}", played.entries))?;
        ensure!(played.score.rows.iter().any(|r| !r.evidence.is_empty()));
        logs.push(DrillLog::read(&folder)?.entries);
    }
    let page = report(1, &logs[0], &ground).context("a report")?;
    english("the report", &page)?;
    let both = compared((1, &logs[0]), (2, &logs[1])).context("a comparison")?;
    english("the comparison", &both)?;
    Ok(())
}
