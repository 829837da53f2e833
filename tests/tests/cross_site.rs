//! A page from elsewhere, in the browser of an officer who looks at it: a real Chromium opens it, and it tries to reach the server
//! in every way that a page has.

use anyhow::{Context, Result, ensure};
use chengtu_tests::chromium::Chromium;
use chengtu_tests::support::Server;
use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

const PEOPLE: &str = "
    [[users]]\nname = 'Li'\nrole = 'operator'\ntoken = 'li-secret'
    [[feeds]]\nname = 'taxis'\ntoken = 'taxi-secret'\n";

/// What the page tries, and says to where it came from. `SERVER` and `TOKEN` are put in.
const PAGE: &str = r#"<!doctype html><meta charset="utf-8"><body><script>
const server = "SERVER", token = "TOKEN";
const row = '{"key":"evil","lon":118.79,"lat":32.05}';
const path = server + "/v1/feeds/taxis/fixes";
const socket = () => new Promise(done => {
    const s = new WebSocket(server.replace("http", "ws") + "/v1/ws", ["chengtu.v1.json"]);
    s.onopen = () => s.send(JSON.stringify({hello: {token: token, client: "page"}}));
    s.onmessage = e => done("message " + String(e.data).slice(0, 60));
    s.onclose = e => done("closed " + e.code);
    setTimeout(() => done("nothing"), 8000);
});
const post = options => fetch(path, {method: "POST", body: row, ...options})
    .then(a => a.type + " " + a.status, e => "failed " + e.name);
const form = () => new Promise(done => {
    const frame = document.createElement("iframe");
    frame.name = "into";
    const form = document.createElement("form");
    Object.assign(form, {action: path, method: "POST", enctype: "text/plain", target: "into"});
    const field = document.createElement("input");
    field.name = '{"key":"evil","lon":118.79,"lat":32.05,"x":"';
    field.value = '"}';
    form.append(field);
    document.body.append(frame, form);
    let loads = 0;
    frame.onload = () => done("answered");
    form.submit();
    setTimeout(() => done("nothing"), 8000);
});
(async () => {
    const told = {
        socket: await socket(),
        simple: await post({mode: "no-cors", headers: {"content-type": "text/plain"}}),
        json: await post({headers: {"content-type": "application/json", "authorization": "Bearer " + token}}),
        untyped: await post({mode: "no-cors", credentials: "include", body: new Blob([row])}),
        hidden: await post({mode: "no-cors", referrerPolicy: "no-referrer", body: new Blob([row])}),
        beacon: String(navigator.sendBeacon(path, new Blob([row]))),
        form: await form(),
        digest: await fetch(server + "/healthz?digest=1").then(a => a.type, e => "failed " + e.name),
    };
    await new Promise(done => setTimeout(done, 500));
    await fetch("/told", {method: "POST", body: JSON.stringify(told)});
})();
</script>"#;

/// A web server that gives one page and hears what that tells.
async fn site(page: String) -> Result<(SocketAddr, mpsc::Receiver<Value>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (tell, told) = mpsc::channel(8);
    tokio::spawn(async move {
        while let Ok((line, _)) = listener.accept().await {
            let (page, tell) = (page.clone(), tell.clone());
            tokio::spawn(async move { give(line, &page, &tell).await });
        }
    });
    Ok((address, told))
}

