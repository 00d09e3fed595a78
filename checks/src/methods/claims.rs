//! What a rung claims: its invariants, step properties and refinement, each with the witnesses that keep it from being vacuous.

use concur_models::kit::Spec;
use stateright::Expectation;

use crate::engine::REFINEMENT;
use crate::verdict::{Findings, Property, PropertyKind, Status, Witness};

/// One property that is claimed, not yet judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its name, as in the paper.
    pub name: &'static str,
    /// Its kind.
    pub kind: PropertyKind,
    /// What must be possible for it to say something.
    pub witnesses: Vec<&'static str>,
}

/// Everything that `model` claims, invariants first, refinement last: the order in which a failure is reported.
pub fn claims<M: Spec>(model: &M) -> Vec<Claim> {
    let all = model.properties();
    let witnesses = |name: &str| {
        let witnesses = all.iter().filter(|other| is_witness(other.name, name));
        witnesses.map(|other| other.name).collect()
    };
    let invariants = all
        .iter()
        .filter(|property| property.expectation == Expectation::Always)
        .map(|property| (property.name, PropertyKind::Invariant));
    let steps = model
        .step_properties()
        .into_iter()
        .map(|property| (property.name, PropertyKind::Step));
    invariants
        .chain(steps)
        .chain([(REFINEMENT, PropertyKind::Refinement)])
        .map(|(name, kind)| Claim {
            name,
            kind,
            witnesses: witnesses(name),
        })
        .collect()
}

/// Whether the `sometimes` property `witness` shows that `property` has something to say: its name begins with `property:`.
fn is_witness(witness: &str, property: &str) -> bool {
    let rest = witness.strip_prefix(property);
    rest.is_some_and(|rest| rest.starts_with(':'))
}

/// What an exploration says about claims.
pub struct Evidence<'a> {
    /// Which properties fail.
    pub fails: &'a dyn Fn(&str) -> bool,
    /// Which witnesses were seen.
    pub seen: &'a dyn Fn(&str) -> bool,
    /// Whether the search ended before it had seen everything.
    pub cut_short: bool,
    /// Whether steps were looked at.
    pub steps: bool,
}

/// Judges claims by the evidence.
pub fn judge(claims: Vec<Claim>, evidence: &Evidence<'_>) -> Vec<Property> {
    claims
        .into_iter()
        .map(|claim| {
            let witness = |name| Witness {
                name,
                seen: (evidence.seen)(name),
            };
            let witnesses: Vec<_> = claim.witnesses.into_iter().map(witness).collect();
            let status = if !evidence.steps && claim.kind != PropertyKind::Invariant {
                Status::Unchecked
            } else if (evidence.fails)(claim.name) {
                Status::Fails
            } else if evidence.cut_short {
                Status::Unknown
            } else if witnesses.iter().all(|witness| witness.seen) {
                Status::Holds
            } else {
                Status::Vacuous
            };
            Property {
                name: claim.name,
                kind: claim.kind,
                status,
                witnesses,
            }
        })
        .collect()
}

/// The first witness that was not seen, of a property that is not known to be vacuous.
pub fn missing_witness(findings: &Findings, vacuous: &[&str]) -> Option<&'static str> {
    findings
        .properties
        .iter()
        .filter(|property| !vacuous.contains(&property.name))
        .flat_map(|property| &property.witnesses)
        .find(|witness| !witness.seen)
        .map(|witness| witness.name)
}
