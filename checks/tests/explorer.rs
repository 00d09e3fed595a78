//! `concur explore` serves each model, and a headless browser shows its states and actions.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use concur_checks::registry::RUNGS;

struct Explorer {
    process: Child,
    addr: String,
}

impl Explorer {
    /// Serves a model on a free port.
    fn of(selector: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_concur"))
            .args(["explore", selector, "--addr", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("concur runs");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("it is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("it says where");
        let url = line
            .split("http://")
            .nth(1)
            .expect("the address is in the line");
        let addr = url.split('/').next().expect("up to the path").to_owned();
        Self { process, addr }
    }

    /// What it answers to a GET. It announces itself just before it listens, so the first try may be too early.
    fn get(&self, path: &str) -> String {
        for _ in 0..100 {
            if let Ok(mut stream) = TcpStream::connect(&self.addr) {
                write!(stream, "GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", self.addr)
                    .expect("it reads");
                let mut answer = String::new();
                stream.read_to_string(&mut answer).expect("it answers text");
                return answer;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("nothing listens on {}", self.addr);
    }
}

impl Drop for Explorer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_explorer_serves_every_model() {
    for rung in RUNGS {
        let id = rung.about().id();
        let explorer = Explorer::of(&id);
        let status = explorer.get("/.status");
        assert!(
            status.starts_with("HTTP/1.") && status.contains("200"),
            "{id}: {status}"
        );
        let states = explorer.get("/.states/");
        assert!(states.contains("\"state\""), "{id}: {states}");
    }
}

#[test]
fn a_browser_shows_states_and_actions() {
    let Some(chromium) = [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ]
    .into_iter()
    .find(|path| std::path::Path::new(path).exists()) else {
        eprintln!("skipped: Chromium is not installed (Debian: apt-get install chromium)");
        return;
    };
    let explorer = Explorer::of("two-phase/two-phase/rms=3");
    explorer.get("/.status");
    let profile = std::env::temp_dir().join(format!("concur-explorer-{}", std::process::id()));
    let page = Command::new(chromium)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        .args(["--virtual-time-budget=5000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("http://{}/#/steps/0", explorer.addr))
        .output()
        .expect("Chromium runs");
    let _ = std::fs::remove_dir_all(profile);
    let dom = String::from_utf8_lossy(&page.stdout);
    for shown in ["RMPrepare(rm1)", "TMAbort", "rm_state", "Working"] {
        assert!(
            dom.contains(shown),
            "the page does not show {shown}:\n{dom}"
        );
    }
}

#[test]
fn a_port_in_use_is_a_clear_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let addr = taken.local_addr().expect("it has an address").to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_concur"))
        .args(["explore", "two-phase", "--addr", &addr])
        .output()
        .expect("concur runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains(&addr) && error.contains("--addr"), "{error}");
}