async fn give(mut line: TcpStream, page: &str, tell: &mpsc::Sender<Value>) -> Result<()> {
    let mut asked = Vec::new();
    let mut part = [0; 4_096];
    let body_at = loop {
        let n = line.read(&mut part).await?;
        ensure!(n > 0, "half a request");
        asked.extend_from_slice(&part[..n]);
        if let Some(at) = asked.windows(4).position(|w| w == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let head = String::from_utf8_lossy(&asked[..body_at]).to_ascii_lowercase();
    let length = head.split("content-length:").nth(1);
    let length = length.and_then(|l| l.lines().next()?.trim().parse().ok());
    while asked.len() < body_at + length.unwrap_or(0) {
        let n = line.read(&mut part).await?;
        ensure!(n > 0, "half a body");
        asked.extend_from_slice(&part[..n]);
    }
    if head.starts_with("post /told") {
        tell.send(serde_json::from_slice(&asked[body_at..])?)
            .await?;
    }
    let page = if head.starts_with("get / ") { page } else { "" };
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
    line.write_all(answer.as_bytes()).await?;
    Ok(line.shutdown().await?)
}

/// What the page of a site tells of its tries to reach a server.
async fn told(server: &Server, site: (SocketAddr, mpsc::Receiver<Value>)) -> Result<Value> {
    let (address, mut told) = site;
    let profile = tempfile::tempdir()?;
    let _browser = Chromium::open(&format!("http://{address}/"), profile.path())?;
    let said = tokio::time::timeout(Duration::from_secs(90), told.recv());
    let said = said
        .await
        .context("the page tells nothing")?
        .context("the site ended")?;
    println!("{}: {said}", server.address);
    Ok(said)
}

/// Positions that the server has taken.
async fn taken(server: &Server) -> Result<u64> {
    let metrics = server.metrics().await?;
    let rows = metrics.lines().filter(|l| {
        l.starts_with("chengtu_rows_total")
            && l.contains("kind=\"fixes\"")
            && l.contains("accepted")
    });
    let count = |l: &str| l.rsplit(' ').next()?.parse::<f64>().ok();
    Ok(rows.filter_map(count).sum::<f64>() as u64)
}

/// Requests that were refused because a page of elsewhere made them.
async fn foreign(server: &Server) -> Result<u64> {
    let metrics = server.metrics().await?;
    let line = metrics
        .lines()
        .find_map(|l| l.strip_prefix("chengtu_foreign_requests_total{by=\"origin\"} "));
    Ok(line.map_or(0, |n| n.parse().unwrap_or(0)))
}

/// A page that goes for a server, which is started after it: `config` is made of the page's origin.
async fn against(config: impl Fn(&str) -> String, token: &str) -> Result<(Value, u64, u64)> {
    // The page names the server, and the server's configuration the page: its port is chosen first.
    let port = chengtu_tests::program::free_port()?;
    let page = PAGE
        .replace("SERVER", &format!("http://127.0.0.1:{port}"))
        .replace("TOKEN", token);
    let site = site(page).await?;
    let config = config(&format!("http://{}", site.0));
    let dir = tempfile::tempdir()?;
    let city = chengtu_tests::program::nanjing();
    let listen = format!("127.0.0.1:{port}");
    let server = Server::listening(&listen, &city, dir.path(), &config).await?;
    let (rows, refused) = (taken(&server).await?, foreign(&server).await?);
    let said = told(&server, site).await?;
    let rows = taken(&server).await? - rows;
    let refused = foreign(&server).await? - refused;
    server.stop().await?;
    Ok((said, rows, refused))
}

// One test: the figures are of the whole process.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_from_another_port_reaches_nothing_with_and_without_accounts() -> Result<()> {
    for (what, config, token) in [
        ("open to this machine", "", ""),
        ("with accounts, the page knows a token", PEOPLE, "li-secret"),
    ] {
        let (said, rows, refused) = against(|_| config.to_owned(), token).await?;
        ensure!(said["socket"] == "closed 1006", "{what}: {said}");
        ensure!(said["json"] == "failed TypeError", "{what}: {said}");
        ensure!(said["digest"] == "failed TypeError", "{what}: {said}");
        ensure!(rows == 0, "{what}: {rows} rows were taken");
        // The socket, each way to post, and the question: they came, and were refused.
        ensure!(refused >= 7, "{what}: only {refused} were refused: {said}");
    }
    // The same page where the configuration lets it in: what it tries does work.
    let named = |site: &str| format!("origins = ['{site}']");
    let (said, rows, refused) = against(named, "").await?;
    let socket = said["socket"].as_str().context("a word")?;
    ensure!(socket.starts_with("message {\"hello\""), "{said}");
    ensure!(
        rows > 0 && refused == 0,
        "{rows} rows, {refused} refused: {said}"
    );
    Ok(())
}
