//! What ended before it had seen everything, and by what: of that no page can say anything.

use super::files::Evidence;
use crate::verdict::CheckResult;

/// A line for each check that was cut short.
pub fn of_checks(results: &[CheckResult]) -> Vec<String> {
    let line = |result: &CheckResult| Some(format!("{}: {}", result.id, result.findings.stop?));
    results.iter().filter_map(line).collect()
}

/// A line for each check, rule left out, assumption dropped or bug whose search was cut short.
pub fn of_evidence(evidence: &Evidence) -> Vec<String> {
    let rules = evidence.omissions.iter().filter_map(|omission| {
        let (rung, rule) = (&omission.rung, omission.rule);
        Some(format!("{rung} without {rule}: {}", omission.stop?))
    });
    let assumptions = evidence.assumptions.iter().filter_map(|dropped| {
        let (model, assumption) = (&dropped.model, dropped.assumption);
        let stop = dropped.promised.stop?;
        Some(format!("{model} without \"{assumption}\": {stop}"))
    });
    let bugs = evidence.zoo.iter().filter_map(|specimen| {
        let (id, what) = (specimen.id, specimen.what);
        Some(format!("{id}, {what}: {}", specimen.stop?))
    });
    let mut lines = of_checks(&evidence.results);
    lines.extend(rules.chain(assumptions).chain(bugs));
    lines
}
