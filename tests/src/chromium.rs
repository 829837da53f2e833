//! A real browser without a window, and what stands on its page.

use crate::program::{Program, browser, free_port};
use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

/// How long a page may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a page may take.
const PAGE_TIMEOUT: Duration = Duration::from_secs(90);

/// A Chromium with one page.
pub struct Chromium {
    _program: Program,
    port: u16,
}

impl Chromium {
    /// Opens an address in a profile of its own.
    pub fn open(url: &str, profile: &Path) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(browser()?);
        command.args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-dev-shm-usage",
            "--lang=en",
        ]);
        command.arg(format!("--user-data-dir={}", profile.display()));
        // It would ask for the page's leave to reach this machine itself, which is its own and no merit of the server's.
        command.arg(
            "--disable-features=LocalNetworkAccessChecks,PrivateNetworkAccessPermissionPrompt",
        );
        command
            .arg(format!("--remote-debugging-port={port}"))
            .arg(url);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().context("the browser does not start")?;
        Ok(Self {
            _program: Program(child),
            port,
        })
    }

    /// Tells the page something (DevTools protocol), and gives its answer.
    async fn tell(&self, method: &str, params: Value) -> Result<Value> {
        // A page that gives way to another answers nothing.
        let told = tokio::time::timeout(ANSWER_TIMEOUT, self.told(method, params));
        told.await.context("the page does not answer")?
    }

    async fn told(&self, method: &str, params: Value) -> Result<Value> {
        let list = format!("http://127.0.0.1:{}/json/list", self.port);
        let pages: Value = reqwest::get(list).await?.json().await?;
        let pages = pages.as_array().context("pages")?;
        let page = pages
            .iter()
            .find(|p| p["type"] == "page")
            .context("no page")?;
        let socket = page["webSocketDebuggerUrl"].as_str().context("a socket")?;
        let (mut socket, _) = connect_async(socket).await?;
        let asked = json!({"id": 1, "method": method, "params": params});
        socket.send(Message::Text(asked.to_string().into())).await?;
        while let Some(message) = socket.next().await {
            if let Message::Text(text) = message? {
                let told: Value = serde_json::from_str(&text)?;
                if told["id"] == 1 {
                    return Ok(told["result"].clone());
                }
            }
        }
        bail!("the page has gone")
    }

    /// The value of an expression on the page.
    pub async fn value(&self, expression: &str) -> Result<Value> {
        let params = json!({"expression": expression, "returnByValue": true});
        let told = self.tell("Runtime.evaluate", params).await?;
        ensure!(told.get("exceptionDetails").is_none(), "{told}");
        Ok(told["result"]["value"].clone())
    }

    /// Waits until an expression is true of the page.
    pub async fn until(&self, expression: &str) -> Result<()> {
        let since = Instant::now();
        while since.elapsed() < PAGE_TIMEOUT {
            // It may have no page yet, or be between two.
            if let Ok(Value::Bool(true)) = self.value(expression).await {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let page = self.value("location.href + ' ' + document.body.innerText");
        bail!("not {expression}: {:?}", page.await)
    }

    /// Does something that may lead to another page.
    pub async fn act(&self, statement: &str) -> Result<()> {
        let later = format!("setTimeout(() => {{ {statement} }}, 0)");
        self.value(&later).await.map(drop)
    }

    /// Goes to another address, and does not wait for it.
    pub async fn go(&self, url: &str) -> Result<()> {
        self.act(&format!("location.href = {}", json!(url))).await
    }
}
