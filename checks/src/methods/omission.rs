//! Omission: each rule left out, one at a time, must make some check fail. A rule that nobody misses is no rule.

use concur_models::kit::{Config, NoSuchModel, Outcome, Tier};
use concur_rules::Card;
use serde::Serialize;

use super::How;
use super::claims::missing_witness;
use crate::engine::limits::Stop;
use crate::registry::{AnyRung, values_of};
use crate::trace::Behaviour;
use crate::verdict::{Findings, Verdict};

/// What noticed that a rule was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Caught {
    /// The configuration.
    pub config: &'static str,
    /// The property that fails, or the witness that is no longer seen.
    pub by: String,
    /// The shortest counterexample. Where a witness is missing there is none: the claim is that no state shows it.
    pub trace: Option<Behaviour>,
}

/// What became of one rule left out of one rung.
#[derive(Clone, Debug, Serialize)]
pub struct Omission {
    /// protocol/rung.
    pub rung: String,
    /// The rule.
    pub rule: &'static str,
    /// `guard` or `effect`.
    pub kind: &'static str,
    /// What the rule says.
    pub says: &'static str,
    /// Where it is stated.
    pub source: &'static str,
    /// What noticed, without a reduction.
    pub caught: Option<Caught>,
    /// What noticed, with symmetry; absent if the rung declares none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with_symmetry: Option<Option<Caught>>,
    /// Why nothing notices, where that is so.
    pub redundant: Option<&'static str>,
    /// `fails` if the mutant fails somewhere, as it should; `holds` if nobody noticed; `unknown` if a search ended early.
    pub verdict: Verdict,
    /// Whether the rule is missed, or declared redundant and not missed, the same with and without reductions.
    pub as_expected: bool,
    /// The first limit that a search for it reached, whatever was found.
    #[serde(skip)]
    pub stop: Option<Stop>,
}

/// Leaves the rule of `card` out of `rung`, and looks for what notices.
///
/// # Errors
/// If a named configuration gives no model.
pub fn omit(
    rung: &dyn AnyRung,
    card: &'static Card,
    tier: Tier,
    how: How<'_>,
) -> Result<Omission, NoSuchModel> {
    let about = rung.about();
    let redundant = about.redundant.iter().find(|(rule, _)| *rule == card.name);
    let plain = search(
        rung,
        card,
        tier,
        How {
            symmetry: false,
            ..how
        },
    )?;
    let symmetric = match about.symmetry {
        Some(_) => Some(search(
            rung,
            card,
            tier,
            How {
                symmetry: true,
                ..how
            },
        )?),
        None => None,
    };
    let expected = match redundant {
        Some(_) => Verdict::Holds,
        None => Verdict::Fails,
    };
    let with_symmetry = symmetric.as_ref().map(Found::verdict);
    let (verdict, as_expected) = judge(plain.verdict(), with_symmetry, expected);
    let stopped = symmetric.as_ref().and_then(|symmetric| symmetric.stop);
    Ok(Omission {
        rung: about.id(),
        rule: card.name,
        kind: kind(card),
        says: card.says,
        source: card.source,
        stop: plain.stop.or(stopped),
        caught: plain.caught,
        with_symmetry: symmetric.map(|symmetric| symmetric.caught),
        redundant: redundant.map(|(_, because)| *because),
        verdict,
        as_expected,
    })
}

/// What both searches come to, and whether that is as expected. What surprises without a reduction is certain; otherwise, what either left open is.
fn judge(plain: Verdict, symmetric: Option<Verdict>, expected: Verdict) -> (Verdict, bool) {
    let symmetric = symmetric.unwrap_or(plain);
    match (plain == expected, symmetric) {
        (true, Verdict::Unknown) => (Verdict::Unknown, false),
        (met, _) => (plain, met && symmetric == plain),
    }
}

/// The word for a rule's kind.
pub fn kind(card: &Card) -> &'static str {
    match card.kind {
        concur_rules::Kind::Guard => "guard",
        concur_rules::Kind::Effect => "effect",
    }
}

struct Found {
    caught: Option<Caught>,
    stop: Option<Stop>,
}

impl Found {
    fn verdict(&self) -> Verdict {
        match (&self.caught, self.stop) {
            (Some(_), _) => Verdict::Fails,
            (None, Some(_)) => Verdict::Unknown,
            (None, None) => Verdict::Holds,
        }
    }
}

fn search(rung: &dyn AnyRung, card: &Card, tier: Tier, how: How<'_>) -> Result<Found, NoSuchModel> {
    let about = rung.about();
    let mut stop = None;
    let sound = |config: &&Config| config.tier <= tier && config.expect.outcome == Outcome::Holds;
    for config in about.configs.iter().filter(sound) {
        let values = values_of(about.params, config);
        how.progress.begin_again();
        let findings = rung.examine(&values, Some(card.name), how)?;
        stop = stop.or(findings.stop);
        if let Some(caught) = notice(config, findings) {
            return Ok(Found {
                caught: Some(caught),
                stop,
            });
        }
    }
    Ok(Found { caught: None, stop })
}

fn notice(config: &Config, findings: Findings) -> Option<Caught> {
    if let Some(failure) = findings.failure {
        return Some(Caught {
            config: config.name,
            by: failure.property.to_owned(),
            trace: failure.trace,
        });
    }
    let missing = missing_witness(&findings, config.expect.vacuous)?;
    findings.stop.is_none().then(|| Caught {
        config: config.name,
        by: format!("never seen: {missing}"),
        trace: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Fails, Holds, Unknown};

    #[test]
    fn both_searches_must_find_what_is_expected() {
        for expected in [Fails, Holds] {
            assert_eq!(judge(expected, None, expected), (expected, true));
            assert_eq!(judge(expected, Some(expected), expected), (expected, true));
        }
        assert_eq!(judge(Fails, Some(Holds), Fails), (Fails, false));
        assert_eq!(judge(Holds, Some(Fails), Holds), (Holds, false));
    }

    #[test]
    fn what_either_search_left_open_is_unknown() {
        for expected in [Fails, Holds] {
            for (plain, symmetric) in [
                (Unknown, None),
                (Unknown, Some(Unknown)),
                (Unknown, Some(expected)),
                (expected, Some(Unknown)),
            ] {
                let judged = judge(plain, symmetric, expected);
                assert_eq!(judged, (Unknown, false), "{plain} {symmetric:?}");
            }
        }
    }

    #[test]
    fn a_surprise_is_certain_however_the_other_search_ended() {
        for (plain, expected) in [(Holds, Fails), (Fails, Holds)] {
            for symmetric in [None, Some(Unknown), Some(plain), Some(expected)] {
                let judged = judge(plain, symmetric, expected);
                assert_eq!(judged, (plain, false), "{symmetric:?}");
            }
        }
    }
}
