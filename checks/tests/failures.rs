//! Whatever fails is saved as a trace that shows, replays and opens in the Explorer: one test for each kind of failure that has a behaviour to tell. `checks/trace/TRACE.md` lists those that have none.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use concur_checks::trace::{BrokenKind, Trace};

fn concur(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_concur"));
    command.args(args).output().expect("concur runs")
}

fn text(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(both).expect("concur prints text")
}

/// The traces that a command saves, in a folder of their own.
struct Saved {
    dir: PathBuf,
    files: Vec<PathBuf>,
    printed: String,
}

impl Saved {
    fn by(name: &str, args: &[&str], code: i32) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("failures-{name}"));
        let _ = fs::remove_dir_all(&dir);
        let folder = dir.to_str().expect("it is text");
        let output = concur(&[args, &["--save-traces", folder]].concat());
        let printed = text(&output);
        assert_eq!(output.status.code(), Some(code), "{printed}");
        let entries = fs::read_dir(&dir).into_iter().flatten();
        let mut files: Vec<_> = entries
            .map(|entry| entry.expect("it can be read").path())
            .collect();
        files.sort();
        Self {
            dir,
            files,
            printed,
        }
    }

    /// The one whose name begins so; it shows, replays as told, and opens in the Explorer at its end.
    fn all_works(&self, begins: &str) -> Trace {
        let name = |file: &&PathBuf| {
            file.file_name()
                .expect("a name")
                .to_string_lossy()
                .starts_with(begins)
        };
        let file = self.files.iter().find(name);
        let file = file.unwrap_or_else(|| panic!("{begins}: {:?}", self.files));
        let path = file.to_str().expect("it is text");
        let trace =
            Trace::read(&fs::read_to_string(file).expect("it was written")).expect("it is a trace");
        let steps = trace.behaviour.steps.len();

        let shown = text(&concur(&["trace", "show", path, "--as", "story"]));
        assert!(
            shown.contains(&format!("\n {steps:>2}  ")),
            "{steps} steps:\n{shown}"
        );
        let page = text(&concur(&["trace", "show", path, "--as", "html"]));
        assert!(page.contains("<svg"), "{page}");
        let replayed = concur(&["trace", "replay", path]);
        assert_eq!(replayed.status.code(), Some(0), "{}", text(&replayed));
        assert!(
            text(&replayed).contains("broken, as told"),
            "{}",
            text(&replayed)
        );
        let stutters = trace
            .behaviour
            .steps
            .iter()
            .filter(|step| step.action == "(nothing happens)");
        assert_eq!(opened(path), 1 + steps - stutters.count(), "{path}");
        trace
    }
}

impl Drop for Saved {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// How many choices lead to where the Explorer opens.
fn opened(path: &str) -> usize {
    let mut process = Command::new(env!("CARGO_BIN_EXE_concur"))
        .args(["explore", "--trace", path, "--addr", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("concur runs");
    let mut line = String::new();
    let stdout = process.stdout.take().expect("it is piped");
    BufReader::new(stdout)
        .read_line(&mut line)
        .expect("it says where");
    let _ = process.kill();
    let _ = process.wait();
    let (_, place) = line
        .split_once("#/steps/")
        .unwrap_or_else(|| panic!("{line}"));
    place
        .split(' ')
        .next()
        .map_or(0, |place| place.split('/').count())
}

#[test]
fn a_property_of_states_that_fails() {
    let args = [
        "check",
        "paxos/paxos",
        "--param",
        "quorums=single",
        "--param",
        "acceptors=2",
    ];
    let trace = Saved::by("states", &args, 1).all_works("paxos.paxos");
    assert_eq!(trace.about.broken.kind, BrokenKind::Property);
}

#[test]
fn a_property_of_steps_that_fails_where_a_rule_is_left_out() {
    let saved = Saved::by("steps", &["rule", "TMRcvPreparedInit"], 0);
    let trace = saved.all_works("two-phase.two-phase");
    assert_eq!(trace.about.broken.property, "StableDecision");
    assert_eq!(
        trace.about.without.expect("a rule").rule,
        "TMRcvPreparedInit"
    );
}

#[test]
fn a_step_of_a_cluster_of_cores_that_the_model_does_not_allow() {
    let saved = Saved::by(
        "refinement",
        &["rule", "ReceiptOfTerm", "--tier", "small"],
        0,
    );
    let trace = saved.all_works("raft.cores");
    assert_eq!(trace.about.broken.property, "Refinement");
}

#[test]
fn a_promise_that_is_broken_for_ever() {
    let saved = Saved::by(
        "promise",
        &["check", "two-phase/durable-two-phase/live,participants=2"],
        0,
    );
    let trace = saved.all_works("two-phase.durable-two-phase");
    assert_eq!(trace.about.broken.kind, BrokenKind::Promise);
}

#[test]
fn a_walk_that_breaks_something() {
    let args = [
        "differ",
        "paxos/cores",
        "--without",
        "AcceptNotBelowPromise",
        "--cases",
        "40",
    ];
    let saved = Saved::by("walk", &args, 1);
    let trace = saved.all_works("paxos.cores.walks");
    let without = trace.about.without.as_ref().expect("a rule");
    assert_eq!(without.rule, "AcceptNotBelowPromise");
    // The commands that are printed are those that work.
    assert!(
        saved.printed.contains("concur trace replay"),
        "{}",
        saved.printed
    );
    // The command that finds it again does.
    let again: Vec<_> = trace.about.reproduce.split(' ').skip(1).collect();
    let again = Saved::by("walk-again", &again, 1).all_works("paxos.cores.walks");
    assert_eq!(again.behaviour, trace.behaviour);
}

#[test]
fn a_published_bug_that_is_found() {
    let trace = Saved::by("bug", &["zoo", "PX03"], 0).all_works("paxos.durable-paxos");
    assert_eq!(trace.about.broken.property, "Agreement");
    let trace = Saved::by("bug-for-ever", &["zoo", "PX17"], 0).all_works("paxos.duel");
    assert_eq!(trace.about.broken.kind, BrokenKind::Promise);
}

#[test]
fn what_is_never_seen_has_no_trace() {
    let saved = Saved::by("never", &["rule", "RMPrepareSends"], 0);
    assert!(saved.printed.contains("never seen"), "{}", saved.printed);
    assert_eq!(saved.files, Vec::<PathBuf>::new());
}
