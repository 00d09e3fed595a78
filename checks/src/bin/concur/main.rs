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

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

/// Checks Paxos, Raft, two-phase commit and the hash ring: executable specifications, each a ladder from a tiny promise
/// down to the protocol. Every state of a configuration is explored, or the result says by what it is bounded.
///
/// Exit codes: 0 everything is as expected; 1 a check failed; 2 bad usage; 3 something stayed unknown.
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

fn main() -> ExitCode {
    let cli = Cli::parse();
    if cli.verbose {
        log();
    }
    let ending = match cli.command {
        Command::Check(check) => check.run(),
        Command::Conform(conform) => conform.run(),
        Command::Differ(differ) => differ.run(),
        Command::List(list) => list.run(),
        Command::Rule(rule) => rule.run(),
        Command::Omit(omit) => omit.run(),
        Command::Zoo(zoo) => zoo.run(),
        Command::Explore(explore) => explore.run(),
        Command::Trace(trace) => trace.run(),
        Command::Report(report) => report.run(),
        Command::Book(book) => book.run(),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "concur", &mut std::io::stdout());
            Ok(Ending::AsExpected)
        }
    };
    match ending {
        Ok(ending) => ending.into(),
        // Who reads our output may stop reading: that is no error.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            BAD_USAGE.into()
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}

fn log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("CONCUR_LOG")
        .unwrap_or_else(|_| "concur=debug,concur_checks=debug".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
