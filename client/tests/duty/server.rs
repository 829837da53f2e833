//! The real server program, and the demo's city around it, as children that do not outlive the test.

use super::accounts;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest that a server takes to answer, on a machine that does other things too.
const START_MAX: Duration = Duration::from_mins(2);

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The server program of this build; built where it is missing.
fn program() -> PathBuf {
    let client = Path::new(env!("CARGO_BIN_EXE_chengtu"));
    let program = client.with_file_name("chengtu-server");
    if !program.exists() {
        let target = client.ancestors().nth(2).expect("a target directory");
        let built = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "--locked",
                "-p",
                "chengtu-server",
                "--bins",
            ])
            .arg("--target-dir")
            .arg(target)
            .current_dir(root())
            .status();
        assert!(
            built.is_ok_and(|s| s.success()),
            "chengtu-server does not build"
        );
    }
    program
}

/// A child that ends with its owner.
struct Kept(Child);

impl Drop for Kept {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A folder that goes with its owner.
pub struct Folder(pub PathBuf);

impl Folder {
    /// An empty one.
    pub fn new(name: &str) -> Self {
        let id = std::process::id();
        let path = std::env::temp_dir().join(format!("chengtu-duty-{id}-{name}"));
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).expect("a folder for a test");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A server of a city, on a port of its own.
pub struct Server {
    pub port: u16,
    city: PathBuf,
    data: Folder,
    running: Option<Kept>,
    demo: Option<Kept>,
    config: &'static str,
    /// Where a pack lies that was made for this server.
    _pack: Option<Folder>,
}

/// What of this city is made up, as the demo says it.
const CONFIG: &str = "notice = \"单元、案件与传感器：模拟\"
notice_en = \"Units, cases and sensors: simulated\"
";

const ENGLISH_CONFIG: &str = "notice = \"Units, cases and sensors: simulated\"
notice_en = \"Units, cases and sensors: simulated\"
";

impl Server {
    /// Starts it on an empty log.
    pub fn start(name: &str, city: PathBuf) -> Self {
        let mut server = Self::new(name, city, CONFIG, None);
        server.go_on();
        server
    }

    /// The same with a city that is imported first, whose own language its notice is in.
    pub fn imported(name: &str, extract: &Path) -> Self {
        let pack = Folder::new(&format!("{name}-pack"));
        let city = pack.0.join("city");
        let done = Command::new(program())
            .args(["import", "osm"])
            .arg(extract)
            .arg("--out")
            .arg(&city)
            .output()
            .expect("the server program runs");
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "the import failed: {said}");
        let mut server = Self::new(name, city, ENGLISH_CONFIG, Some(pack));
        server.go_on();
        server
    }

    /// The pack of its city.
    pub fn city(&self) -> &Path {
        &self.city
    }

    fn new(name: &str, city: PathBuf, config: &'static str, pack: Option<Folder>) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        Self {
            port,
            city,
            data: Folder::new(name),
            running: None,
            demo: None,
            config,
            _pack: pack,
        }
    }

    /// The address that clients connect to.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    fn child(&self, log: &str, args: &[&str]) -> Kept {
        let said = std::fs::File::create(self.data.0.join(log)).expect("a file");
        let again = said.try_clone().expect("a file");
        let child = Command::new(program())
            .args(args)
            .arg("--city")
            .arg(&self.city)
            .stdin(Stdio::null())
            .stdout(said)
            .stderr(again)
            .spawn();
        Kept(child.expect("the server program runs"))
    }

    /// Starts it, on the log that there is.
    pub fn go_on(&mut self) {
        let config = self.data.0.join("server.toml");
        std::fs::write(&config, self.config).expect("a configuration");
        let (listen, data) = (format!("127.0.0.1:{}", self.port), self.data.0.join("data"));
        let paths = [data.display().to_string(), config.display().to_string()];
        let args = [
            "serve", "--listen", &listen, "--data", &paths[0], "--config", &paths[1],
        ];
        self.running = Some(self.child("server.log", &args));
        let begun = Instant::now();
        while !self.answers() {
            assert!(
                begun.elapsed() < START_MAX,
                "the server does not answer: {}",
                self.said("server.log")
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Makes an account, beside the server that runs.
    pub fn add_person(&self, name: &str, role: &str, password: &str) {
        use std::io::Write;
        let data = self.data.0.join("data").display().to_string();
        let args = [
            "user",
            "add",
            name,
            "--role",
            role,
            "--password-stdin",
            "--data",
            &data,
        ];
        let mut child = Command::new(program())
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the server program runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        writeln!(stdin, "{password}").expect("it listens");
        drop(stdin);
        assert!(child.wait().is_ok_and(|s| s.success()), "no account {name}");
    }

    /// An administrator ends whatever sessions somebody has.
    pub fn end_sessions_of(&self, name: &str, (by, password): (&str, &str)) {
        let own = format!("http://127.0.0.1:{}", self.port);
        let token = accounts::token(&own, by, password);
        let all = accounts::http(&format!("{own}/v1/sessions"), "GET", &token, None);
        let all = all["sessions"].as_array().expect("sessions").clone();
        let of_them: Vec<_> = all.iter().filter(|s| s["name"] == name).collect();
        assert!(!of_them.is_empty(), "{name} is not logged in");
        for session in of_them {
            let id = session["id"].as_str().expect("an id");
            accounts::http(&format!("{own}/v1/sessions/{id}"), "DELETE", &token, None);
        }
    }

    fn answers(&self) -> bool {
        use std::io::{Read, Write};
        let Ok(mut socket) = std::net::TcpStream::connect(("127.0.0.1", self.port)) else {
            return false;
        };
        let ask = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let mut answer = String::new();
        let heard = socket
            .write_all(ask.as_bytes())
            .and_then(|()| socket.read_to_string(&mut answer));
        heard.is_ok() && answer.starts_with("HTTP/1.1 200")
    }

    /// What a child has said so far.
    fn said(&self, log: &str) -> String {
        std::fs::read_to_string(self.data.0.join(log)).unwrap_or_default()
    }

    /// Ends it at once, as a power cut would.
    pub fn cut(&mut self) {
        self.running = None;
    }

    /// Starts traffic, crews that answer, sensors and a few cases around it; nobody dispatches and nobody checks.
    pub fn start_city(&mut self) {
        let to = format!("http://127.0.0.1:{}", self.port);
        let args = [
            "demo",
            "all",
            "--to",
            &to,
            "--no-officer",
            "--no-checker",
            "--seed",
            "11",
            "--backlog",
            "36",
            "--sensors",
            "60",
            "--case-rate",
            "0.5",
            "--drive-scale",
            "0.25",
            "--work-scale",
            "0.03",
        ];
        self.demo = Some(self.child("demo.log", &args));
    }
}
