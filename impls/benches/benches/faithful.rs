//! What the labels of guards cost where all rules are kept: instructions a command, counted by valgrind, which must be installed.
//!
//! ```text
//! cargo bench -p concur-benches --bench faithful
//! cargo bench -p concur-benches --bench faithful --features unlabelled
//! ```
//!
//! Three servers of the same Raft replicate the same batches, as in the benchmark `raft`: under [`Faithful`], and under rules that are looked up while it runs, as
//! those of a check are, so that one sees that the count would tell. In the second build guards are bare conditions, without a rule and without a name for what
//! they refuse. A count is the difference between two numbers of commands, so that starting and the election fall out. It is the same on each run of one build;
//! another compiler may count otherwise.
//!
//! With rustc 1.95 on x86-64:
//!
//! | batch | bare conditions | faithful | looked up |
//! |---|---|---|---|
//! | 1 | 3,818.2 | 3,802.2 (0.4 % less) | 3,901.2 (2.2 % more) |
//! | 16 | 522.0 | 521.9 (the same) | 529.9 (1.5 %) |
//! | 64 | 352.6 | 353.3 (0.2 % more) | 356.8 (1.2 %) |
//!
//! So labels cost nothing that could be told from how the compiler happens to arrange the rest.

#[path = "raft/concur.rs"]
mod concur;
#[path = "raft/trio.rs"]
mod trio;

use std::hint::black_box;
use std::process::Command as Process;

use concur::{Concur, Payload};
use concur_cores::raft::Raft;
use concur_rules::raft_core::RaftNodeRule;
use concur_rules::{Faithful, RuleSet};
use trio::{Trio as _, check, run};

/// How many commands a request holds.
const BATCHES: [usize; 3] = [1, 16, 64];

/// How many commands the shorter run replicates; the longer one twice as many.
const COMMANDS: usize = 1 << 12;

/// All rules are kept, but the compiler cannot know that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct LookedUp(Option<RaftNodeRule>);

impl RuleSet<RaftNodeRule> for LookedUp {
    fn requires(&self, rule: RaftNodeRule, holds: bool) -> bool {
        holds || black_box(self.0) == Some(rule)
    }

    fn performs(&self, _: RaftNodeRule) -> bool {
        true
    }
}

fn replicate<S: concur_cores::raft::Rules + Default>(commands: usize, batch: usize) {
    let mut trio = Concur::<Raft<Payload, S>>::elected(batch);
    let applied = run(&mut trio, commands, batch);
    check(commands, batch, applied);
}

/// What valgrind runs: this program, told the rules, the number of commands and the size of a batch.
fn replicate_as_told(rules: &str, commands: usize, batch: usize) {
    match rules {
        "faithful" => replicate::<Faithful>(commands, batch),
        _ => replicate::<LookedUp>(commands, batch),
    }
}

/// How many instructions that takes.
fn count(rules: &str, commands: usize, batch: usize) -> u64 {
    let this = std::env::current_exe().expect("the program has a path");
    let output = Process::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(this)
        .args([
            "replicate",
            rules,
            &commands.to_string(),
            &batch.to_string(),
        ])
        .output()
        .expect("valgrind is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let collected = said.split("Collected : ").nth(1);
    let number = collected.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    number.expect("callgrind says how many instructions it has collected")
}

fn per_command(rules: &str, batch: usize) -> f64 {
    let [fewer, more] = [1, 2].map(|times| count(rules, times * COMMANDS, batch));
    (more - fewer) as f64 / COMMANDS as f64
}

#[expect(clippy::print_stdout, reason = "the table is what it is for")]
fn print_table() {
    let labelled = !cfg!(feature = "unlabelled");
    let build = if labelled { "labelled" } else { "unlabelled" };
    println!("instructions a command, guards {build}");
    println!("| batch | faithful | looked up |");
    println!("|---|---|---|");
    for batch in BATCHES {
        let faithful = per_command("faithful", batch);
        let looked_up = match labelled {
            true => format!("{:.1}", per_command("looked up", batch)),
            false => String::new(),
        };
        println!("| {batch} | {faithful:.1} | {looked_up} |");
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [what, rules, commands, batch] if what == "replicate" => {
            let number = |text: &String| text.parse().expect("a number");
            replicate_as_told(rules, number(commands), number(batch));
        }
        _ => print_table(),
    }
}
