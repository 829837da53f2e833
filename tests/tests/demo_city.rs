//! The demo as a whole: a real server, crews as terminals of their own, recordings through the public door.

use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::geo::{LonLat, distance_m};
use chengtu_engine::ids::{CaseId, ClassId, UnitId};
use chengtu_engine::model::{Actor, Stage, UnitStatus};
use chengtu_engine::stream::{CaseView, ClientMessage, Mirror, ServerMessage};
use chengtu_server::demo::{DemoArgs, DemoOptions, DemoPart};
use chengtu_server::play::{
    FeedClient, KindShares, Pace, ServerAddress, TableArgs, Timeline, play,
};
use chengtu_tests::program::nanjing;
use chengtu_tests::support::{Client, Server};
use std::path::Path;
use std::time::{Duration, Instant};

fn options(server: &Server) -> DemoOptions {
    DemoOptions {
        city: nanjing(),
        to: server.http(""),
        pin: None,
        config: None,
        traffic: None,
        seed: 1,
        work_scale: 0.01,
        drive_scale: 20.0,
        case_rate: Some(1.0),
        backlog: Some(0),
        sensors: Some(0),
        no_officer: true,
        no_checker: false,
    }
}

/// A duty officer at a console with its mirror.
struct Officer {
    client: Client,
    mirror: Mirror,
}

impl Officer {
    async fn sits_down(server: &Server) -> Result<Self> {
        let mut client = Client::connect(server.address, "operator:周岚").await?;
        let mut mirror = Mirror::new();
        mirror.apply(&ServerMessage::Hello(Box::new(client.hello.clone())))?;
        client.subscribe().await?;
        let mut officer = Self { client, mirror };
        officer.until("the first picture", Mirror::is_ready).await?;
        Ok(officer)
    }

    async fn hears(&mut self) -> Result<ServerMessage> {
        let message = tokio::time::timeout(Duration::from_secs(20), self.client.next())
            .await
            .context("the server has gone quiet")??;
        self.mirror.apply(&message)?;
        Ok(message)
    }

    /// Watches the map until it shows something.
    async fn until(&mut self, what: &str, shown: impl Fn(&Mirror) -> bool) -> Result<()> {
        let begin = Instant::now();
        while !shown(&self.mirror) {
            ensure!(
                begin.elapsed() < Duration::from_secs(90),
                "{what} was never shown"
            );
            self.hears().await?;
        }
        Ok(())
    }

    async fn gives(&mut self, id: u64, command: CommandRequest) -> Result<Option<CaseId>> {
        let id = chengtu_engine::ids::CommandId(id, 1);
        let request = ClientMessage::Command { id, command };
        self.client.say(&request).await?;
        loop {
            match self.hears().await? {
                ServerMessage::Accepted(a) if a.id == id => return Ok(a.case),
                ServerMessage::Rejected(r) if r.id == id => bail!("refused: {}", r.text),
                _ => {}
            }
        }
    }

    async fn reports(&mut self, id: u64, lon: f64, lat: f64) -> Result<CaseId> {
        let report = CommandRequest::ReportCase {
            class: ClassId(0),
            severity: None,
            lon,
            lat,
            address: String::new(),
            note: "试报".to_owned(),
        };
        self.gives(id, report).await?.context("a case was made")
    }

    /// Asks who could go and sends the first that can.
    async fn sends_best(&mut self, id: u64, case: CaseId) -> Result<UnitId> {
        self.client
            .say(&ClientMessage::RankUnits { request: 1, case })
            .await?;
        let rows = loop {
            if let ServerMessage::Ranking { rows, .. } = self.hears().await? {
                break rows;
            }
        };
        let free = |r: &&chengtu_engine::rank::ArrivalRow| {
            r.status == UnitStatus::Available && r.seconds.is_some()
        };
        let best = rows.iter().find(free).context("somebody is free")?;
        let dispatch = CommandRequest::DispatchUnit {
            unit: best.unit,
            target: Target::Case(case),
            expected_s: best.seconds.map(|s| s as u32),
        };
        let unit = best.unit;
        self.gives(id, dispatch).await?;
        Ok(unit)
    }

