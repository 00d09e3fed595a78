//! `concur explore`: stateright's Explorer on a model, at the end of a counterexample if there is one.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use concur_checks::engine::erased::Erased;
use concur_checks::selector::{Target, select_one, select_planted};
use concur_checks::trace::explorer::{place, serve};
use concur_checks::trace::replay::{self, Outcome};
use concur_checks::zoo::{Bug, Seed, ZOO};

use crate::limits::on_ctrl_c;
use crate::trace::{quietly, read};
use crate::{Ending, note};

/// Browse the states of a model in stateright's Explorer. Ctrl-C ends it.
#[derive(Args)]
pub(crate) struct Explore {
    /// The model: PROTOCOL/RUNG, with /CONFIGURATION or the rung's first one
    #[arg(value_name = "SELECTOR", required_unless_present_any = ["trace", "bug"])]
    selector: Option<String>,
    /// Set a parameter; may be given again
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<String>,
    /// Open at the end of a saved counterexample; it says which model
    #[arg(long, value_name = "FILE", conflicts_with_all = ["selector", "params", "omit", "bug"])]
    trace: Option<PathBuf>,
    /// Leave out a rule
    #[arg(long, value_name = "RULE", conflicts_with = "bug")]
    omit: Option<String>,
    /// Plant a published bug, such as RF01; reports/zoo.md lists them. Where several have one number, ID/2 is the second one
    #[arg(long, value_name = "ID")]
    bug: Option<String>,
    /// Where to serve. The Explorer knows no passwords: keep it on this machine
    #[arg(long, default_value = "127.0.0.1:3000")]
    addr: SocketAddr,
}

/// What is explored, and where it opens.
struct Scene {
    model: Erased,
    title: String,
    path: Option<Vec<usize>>,
}

impl Explore {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let scene = self.scene()?;
        if Path::new("ui").exists() {
            bail!(
                "stateright's Explorer would serve the folder `ui` of this directory instead of its own pages; run concur elsewhere"
            );
        }
        // The Explorer panics on a port in use, so look first.
        let probe = TcpListener::bind(self.addr).with_context(|| {
            format!(
                "cannot listen on {}; is something else? Choose another with --addr",
                self.addr
            )
        })?;
        let addr = probe.local_addr()?;
        drop(probe);
        let interrupted = on_ctrl_c()?;
        let place = scene.path.as_deref().map_or_else(String::new, place);
        let model = scene.model;
        let server = std::thread::spawn(move || serve(model, addr));
        writeln!(
            std::io::stdout(),
            "Exploring {} at http://{addr}/{place} (Ctrl-C ends it)",
            scene.title
        )?;
        while !interrupted.load(Ordering::Relaxed) {
            if server.is_finished() {
                let _ = server.join();
                bail!("the Explorer stopped");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(Ending::AsExpected)
    }

    fn scene(&self) -> anyhow::Result<Scene> {
        if let Some(file) = &self.trace {
            return at_the_end_of(file);
        }
        let (target, rule) = match &self.bug {
            Some(id) => {
                let bug = bug(id)?;
                let (selector, rule) = self.planted(bug)?;
                let target = select_planted(&selector, &bug.params(), &self.params)?;
                (target, rule)
            }
            None => {
                let selector = self.selector.as_deref().unwrap_or_default();
                (select_one(selector, &self.params)?, self.omit.clone())
            }
        };
        scene(&target, rule.as_deref(), None)
    }

    /// The model and the rule that a bug leaves out. The selector may say which configuration.
    fn planted(&self, bug: &Bug) -> anyhow::Result<(String, Option<String>)> {
        let selector = self.selector.clone().unwrap_or_else(|| bug.rung.to_owned());
        if selector != bug.rung && !selector.starts_with(&format!("{}/", bug.rung)) {
            bail!("{} is a bug of {}, not of {selector}", bug.id, bug.rung);
        }
        Ok(match bug.seed {
            Seed::Without(rule) => (selector, Some(rule.to_owned())),
            Seed::Config(config) => (format!("{}/{config}", bug.rung), None),
            Seed::Set => (selector, None),
        })
    }
}

fn scene(target: &Target, rule: Option<&str>, path: Option<Vec<usize>>) -> anyhow::Result<Scene> {
    let without = rule.map_or_else(String::new, |rule| format!(" without {rule}"));
    Ok(Scene {
        model: target.machine(rule)?,
        title: format!("{}{without}", target.id()),
        path,
    })
}

/// The model of a trace, at its last step that can still be taken.
fn at_the_end_of(file: &Path) -> anyhow::Result<Scene> {
    let trace = read(file)?;
    let replayed = quietly(|| replay::replay(&trace))?;
    if let Outcome::Gone(step, why) = &replayed.outcome {
        note(format_args!(
            "the trace does not apply from step {step} on: {why}"
        ));
    }
    let target = replay::target(&trace)?;
    scene(&target, replay::omitted(&trace), Some(replayed.path))
}

/// The bug of that number.
fn bug(id: &str) -> anyhow::Result<&'static Bug> {
    let (number, nth) = id
        .split_once('/')
        .map_or((id, None), |(id, nth)| (id, Some(nth)));
    let its: Vec<_> = ZOO.iter().filter(|bug| bug.id == number).collect();
    let nth = match nth {
        Some(nth) => nth.parse::<usize>().ok().and_then(|nth| nth.checked_sub(1)),
        None if its.len() > 1 => {
            let told = (1..)
                .zip(&its)
                .map(|(nth, bug)| format!("  --bug {number}/{nth}  {} ({})", bug.what, bug.rung));
            bail!(
                "several bugs have the number {number}; choose one:\n{}",
                told.collect::<Vec<_>>().join("\n")
            );
        }
        None => Some(0),
    };
    let found = nth.and_then(|nth| its.get(nth)).copied();
    found.with_context(|| format!("no bug has the number {id}; reports/zoo.md lists them"))
}
