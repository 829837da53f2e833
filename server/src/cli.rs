use chengtu_server::accounts::cli::UserArgs;
use chengtu_server::demo::{DemoArgs, RhythmArgs};
use chengtu_server::drill::DrillArgs;
use chengtu_server::export::ExportArgs;
use chengtu_server::import::ImportArgs;
use chengtu_server::log::cli::{
    AnchorArgs, AuditArgs, ClockArgs, CompactArgs, KeyArgs, LogArgs, MendTimeArgs, VerifyArgs,
};
use chengtu_server::play::{PlayArgs, RecordArgs};
use chengtu_server::say::{self, Lang};
use chengtu_server::serve::{DigestArgs, ServeArgs};
use clap::{Parser, Subcommand};

/// 城图 Chengtu: one live map of a running city.
#[derive(Parser, Debug)]
#[command(name = "chengtu-server", version, about)]
pub struct Cli {
    /// Language of messages and reports; that of the environment (LANG) unless given.
    #[arg(long, global = true, value_enum)]
    lang: Option<Lang>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make a city pack, or a log of old cases.
    Import(ImportArgs),
    /// Write a stretch of the log for other programs, or as one incident file.
    Export(Box<ExportArgs>),
    /// Serve one city, live.
    Serve(ServeArgs),
    /// Print the last record and the digest of a data directory that no server is using.
    Digest(DigestArgs),
    /// Print what a log says, in words; also while a server writes it.
    Log(LogArgs),
    /// Hold a log against its checksums, its order and its chain, over all its days.
    Verify(VerifyArgs),
    /// Print the head of a log, to be kept elsewhere as proof of what it holds.
    Anchor(AnchorArgs),
    /// Print the public half of the server's key, which signs its anchors.
    Key(KeyArgs),
    /// Print who came and went, was refused, looked at what is masked, took data out, and what a person did.
    Audit(AuditArgs),
    /// Say that this machine's clock is right after all, to a server that does not follow it.
    Clock(ClockArgs),
    /// Copy a log whose time ran ahead of the true time, with its times put right.
    MendTime(MendTimeArgs),
    /// Make a log small that no server is using.
    Compact(CompactArgs),
    /// Play a recording, or synthetic traffic, into a running server.
    Play(Box<PlayArgs>),
    /// Turn a recording into the compact format.
    Record(RecordArgs),
    /// Simulated input for demonstrations: crews, cases, sensors, and the recorded traffic.
    Demo(DemoArgs),
    /// Drills: check a scenario, run one without people, make and compare reports.
    Drill(DrillArgs),
    /// Reduce real records to the small tables that the demo follows.
    Rhythm(RhythmArgs),
    /// Accounts: who may log in, with which password or secret, as what; also while a server runs.
    User(Box<UserArgs>),
}

impl Cli {
    /// Does what the command line says.
    ///
    /// # Errors
    /// What went wrong, in words for the person at the command line.
    pub fn run(self) -> anyhow::Result<()> {
        say::choose(self.lang);
        match self.command {
            Command::Import(args) => args.run(),
            Command::Export(args) => Ok(args.run()?),
            Command::Serve(args) => asynchronous(async { Ok(args.run().await?) }),
            Command::Digest(args) => Ok(args.run()?),
            Command::Log(args) => args.run(),
            Command::Verify(args) => args.run(),
            Command::Anchor(args) => args.run(),
            Command::Key(args) => args.run(),
            Command::Audit(args) => args.run(),
            Command::Clock(args) => args.run(),
            Command::MendTime(args) => args.run(),
            Command::Compact(args) => args.run(),
            Command::Play(args) => asynchronous(args.run()),
            Command::Record(args) => args.run(),
            Command::Demo(args) => asynchronous(args.run()),
            Command::Drill(args) => args.run(),
            Command::Rhythm(args) => args.run(),
            Command::User(args) => args.run(),
        }
    }
}

/// The library of WebSockets would say every message as it came, the token of a hello among them.
const WITHOUT_MESSAGES: [&str; 2] = ["tungstenite=info", "tungstenite::protocol=info"];

/// Runs until `work` is done, with messages about the connection on standard error.
fn asynchronous(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let filter = WITHOUT_MESSAGES
        .iter()
        .filter_map(|quiet| quiet.parse().ok())
        .fold(filter, tracing_subscriber::EnvFilter::add_directive);
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(work)
}
