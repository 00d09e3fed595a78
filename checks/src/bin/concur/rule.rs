//! `concur rule`: everything about one rule, the shortest disaster without it included.

use std::io::Write;

use anyhow::bail;
use clap::Args;
use concur_checks::methods::How;
use concur_checks::methods::omission::omit;
use concur_checks::registry::RUNGS;
use concur_checks::report::{human, json};
use concur_checks::trace::save::of_omission;

use crate::Ending;
use crate::limits::{Format, LimitArgs, SaveArgs, TierArg};
use crate::progress::watch;

/// Show one rule: what it says, where it is stated, which rungs keep it, and what happens without it.
#[derive(Args)]
pub(crate) struct Rule {
    /// The rule's name, such as TMCommitAllPrepared
    rule: String,
    /// Look for what happens without it in the configurations up to this tier
    #[arg(long, value_enum, default_value_t = TierArg::Ci)]
    tier: TierArg,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    save: SaveArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

impl Rule {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let plan = self.limits.plan()?;
        let mut omissions = Vec::new();
        for rung in RUNGS {
            let about = rung.about();
            let Some(&card) = about.rules.iter().find(|card| card.name == self.rule) else {
                continue;
            };
            let label = format!("{} without {}", about.id(), card.name);
            omissions.push(watch(&label, |progress| {
                let how = How {
                    plan: &plan,
                    symmetry: false,
                    progress,
                };
                omit(*rung, card, self.tier.into(), how)
            })?);
        }
        if omissions.is_empty() {
            bail!("no rule is called `{}`\n\n{}", self.rule, human::rules());
        }
        let traces: Vec<_> = omissions.iter().filter_map(of_omission).collect();
        self.save.save(&traces)?;
        let mut out = std::io::stdout().lock();
        match self.format {
            Format::Human => write!(out, "{}", human::rule(&omissions))?,
            Format::Json => writeln!(out, "{}", json::omissions(&omissions, &[], &[])?)?,
        }
        Ok(Ending::AsExpected)
    }
}
