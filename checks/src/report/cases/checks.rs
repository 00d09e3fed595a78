//! The cases of checks.

use super::{Case, Outcome, Suite, Sum, subject, topic};
use crate::report::source::Sources;
use crate::trace::Behaviour;
use crate::verdict::{CheckResult, Promised, Property, Reach, Status, Verdict};

/// The name of the case that holds a check's findings against what its configuration says: counts, and the other engines.
pub const EXPECTATIONS: &str = "as expected";

/// The cases of checks: one for each property and promise, and one for what is expected of all.
pub fn of_checks<'a>(
    results: &'a [CheckResult],
    not_run: &[String],
    sources: &Sources,
) -> Vec<Suite<'a>> {
    let ran = results.iter().map(|result| of_check(result, sources));
    ran.chain(not_run.iter().map(|id| did_not_run(id)))
        .collect()
}

pub(super) fn did_not_run(id: &str) -> Suite<'static> {
    let mut suite = Suite::new(id.to_owned(), String::new());
    suite.cases.push(Case {
        name: EXPECTATIONS.to_owned(),
        outcome: Outcome::Unknown("interrupted: it did not run".to_owned()),
        topic: topic(None, id, EXPECTATIONS),
        place: None,
    });
    suite
}

fn of_check<'a>(result: &'a CheckResult, sources: &Sources) -> Suite<'a> {
    let subject = subject(&result.id, !result.findings.promises.is_empty());
    let case = |name: &str, outcome| Case {
        name: name.to_owned(),
        outcome,
        topic: topic(subject.as_ref(), &result.id, name),
        place: subject
            .as_ref()
            .and_then(|subject| sources.place(subject.model, name)),
    };
    let properties = result.findings.properties.iter();
    let mut suite = Suite::new(result.id.clone(), result.claim.clone());
    suite.facts = facts(result);
    suite.seconds = result.seconds;
    suite.cases = properties
        .map(|property| case(property.name, outcome(result, property)))
        .collect();
    if let Some(failure) = &result.findings.failure
        && !suite.cases.iter().any(|case| case.name == failure.property)
    {
        let story = failure.trace.as_ref();
        suite
            .cases
            .push(case(failure.property, failed(result, story)));
    }
    let outcome = expectations(result, suite.sum());
    suite.cases.push(case(EXPECTATIONS, outcome));
    suite
}

fn facts(result: &CheckResult) -> Vec<(&'static str, String)> {
    let extent = result.findings.reach.extent();
    let reach = match &result.findings.reach {
        Reach::Every(_) => "every state".to_owned(),
        reach => reach.to_string(),
    };
    let depth = extent.depth.map(|depth| ("depth", depth.to_string()));
    let tlc = result
        .tlc
        .map(|tlc| ("TLC", format!("{} at depth {}", tlc.distinct, tlc.depth)));
    let mut facts = vec![
        ("verdict", result.verdict.to_string()),
        ("reach", reach),
        ("distinct", extent.distinct.to_string()),
    ];
    facts.extend(depth);
    facts.extend(tlc);
    facts.push(("method", result.method.clone()));
    facts
}

fn outcome<'a>(result: &'a CheckResult, property: &Property) -> Outcome<'a> {
    let promised = result.findings.promises.iter();
    let promised = promised.into_iter().find(|p| p.name == property.name);
    match (property.status, result.as_expected) {
        (Status::Holds, _) => Outcome::Passed(None),
        (Status::Fails, _) => failed(result, story(result, promised)),
        (Status::Vacuous, true) => Outcome::Skipped(
            "vacuous: not claimed at this size, because its premise is never reached".to_owned(),
        ),
        (Status::Vacuous, false) if said_to_be_vacuous(result, property.name) => {
            Outcome::Skipped("vacuous: not claimed at this size".to_owned())
        }
        (Status::Vacuous, false) => Outcome::Unknown(
            "vacuous: it says nothing, because its premise is never reached".to_owned(),
        ),
        (Status::Unchecked, _) => Outcome::Skipped("this engine does not look at it".to_owned()),
        (Status::Unknown, _) => undecided(result, promised),
    }
}

/// Whether the configuration says that the property has nothing to say at this size.
fn said_to_be_vacuous(result: &CheckResult, name: &str) -> bool {
    let declared = format!("not claimed at this size: {name}");
    result.remarks.contains(&declared)
}

fn undecided<'a>(result: &CheckResult, promised: Option<&Promised>) -> Outcome<'a> {
    match (&result.findings.failure, result.findings.stop) {
        (_, Some(stop)) => Outcome::Unknown(format!("the search ended early: {stop}")),
        (Some(failure), None) => Outcome::Skipped(format!(
            "not decided: the search ends where {} fails",
            failure.property
        )),
        (None, None) => {
            let why = promised.and_then(|promised| promised.why.clone());
            Outcome::Unknown(why.unwrap_or_else(|| "not decided".to_owned()))
        }
    }
}

fn story<'a>(result: &'a CheckResult, promised: Option<&'a Promised>) -> Option<&'a Behaviour> {
    let lasso = promised.and_then(|promised| promised.lasso.as_ref());
    let failure = result.findings.failure.as_ref();
    lasso.or_else(|| failure?.trace.as_ref())
}

/// A failure that is expected is as good as a pass, and is no plain one.
fn failed<'a>(result: &CheckResult, story: Option<&'a Behaviour>) -> Outcome<'a> {
    let how = match story {
        Some(lasso) if lasso.lasso.is_some() => {
            let (stem, cycle) = lasso.stem_and_cycle();
            format!("by a lasso of {stem} and {cycle} steps")
        }
        Some(trace) => format!("after {} states{}", trace.states(), breaking(result)),
        None => "somewhere".to_owned(),
    };
    match result.as_expected {
        true => Outcome::Passed(Some(format!("fails {how}, as expected"))),
        false => Outcome::Failed {
            what: format!("fails {how}"),
            story,
        },
    }
}

/// The rules that the last step breaks.
fn breaking(result: &CheckResult) -> String {
    let failure = result.findings.failure.iter();
    let rules: Vec<_> = failure
        .flat_map(|it| &it.breaks)
        .map(|it| it.rule)
        .collect();
    match rules.is_empty() {
        true => String::new(),
        false => format!(", by a step that breaks {}", rules.join(", ")),
    }
}

fn expectations<'a>(result: &CheckResult, rest: Sum) -> Outcome<'a> {
    let remarks = result.remarks.join("; ");
    match (result.as_expected, rest, result.verdict) {
        (true, _, _) => Outcome::Passed((!remarks.is_empty()).then_some(remarks)),
        (false, Sum::AsExpected, Verdict::Unknown) => Outcome::Unknown(remarks),
        (false, Sum::AsExpected, _) => Outcome::Failed {
            what: remarks,
            story: None,
        },
        (false, ..) => Outcome::Skipped(format!("see above: {remarks}")),
    }
}
