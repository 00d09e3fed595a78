//! `concur explore` serves each model, and a headless browser shows its states and actions.

mod program;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use concur_checks::registry::RUNGS;

use crate::program::{Explorer, Saved, concur, read, said, text};

/// It is another crate's, too, where it takes pictures of pages.
#[path = "../trace/tests/chromium/mod.rs"]
mod chromium;

/// What the Explorer answers to a GET. It announces itself just before it listens, so the first try may be too early.
fn get(explorer: &Explorer, path: &str) -> String {
    let addr = &explorer.addr;
    for _ in 0..100 {
        if let Ok(mut stream) = TcpStream::connect(addr) {
            write!(stream, "GET {path} HTTP/1.0\r\nHost: {addr}\r\n\r\n").expect("it reads");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("it answers text");
            return answer;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("nothing listens on {addr}");
}

/// What follows the headers of an answer.
fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

#[test]
fn the_explorer_serves_every_model() {
    for rung in RUNGS {
        let id = rung.about().id();
        let explorer = Explorer::with(&[&id]);
        let status = get(&explorer, "/.status");
        assert!(
            status.starts_with("HTTP/1.") && status.contains("200"),
            "{id}: {status}"
        );
        let states = get(&explorer, "/.states/");
        assert!(states.contains("\"state\""), "{id}: {states}");
    }
}

#[test]
fn a_browser_shows_states_and_actions() {
    let explorer = Explorer::with(&["two-phase/two-phase/rms=3"]);
    get(&explorer, "/.status");
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

/// What follows without a rule.
fn without(rule: &str, name: &str) -> Saved {
    Saved::by(name, &["rule", rule, "--tier", "small"], 0)
}

#[test]
fn the_explorer_opens_at_the_end_of_a_counterexample() {
    let saved = without("TMCommitAllPrepared", "end");
    let file = saved.file("two-phase.two-phase");
    let explorer = Explorer::with(&["--trace", text(file)]);
    // Every step of the way: the choices of a path, and what the Explorer offers there.
    let steps = &explorer.choices;
    assert_eq!(steps.len(), 3, "{steps:?}");
    for (taken, action) in ["TMCommit", "RMRcvCommitMsg(rm1)"].into_iter().enumerate() {
        let states = get(
            &explorer,
            &format!("/.states/{}", steps[..=taken].join("/")),
        );
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
}

#[test]
fn a_browser_walks_a_counterexample_step_by_step() {
    let saved = without("TMCommitAllPrepared", "walked");
    let file = saved.file("two-phase.two-phase");
    let explorer = Explorer::with(&["--trace", text(file)]);
    get(&explorer, "/.status");
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
        let url = explorer.after(taken + 1);
        let Some(dom) = chromium::dom(&url) else {
            return;
        };
        for shown in *seen {
            assert!(dom.contains(shown), "{url} does not show {shown}:\n{dom}");
        }
    }
}

#[test]
fn a_browser_walks_a_counterexample_of_a_cluster_of_cores_step_by_step() {
    let saved = without("ReceiptOfTerm", "cores");
    let file = saved.file("raft.cores");
    let trace = read(file);
    let explorer = Explorer::with(&["--trace", text(file)]);
    get(&explorer, "/.status");
    let steps = &trace.behaviour.steps;
    assert_eq!(explorer.choices.len(), steps.len() + 1);
    for taken in 0..=steps.len() {
        let url = explorer.after(taken + 1);
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
}

#[test]
fn a_rule_can_be_left_out_and_a_bug_planted() {
    let commits = |explorer: &Explorer| get(explorer, "/.states/0").contains("Committed");
    assert!(!commits(&Explorer::with(&["two-phase/two-phase/rms=3"])));
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
        let output = concur(&[&["explore"], args].concat());
        let error = said(&output);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {error}");
        assert!(error.contains(says), "{args:?}: {error}");
    }
}

#[test]
fn a_port_in_use_is_a_clear_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let addr = taken.local_addr().expect("it has an address").to_string();
    let output = concur(&["explore", "two-phase", "--addr", &addr]);
    let error = said(&output);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains(&addr) && error.contains("--addr"), "{error}");
}
