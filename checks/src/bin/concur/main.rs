//! `concur`: checks Paxos, Raft, two-phase commit and the hash ring, from one command.

mod book;
mod check;
mod conform;
mod differ;
mod each;
mod explore;
mod format;
mod limits;
mod list;
mod omit;
mod progress;
mod report;
mod rule;
mod trace;
mod zoo;

use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

/// Checks Paxos, Raft, two-phase commit and the hash ring: executable specifications, each a ladder from a tiny promise
/// down to the protocol. Every state of a configuration is explored, or the result says by what it is bounded.
///
/// Exit codes: 0 everything is as expected; 1 a check failed; 2 bad usage; 3 something stayed unknown;
/// 141 nobody read the results to their end.
#[derive(Parser)]
#[command(version, arg_required_else_help = true, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Log what happens to standard error; the variable CONCUR_LOG sets what (for example `concur_checks=debug`).
    #[arg(long, short, global = true)]
    verbose: bool,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Check),
    Conform(conform::Conform),
    Differ(differ::Differ),
    List(list::List),
    Rule(rule::Rule),
    Omit(omit::Omit),
    Zoo(zoo::Zoo),
    Explore(explore::Explore),
    Trace(trace::TraceArgs),
    Report(report::Report),
    Book(book::Book),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// How a command ended, if it was not bad usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ending {
    /// Everything is as expected.
    AsExpected,
    /// Something stayed unknown, and nothing failed.
    Unknown,
    /// Something failed.
    Failed,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(match ending {
            Ending::AsExpected => 0,
            Ending::Failed => 1,
            Ending::Unknown => 3,
        })
    }
}

const BAD_USAGE: u8 = 2;
/// As a shell says that a program was killed by SIGPIPE.
const NOBODY_READS: u8 = 141;

impl Command {
    /// Whether the exit code is a judgement. What only prints has done its work when nobody reads on.
    fn judges(&self) -> bool {
        match self {
            Self::List(_) | Self::Explore(_) | Self::Completions { .. } => false,
            Self::Trace(trace) => trace.judges(),
            Self::Report(report) => report.judges(),
            Self::Check(_)
            | Self::Conform(_)
            | Self::Differ(_)
            | Self::Rule(_)
            | Self::Omit(_)
            | Self::Zoo(_)
            | Self::Book(_) => true,
        }
    }

    fn run(self) -> anyhow::Result<Ending> {
        match self {
            Self::Check(check) => check.run(),
            Self::Conform(conform) => conform.run(),
            Self::Differ(differ) => differ.run(),
            Self::List(list) => list.run(),
            Self::Rule(rule) => rule.run(),
            Self::Omit(omit) => omit.run(),
            Self::Zoo(zoo) => zoo.run(),
            Self::Explore(explore) => explore.run(),
            Self::Trace(trace) => trace.run(),
            Self::Report(report) => report.run(),
            Self::Book(book) => book.run(),
            Self::Completions { shell } => complete(shell),
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if cli.verbose {
        log();
    }
    let judges = cli.command.judges();
    match cli.command.run() {
        Ok(ending) => ending.into(),
        Err(error) if !is_broken_pipe(&error) => {
            note(format_args!("error: {error:#}"));
            BAD_USAGE.into()
        }
        Err(_) if judges => NOBODY_READS.into(),
        Err(_) => ExitCode::SUCCESS,
    }
}

/// A line on standard error. Whoever closed that does not want to know.
fn note(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Prints the script all at once: what generates it panics where it cannot write.
fn complete(shell: Shell) -> anyhow::Result<Ending> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "concur", &mut script);
    let mut out = std::io::stdout().lock();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Ending::AsExpected)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|io| io.kind() == ErrorKind::BrokenPipe)
}

fn log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("CONCUR_LOG")
        .unwrap_or_else(|_| "concur=debug,concur_checks=debug".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
