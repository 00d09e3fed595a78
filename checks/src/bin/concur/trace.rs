//! `concur trace`: shows saved counterexamples, and takes them again on the model.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use concur_checks::trace::replay::{Outcome, Replayed, replay};
use concur_checks::trace::{Trace, View};

use crate::Ending;

/// Show a saved counterexample, or take it again.
///
/// `concur check --save-traces DIR` saves them; checks/trace/TRACE.md describes the files.
#[derive(Args)]
pub(crate) struct TraceArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show a counterexample.
    Show {
        /// The file; - for standard input
        file: PathBuf,
        /// As what
        #[arg(long = "as", value_enum, default_value_t = ViewArg::Story)]
        view: ViewArg,
    },
    /// Take a counterexample again, step by step: exit code 0 if it breaks what it says, 1 if it does not (any more).
    Replay {
        /// The file; - for standard input
        file: PathBuf,
        /// On what
        #[arg(long, value_enum, default_value_t = On::Model)]
        on: On,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ViewArg {
    /// Numbered actions, each with what it changes.
    Story,
    /// A column for each node, time downwards, in text.
    Sequence,
    /// A row for each step, a column for each node.
    Table,
    /// The file itself.
    Json,
    /// A sequence diagram for pages that draw Mermaid.
    Mermaid,
    /// A picture.
    Svg,
    /// A page that stands alone: the picture, a slider, the state of each node.
    Html,
    /// A log with vector clocks, for ShiViz.
    Shiviz,
}

/// On what a counterexample is taken again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum On {
    /// On the model, as it is now.
    Model,
}

impl From<ViewArg> for View {
    fn from(view: ViewArg) -> Self {
        match view {
            ViewArg::Story => Self::Story,
            ViewArg::Sequence => Self::Sequence,
            ViewArg::Table => Self::Table,
            ViewArg::Json => Self::Json,
            ViewArg::Mermaid => Self::Mermaid,
            ViewArg::Svg => Self::Svg,
            ViewArg::Html => Self::Html,
            ViewArg::Shiviz => Self::Shiviz,
        }
    }
}

impl TraceArgs {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let mut out = std::io::stdout().lock();
        match self.command {
            Command::Show { file, view } => {
                let trace = read(&file)?;
                write!(out, "{}", View::from(view).show(&trace))?;
                Ok(Ending::AsExpected)
            }
            Command::Replay {
                file,
                on: On::Model,
            } => {
                let trace = read(&file)?;
                let replayed = quietly(|| replay(&trace))?;
                write!(out, "{}", tell(&trace, &replayed))?;
                Ok(match replayed.outcome {
                    Outcome::AsTold => Ending::AsExpected,
                    Outcome::Gone(..) | Outcome::Otherwise(_) => Ending::Failed,
                })
            }
        }
    }
}

/// A trace from a file.
pub(crate) fn read(file: &Path) -> anyhow::Result<Trace> {
    let cannot = || format!("cannot read {}", file.display());
    let text = if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .with_context(cannot)?;
        text
    } else {
        std::fs::read_to_string(file).with_context(cannot)?
    };
    Trace::read(&text).with_context(cannot)
}

/// A model that panics while it is looked at does so silently: that is what is looked for.
pub(crate) fn quietly<T>(work: impl FnOnce() -> T) -> T {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let done = work();
    std::panic::set_hook(hook);
    done
}

fn tell(trace: &Trace, replayed: &Replayed) -> String {
    let steps = trace.behaviour.steps.len();
    let property = &trace.about.broken.property;
    let check = &trace.about.check;
    match &replayed.outcome {
        Outcome::AsTold => {
            format!("{check}: all {steps} steps apply; {property}: broken, as told\n")
        }
        Outcome::Otherwise(how) => format!("{check}: all {steps} steps apply, but {how}\n"),
        Outcome::Gone(0, why) => format!("{check}: the trace does not apply: {why}\n"),
        Outcome::Gone(step, why) => format!(
            "{check}: the trace applies up to step {}, but not step {step} of {steps}: {why}\n",
            step - 1
        ),
    }
}
