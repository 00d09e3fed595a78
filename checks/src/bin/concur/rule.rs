//! `concur rule`: everything about one rule, the shortest disaster without it included.

use std::io::Write;

use anyhow::bail;
use clap::Args;
use concur_checks::methods::How;
use concur_checks::methods::omission::omit;
use concur_checks::registry::{AnyRung, RUNGS};
use concur_checks::report::{human, json};
use concur_checks::trace::save::of_omission;
use concur_rules::Card;

use crate::Ending;
use crate::limits::{Format, LimitArgs, SaveArgs, TierArg};
use crate::omit::Omitted;
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
        let kept = self.kept();
        if kept.is_empty() {
            bail!("no rule is called `{}`\n\n{}", self.rule, human::rules());
        }
        self.save.prepare()?;
        let mut omissions = Vec::new();
        for (rung, card) in kept {
            let label = format!("{} without {}", rung.about().id(), card.name);
            omissions.push(watch(&label, |progress| {
                let how = How {
                    plan: &plan,
                    symmetry: false,
                    progress,
                };
                omit(rung, card, self.tier.into(), how)
            })?);
        }
        let traces: Vec<_> = omissions.iter().filter_map(of_omission).collect();
        self.save.save(&traces)?;
        let mut out = std::io::stdout().lock();
        match self.format {
            Format::Human => write!(out, "{}", human::rule(&omissions))?,
            Format::Json => writeln!(out, "{}", json::omissions(&omissions, &[], &[])?)?,
        }
        let omitted = Omitted {
            omissions,
            ..Omitted::default()
        };
        Ok(omitted.ending())
    }

    /// The rungs that keep the rule, each with its card.
    fn kept(&self) -> Vec<(&'static dyn AnyRung, &'static Card)> {
        let of = |rung: &&'static dyn AnyRung| {
            let rules = rung.about().rules;
            let card = rules.iter().find(|card| card.name == self.rule)?;
            Some((*rung, *card))
        };
        RUNGS.iter().filter_map(of).collect()
    }
}
