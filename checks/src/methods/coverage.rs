//! Coverage: what a rung's configurations, taken together, have made happen.
//!
//! Each kind of action is taken, each labelled guard is seen true and seen false, each effect takes place, and each
//! property's witness is seen. What never happens proves nothing.

use std::collections::BTreeMap;

use concur_models::kit::{Named, NoSuchModel, Observed, Rung, Seen, Values};
use concur_rules::{Card, Rule};
use serde::Serialize;

use super::How;
use super::claims::claims;
use super::exhaustive::examine;
use crate::verdict::{Findings, Property};

/// What the configurations of a rung have made happen so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Steps per kind of action.
    pub actions: BTreeMap<&'static str, u64>,
    /// For each rule, how it was met.
    pub rules: BTreeMap<&'static str, Met>,
    /// For each witness, whether it was seen.
    pub witnesses: BTreeMap<&'static str, bool>,
    /// Properties without a witness.
    pub unwitnessed: Vec<&'static str>,
}

/// How a rule was met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Met {
    /// A guard let an action happen; an effect took place.
    pub held: bool,
    /// A guard kept an action from happening.
    pub refused: bool,
    /// Whether it was met in every way that a rule of its kind can be.
    pub both_ways: bool,
}

impl Coverage {
    /// What never happened, in words.
    pub fn gaps(&self) -> Vec<String> {
        let actions = self.actions.iter().filter(|(_, taken)| **taken == 0);
        let rules = self.rules.iter().filter(|(_, met)| !met.both_ways);
        let witnesses = self.witnesses.iter().filter(|(_, seen)| !**seen);
        let mut gaps: Vec<String> = Vec::new();
        gaps.extend(actions.map(|(action, _)| format!("action {action} is never taken")));
        gaps.extend(rules.map(|(rule, met)| {
            let never = if met.held { "false" } else { "true" };
            format!("rule {rule} is never {never}")
        }));
        gaps.extend(witnesses.map(|(name, _)| format!("never seen: {name}")));
        gaps.extend(
            self.unwitnessed
                .iter()
                .map(|property| format!("property {property} has no witness")),
        );
        gaps
    }

    /// Explores one more configuration of the rung and adds what it makes happen.
    ///
    /// # Errors
    /// If the values give no model.
    pub fn add<R: Rung>(&mut self, values: &Values, how: How<'_>) -> Result<Findings, NoSuchModel> {
        let rules = Observed::<R::Rule>::new();
        let model = R::model(values, rules.clone())?;
        let findings = examine(&model, how);
        for (name, count) in names::<R>().iter().zip(&findings.actions) {
            *self.actions.entry(name).or_default() += count.count;
        }
        for &rule in R::RULES {
            let mut seen = rules.seen(rule);
            seen.held |= seen.refused && !R::ASKS_BOTH_WAYS;
            self.meet(rule.card(), seen);
        }
        let shown = |p: &&Property| R::ELSEWHERE.iter().all(|other| other.property != p.name);
        let shown = findings.properties.iter().filter(shown);
        for witness in shown.flat_map(|p| &p.witnesses) {
            *self.witnesses.entry(witness.name).or_default() |= witness.seen;
        }
        self.unwitnessed = claims(&model)
            .iter()
            .filter(|claim| claim.witnesses.is_empty() && claim.name != crate::engine::REFINEMENT)
            .map(|claim| claim.name)
            .collect();
        Ok(findings)
    }

    fn meet(&mut self, card: &'static Card, seen: Seen) {
        let met = self.rules.entry(card.name).or_default();
        let all = seen.or(Seen {
            held: met.held,
            refused: met.refused,
        });
        *met = Met {
            held: all.held,
            refused: all.refused,
            both_ways: all.both_ways(card.kind),
        };
    }
}

fn names<R: Rung>() -> &'static [&'static str] {
    type Action<R> = <<R as Rung>::Model<Observed<<R as Rung>::Rule>> as stateright::Model>::Action;
    <Action<R> as Named>::NAMES
}