    fn case(&self, case: CaseId) -> Result<&CaseView> {
        self.mirror.cases.get(&case).context("the case is known")
    }
}

fn begin(part: DemoPart) -> tokio::task::JoinHandle<Result<()>> {
    tokio::spawn(DemoArgs { part }.run())
}

async fn everybody_reports(officer: &mut Officer) -> Result<()> {
    officer
        .until("a position of every unit", |m| {
            m.units.len() == 100 && m.units.keys().all(|u| m.mover_of_unit(*u).is_some())
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispatch_is_answered_by_the_city_up_to_the_closing() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let server = Server::on(dir.path(), "").await?;
    let demo = begin(DemoPart::Crews(options(&server)));
    let mut officer = Officer::sits_down(&server).await?;
    everybody_reports(&mut officer).await?;
    let case = officer.reports(1, 118.785, 32.043).await?;
    let unit = officer.sends_best(2, case).await?;
    let mut seen = Vec::new();
    let started = Instant::now();
    let mut arrived_at_m = None;
    while officer.case(case)?.stage != Stage::Closed {
        ensure!(started.elapsed() < Duration::from_secs(90), "{seen:?}");
        officer.hears().await?;
        let status = officer.mirror.units.get(&unit).context("the unit")?.status;
        if seen.last() != Some(&status) {
            seen.push(status);
            if status == UnitStatus::OnScene {
                let c = officer.case(case)?;
                let place = LonLat::new(c.lon, c.lat).position()?;
                let mover = officer.mirror.mover_of_unit(unit).context("its position")?;
                arrived_at_m = Some(distance_m(mover.position, place));
            }
        }
    }
    let wanted = [
        UnitStatus::Assigned,
        UnitStatus::EnRoute,
        UnitStatus::OnScene,
        UnitStatus::Available,
    ];
    ensure!(seen == wanted, "{seen:?}");
    // A report behind: positions and stages travel by different messages.
    ensure!(arrived_at_m.is_some_and(|m| m < 400.0), "{arrived_at_m:?}");
    let history = &officer.case(case)?.history;
    let told: Vec<(Stage, bool)> = history
        .iter()
        .map(|h| (h.stage, h.by == Actor::Unit(unit)))
        .collect();
    ensure!(
        told == [
            (Stage::Reported, false),
            (Stage::Filed, false),
            (Stage::Dispatched, false),
            (Stage::InProgress, true),
            (Stage::Handled, true),
            (Stage::Closed, false),
        ],
        "{told:?}"
    );
    let closed_by = history.last().map(|h| h.by.clone());
    ensure!(
        closed_by == Some(Actor::Operator("核查员".to_owned())),
        "{closed_by:?}"
    );
    let history = history.clone();
    demo.abort();
    drop(officer);
    server.stop().await?;
    // What the log holds is what was seen.
    let server = Server::on(dir.path(), "").await?;
    let officer = Officer::sits_down(&server).await?;
    ensure!(officer.case(case)?.history == history);
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recalled_crew_goes_back_on_its_round_and_can_be_sent_again() -> Result<()> {
    let server = Server::start("").await?;
    let mut slow = options(&server);
    slow.drive_scale = 2.0;
    let demo = begin(DemoPart::Crews(slow));
    let mut officer = Officer::sits_down(&server).await?;
    everybody_reports(&mut officer).await?;
    let case = officer.reports(1, 118.785, 32.043).await?;
    let unit = officer.sends_best(2, case).await?;
    let status = |m: &Mirror| m.units.get(&unit).map(|u| u.status);
    officer
        .until("the acknowledgement", |m| {
            status(m) == Some(UnitStatus::EnRoute)
        })
        .await?;
    officer
        .gives(3, CommandRequest::RecallUnit { unit })
        .await?;
    officer
        .until("the recall", |m| {
            status(m) == Some(UnitStatus::Available)
                && m.cases.get(&case).is_some_and(|c| c.stage == Stage::Filed)
        })
        .await?;
    let target = Target::Place(118.78, 32.045);
    let again = CommandRequest::DispatchUnit {
        unit,
        target,
        expected_s: None,
    };
    officer.gives(4, again).await?;
    officer
        .until("the second arrival", |m| {
            status(m) == Some(UnitStatus::OnScene)
        })
        .await?;
    demo.abort();
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn crews_come_back_when_the_server_does() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let server = Server::on(dir.path(), "").await?;
    // A relay with an address of its own, so that the server behind it can be another one.
    let relay = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let (target, targets) = tokio::sync::watch::channel(server.address);
    let mut o = options(&server);
    o.to = format!("http://{}", relay.local_addr()?);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = relay.accept().await {
            let address = *targets.borrow();
            tokio::spawn(async move {
                if let Ok(mut server) = tokio::net::TcpStream::connect(address).await {
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                }
            });
        }
    });
    let demo = begin(DemoPart::Crews(o));
    let mut officer = Officer::sits_down(&server).await?;
    everybody_reports(&mut officer).await?;
    drop(officer);
    server.stop().await?;
    let server = Server::on(dir.path(), "").await?;
    target.send(server.address)?;
    let mut officer = Officer::sits_down(&server).await?;
    let restarted = officer.mirror.time;
    officer
        .until("fresh positions of most units", |m| {
            let fresh = m
                .units
                .keys()
                .filter(|u| m.mover_of_unit(**u).is_some_and(|v| v.fix_time > restarted));
            fresh.count() > 90
        })
        .await?;
    demo.abort();
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_that_one_looks_into_has_a_backlog_and_sensors_with_their_last_hour() -> Result<()> {
    let server = Server::start("").await?;
    let mut o = options(&server);
    (o.backlog, o.sensors) = (Some(60), Some(40));
    let demos = [
        begin(DemoPart::Cases(o.clone())),
        begin(DemoPart::Sensors(o.clone())),
    ];
    let mut officer = Officer::sits_down(&server).await?;
    officer
        .until("backlog and sensors", |m| {
            let told = m.sensors.values().filter(|s| s.hour.len() > 50).count();
            m.cases.len() >= 60 && m.sensors.len() == 40 && told > 25
        })
        .await?;
    officer
        .until("something overdue", |m| m.cases.values().any(|c| c.overdue))
        .await?;
    let now = officer.mirror.time;
    let aged = officer.mirror.cases.values().filter(|c| {
        c.filed_at.is_some_and(|t| now.seconds_since(t) > 600.0) && !c.address.is_empty()
    });
    ensure!(aged.count() > 40);
    // Begun again, it takes what is open for its backlog.
    let before = officer.mirror.cases.len();
    demos.iter().for_each(tokio::task::JoinHandle::abort);
    let again = begin(DemoPart::Cases(o));
    tokio::time::sleep(Duration::from_secs(3)).await;
    officer
        .gives(
            9,
            CommandRequest::ReportCase {
                class: ClassId(0),
                severity: None,
                lon: 118.785,
                lat: 32.043,
                address: String::new(),
                note: String::new(),
            },
        )
        .await?;
    ensure!(officer.mirror.cases.len() <= before + 5);
    again.abort();
    server.stop().await
}

const FCD: &str = "<fcd-export>
<timestep time=\"0.00\"><vehicle id=\"a\" x=\"118.78\" y=\"32.04\" angle=\"90\" speed=\"10\"/></timestep>
<timestep time=\"1.00\"><vehicle id=\"a\" x=\"118.7801\" y=\"32.04\" angle=\"90\" speed=\"10\"/>
<vehicle id=\"b\" x=\"118.79\" y=\"north\" angle=\"90\" speed=\"10\"/>
<vehicle id=\"c\" x=\"118.79\" y=\"32.05\" angle=\"0\" speed=\"5\" type=\"bus\"/></timestep>
</fcd-export>";

fn pace(repeat: bool, seconds_max: f64) -> Pace {
    Pace {
        speed: 1.0,
        repeat,
        overlap_s: 0.0,
        seconds_max,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_of_every_format_go_through_the_public_door() -> Result<()> {
    let token = "[[feeds]]\nname = 'traffic'\ntoken = 'secret'";
    let server = Server::start(token).await?;
    let dir = tempfile::tempdir()?;
    let write = |name: &str, text: &str| -> Result<std::path::PathBuf> {
        let path = dir.path().join(name);
        std::fs::write(&path, text)?;
        Ok(path)
    };
    let feed = FeedClient::new(
        &ServerAddress::new(&server.http(""), None)?,
        "traffic",
        "secret",
    )?;
    let kinds = KindShares::default();
    let timeline = |path: &Path| -> Result<Timeline> {
        let recording = TableArgs::default().recording(path)?;
        Ok(Timeline::of(&recording, 50.0)?)
    };
    let files = [
        (write("x.fcd.xml", FCD)?, 3, 1),
        (
            write(
                "x.csv",
                "key,lon,lat,time\nd,118.78,32.04,5\ne,118.78,32.04,x\n",
            )?,
            1,
            1,
        ),
        (
            write(
                "x.ndjson",
                "{\"key\":\"f\",\"lon\":118.78,\"lat\":32.04,\"time\":1}\n{}\n",
            )?,
            1,
            1,
        ),
    ];
    for (path, accepted, bad) in &files {
        let played = play(&timeline(path)?, &feed, &kinds, &pace(false, 0.0)).await?;
        ensure!(
            (played.accepted, played.bad.count) == (*accepted, *bad),
            "{played:?}"
        );
    }
    let cut = write("cut.fcd.xml", &FCD[..FCD.len() - 60])?;
    let played = play(&timeline(&cut)?, &feed, &kinds, &pace(false, 0.0)).await?;
    ensure!(
        played.bad.cut_off.is_some() && played.accepted >= 1,
        "{played:?}"
    );
    // Metres of a network's own plane: nothing is taken, and what SUMO must write is said.
    let metres = FCD.replace("x=\"118.", "x=\"4118.");
    ensure!(metres != FCD);
    let metres = write("net.fcd.xml", &metres)?;
    let refused = play(&timeline(&metres)?, &feed, &kinds, &pace(false, 0.0)).await;
    let text = refused.err().context("metres are refused")?.to_string();
    ensure!(text.contains("--fcd-output.geo"), "{text}");
    let wrong = FeedClient::new(
        &ServerAddress::new(&server.http(""), None)?,
        "traffic",
        "guess",
    )?;
    let refused = play(&timeline(&files[0].0)?, &wrong, &kinds, &pace(false, 0.0)).await;
    let text = refused
        .err()
        .context("a wrong token is refused")?
        .to_string();
    ensure!(text.contains("401"), "{text}");
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loop_gives_its_vehicles_other_names_from_a_small_stock() -> Result<()> {
    let server = Server::start("").await?;
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("x.fcd.xml");
    std::fs::write(&path, FCD)?;
    let timeline = Timeline::of(&TableArgs::default().recording(&path)?, 50.0)?;
    let feed = FeedClient::new(&ServerAddress::new(&server.http(""), None)?, "traffic", "")?;
    let mut fast = pace(true, 3.0);
    fast.speed = 4.0;
    let played = play(&timeline, &feed, &KindShares::default(), &fast).await?;
    ensure!(played.passes >= 5 && played.rejected == 0, "{played:?}");
    // Two vehicles with a usable position, two generations; the units are in the list with them.
    let officer = Officer::sits_down(&server).await?;
    let expected = officer.mirror.units.len() + 4;
    // The figure is brought up to date every now and then; it must never be above.
    let mut movers = 0;
    for _ in 0..100 {
        let metrics = server.metrics().await?;
        let figure = metrics
            .lines()
            .find_map(|l| l.strip_prefix("chengtu_movers "))
            .context("the number of movers")?;
        movers = figure.trim().parse::<usize>()?;
        if movers >= expected {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    ensure!(movers == expected, "{movers} instead of {expected}");
    server.stop().await
}
