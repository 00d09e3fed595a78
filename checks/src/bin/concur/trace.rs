//! `concur trace`: shows saved counterexamples, and takes them again on the model.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use concur_checks::clusters::{AnyClusters, CLUSTERS, Followed};
use concur_checks::selector::select_families;
use concur_checks::trace::replay::{Outcome, Replayed, replay};
use concur_checks::trace::{Trace, View};
use concur_models::kit::Values;

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
    /// On a cluster of the cores that ship: how far do they go along? Exit code 0 if they refuse somewhere, 1 if they follow to the end, 3 if nobody knows.
    Core,
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
    /// Whether the exit code says what became of a counterexample.
    pub(crate) fn judges(&self) -> bool {
        matches!(self.command, Command::Replay { .. })
    }

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
            Command::Replay { file, on: On::Core } => {
                let trace = read(&file)?;
                let (clusters, size, followed) = on_cores(&trace)?;
                let id = format!("{}/{size}", clusters.id());
                write!(out, "{}", tell_followed(&trace, &id, &followed))?;
                Ok(match followed.taken == trace.behaviour.steps.len() {
                    true => Ending::Failed,
                    false if followed.cut_short => Ending::Unknown,
                    false => Ending::AsExpected,
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

/// The clusters below the model of that trace, at the size at which they follow it furthest.
fn on_cores(trace: &Trace) -> anyhow::Result<(&'static dyn AnyClusters, &'static str, Followed)> {
    let below = |clusters: &&&'static dyn AnyClusters| {
        let id = clusters.id();
        let protocol = id.split('/').next().unwrap_or_default();
        let above = format!("{protocol}/{}/", clusters.refines());
        trace.about.check.starts_with(&above)
    };
    let Some(clusters) = CLUSTERS.iter().find(below) else {
        let known = CLUSTERS
            .iter()
            .map(|clusters| format!("  {} refines {}", clusters.id(), clusters.refines()));
        bail!(
            "no cores stand right below the model of {}\n\nthose that ship are:\n{}",
            trace.about.check,
            known.collect::<Vec<_>>().join("\n")
        );
    };
    let actions = trace.behaviour.steps.iter().map(|step| step.action.clone());
    let path: Vec<_> = actions.collect();
    let family = select_families(&[clusters.id()])?[0];
    let mut best: Option<(&'static str, Followed)> = None;
    for size in family.sizes() {
        let values = Values::new(clusters.params(), size.settings);
        let followed = clusters.follow(&values, &path)?;
        let further = |(_, best): &(_, Followed)| followed.taken > best.taken;
        if best.as_ref().is_none_or(further) {
            best = Some((size.name, followed));
        }
    }
    let (size, followed) = best.context("a family of clusters has named sizes")?;
    Ok((*clusters, size, followed))
}

fn tell_followed(trace: &Trace, id: &str, followed: &Followed) -> String {
    let steps = &trace.behaviour.steps;
    let mut text = String::new();
    for event in &followed.schedule {
        text += &format!("  {event}\n");
    }
    let Some(next) = steps.get(followed.taken) else {
        text += &format!("{id}: the cores take all {} steps\n", steps.len());
        return text;
    };
    text += &format!(
        "{id}: the cores take {} of {} steps, but not {}\n",
        followed.taken,
        steps.len(),
        next.action
    );
    if followed.cut_short {
        text += "not all of their states were looked at: they might go further\n";
    }
    if !followed.refused.is_empty() {
        text += &format!(
            "what they refuse there, they refuse by {}\n",
            followed.refused.join(", ")
        );
    }
    text
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
