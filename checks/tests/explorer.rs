//! `concur explore` serves each model, and a headless browser shows its states and actions.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use concur_checks::registry::RUNGS;
use concur_checks::trace::Trace;

/// It is another crate's, too, where it takes pictures of pages.
#[path = "../trace/tests/chromium/mod.rs"]
mod chromium;

struct Explorer {
    process: Child,
    addr: String,
    /// What it says that it explores.
    title: String,
    /// Where in the model it opens.
    place: String,
}

impl Explorer {
    /// Serves a model on a free port.
    fn of(selector: &str) -> Self {
        Self::with(&[selector])
    }

    /// Serves what these arguments say on a free port.
    fn with(args: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_concur"))
            .args(["explore", "--addr", "127.0.0.1:0"])
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .expect("concur runs");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("it is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("it says where");
        let (title, url) = line
            .split_once(" at http://")
            .expect("the address is in the line");
        let (addr, rest) = url.split_once('/').expect("up to the path");
        let place = rest.split(' ').next().unwrap_or_default();
        Self {
            process,
            addr: addr.to_owned(),
            title: title.to_owned(),
            place: place.to_owned(),
        }
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

/// What follows the headers of an answer.
fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
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
    let explorer = Explorer::of("two-phase/two-phase/rms=3");
    explorer.get("/.status");
    let Some(dom) = chromium::dom(&format!("http://{}/#/steps/0", explorer.addr)) else {
        return;
    };
    for shown in ["RMPrepare(rm1)", "TMAbort", "rm_state", "Working"] {
        assert!(
            dom.contains(shown),
            "the page does not show {shown}:\n{dom}"
        );
    }
}

/// A saved counterexample, in a folder of its own.
fn saved(name: &str) -> PathBuf {
    without("TMCommitAllPrepared", name, "two-phase.two-phase")
}

/// What follows without a rule on that rung, in a folder of its own.
fn without(rule: &str, name: &str, rung: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("concur-explorer-{}-{name}", std::process::id()));
    let saves = Command::new(env!("CARGO_BIN_EXE_concur"))
        .args(["rule", rule, "--tier", "small", "--save-traces"])
        .arg(&dir)
        .output()
        .expect("concur runs");
    assert!(saves.status.success(), "{saves:?}");
    let files = std::fs::read_dir(dir).expect("it was written");
    let mut files = files.map(|file| file.expect("it can be read").path());
    let its = |file: &PathBuf| {
        let name = file.file_name().expect("it has a name");
        name.to_string_lossy().starts_with(rung)
    };
    files.find(its).expect("somebody misses the rule")
}

#[test]
fn the_explorer_opens_at_the_end_of_a_counterexample() {
    let file = saved("end");
    let path = file.to_str().expect("it is text");
    let explorer = Explorer::with(&["--trace", path]);
    // Every step of the way: the choices of a path, and what the Explorer offers there.
    let steps: Vec<_> = explorer.place.split('/').skip(2).collect();
    assert_eq!(steps.len(), 3, "{}", explorer.place);
    for (taken, action) in ["TMCommit", "RMRcvCommitMsg(rm1)"].into_iter().enumerate() {
        let states = explorer.get(&format!("/.states/{}", steps[..=taken].join("/")));
        let offers: serde_json::Value = serde_json::from_str(body(&states)).expect("it is JSON");
        let choice: u64 = steps[taken + 1].parse().expect("choices are numbers");
        let offers = offers.as_array().expect("it is a list");
        let chosen = offers.iter().find(|offer| offer["actionIndex"] == choice);
        let chosen = chosen.expect("it offers what was chosen");
        assert_eq!(chosen["action"], action);
        let picture = chosen["svg"].as_str().expect("it has a picture");
        assert!(
            picture.contains("<svg") && picture.contains(action),
            "{picture}"
        );
    }
    let _ = std::fs::remove_dir_all(file.parent().expect("it has a folder"));
}

#[test]
fn a_browser_walks_a_counterexample_step_by_step() {
    let file = saved("walk");
    let path = file.to_str().expect("it is text");
    let explorer = Explorer::with(&["--trace", path]);
    explorer.get("/.status");
    let steps: Vec<_> = explorer.place.split('/').skip(2).collect();
    let seen = [
        &["tm_state: Init"][..],
        &["TMCommit", "tm_state: Committed"],
        &[
            "TMCommit",
            "RMRcvCommitMsg(rm1)",
            "rm1: Committed",
            "class=\"trace\"",
        ],
    ];
    for (taken, seen) in seen.iter().enumerate() {
        let url = format!(
            "http://{}/#/steps/{}",
            explorer.addr,
            steps[..=taken].join("/")
        );
        let Some(dom) = chromium::dom(&url) else {
            return;
        };
        for shown in *seen {
            assert!(dom.contains(shown), "{url} does not show {shown}:\n{dom}");
        }
    }
    let _ = std::fs::remove_dir_all(file.parent().expect("it has a folder"));
}

#[test]
fn a_browser_walks_a_counterexample_of_a_cluster_of_cores_step_by_step() {
    let file = without("ReceiptOfTerm", "cores", "raft.cores");
    let text = std::fs::read_to_string(&file).expect("it was written");
    let trace = Trace::read(&text).expect("it is a trace");
    let explorer = Explorer::with(&["--trace", file.to_str().expect("it is text")]);
    explorer.get("/.status");
    let choices: Vec<_> = explorer.place.split('/').skip(2).collect();
    let steps = &trace.behaviour.steps;
    assert_eq!(choices.len(), steps.len() + 1, "{}", explorer.place);
    for taken in 0..choices.len() {
        let place = choices[..=taken].join("/");
        let url = format!("http://{}/#/steps/{place}", explorer.addr);
        let Some(dom) = chromium::dom(&url) else {
            return;
        };
        // The picture of the path tells each step that was taken, in words.
        for step in &steps[..taken] {
            let words = step.told.as_ref().unwrap_or(&step.action);
            let words = words
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            assert!(dom.contains(&words), "{url} does not show {words}:\n{dom}");
        }
        assert!(
            taken == 0 || dom.contains("class=\"trace\""),
            "{url} has no picture"
        );
        let screen = chromium::kept(&format!("explorer-cores-{taken}.png"));
        let picture = chromium::screenshot(&url, &screen, (1400, 1000)).expect("it is installed");
        assert!(picture.starts_with(b"\x89PNG"), "{}", screen.display());
    }
    let _ = std::fs::remove_dir_all(file.parent().expect("it has a folder"));
}

#[test]
fn a_rule_can_be_left_out_and_a_bug_planted() {
    let commits = |explorer: &Explorer| explorer.get("/.states/0").contains("Committed");
    assert!(!commits(&Explorer::of("two-phase/two-phase/rms=3")));
    let without = ["two-phase/two-phase/rms=3", "--omit", "TMCommitAllPrepared"];
    assert!(commits(&Explorer::with(&without)));
    let title = Explorer::with(&["--bug", "PX03"]).title.clone();
    assert!(title.contains("paxos/durable-paxos"), "{title}");
    assert!(title.contains("without AcceptNotBelowPromise"), "{title}");
}

#[test]
fn what_cannot_be_explored_is_a_clear_error() {
    for (args, says) in [
        (
            &["two-phase/two-phase", "--omit", "Nonsense"][..],
            "TMCommitAllPrepared",
        ),
        (&["--bug", "XX99"], "zoo.md"),
        (&["--bug", "RF02"], "--bug RF02/2"),
        (&["--trace", "/nowhere/at-all.json"], "cannot read"),
        (&[], "SELECTOR"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_concur"))
            .arg("explore")
            .args(args)
            .output()
            .expect("concur runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {error}");
        assert!(error.contains(says), "{args:?}: {error}");
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
