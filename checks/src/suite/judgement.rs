//! What a check comes to: what was found, held against what was expected and what other engines say.

use concur_models::kit::{Expect, Outcome};

use crate::methods::opinion::Other;
use crate::verdict::{Findings, Opinion, Status, Verdict};

/// What other engines say.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) opinions: &'a [Opinion],
    /// Who was asked, and interrupted before it answered.
    pub(super) unanswered: Option<Other>,
}

/// What a check comes to.
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    /// What is not as expected.
    pub(super) unexpected: Vec<String>,
    /// What else there is to say.
    pub(super) remarks: Vec<String>,
}

/// Holds what was found against what was expected of the size, if it is a named one, and against what others say.
pub(super) fn judge(
    findings: &Findings,
    said: Said<'_>,
    expect: Option<&Expect>,
    symmetry: bool,
) -> Judgement {
    let declared = expect.map_or(&[][..], |expect| expect.vacuous);
    let vacuous: Vec<_> = findings.of_status(Status::Vacuous).collect();
    let undeclared: Vec<_> = vacuous
        .iter()
        .filter(|name| !declared.contains(name))
        .collect();
    let disagree = said.opinions.iter().filter(|opinion| !opinion.agrees);
    let wrong: Vec<_> = disagree
        .map(|opinion| format!("{} disagrees: {}", opinion.engine, opinion.found))
        .chain(surprise(findings, expect, symmetry))
        .collect();
    let unfinished = match &findings.failure {
        Some(_) => None,
        None => findings.stop.map(|stop| format!("unknown: {stop}")),
    };
    let unanswered = said
        .unanswered
        .map(|other| format!("unknown: interrupted before {} answered", other.name()));
    let unseen = not_looked_at(findings, expect).map(|property| {
        format!("unknown: {property} is expected to fail, and this engine does not look at it")
    });
    let open = unanswered.or(unseen);
    // What is wrong already stays wrong, whatever was not asked any more.
    let awaited = open.is_some() && wrong.is_empty();
    let verdict = if findings.failure.is_some() && !awaited {
        Verdict::Fails
    } else if unfinished.is_some() || awaited || !undeclared.is_empty() {
        Verdict::Unknown
    } else {
        Verdict::Holds
    };
    let mut unexpected = Vec::new();
    unexpected.extend(unfinished);
    unexpected.extend(open);
    unexpected.extend(undeclared.iter().map(|name| {
        format!("vacuous: {name} says nothing here, because its premise is never reached; try a larger size")
    }));
    unexpected.extend(wrong);
    let remarks = vacuous
        .iter()
        .filter(|name| declared.contains(name))
        .map(|name| format!("not claimed at this size: {name}"))
        .chain(cut_short(findings))
        .collect();
    Judgement {
        verdict,
        unexpected,
        remarks,
    }
}

/// What a limit kept from being seen, although it is known what fails.
fn cut_short(findings: &Findings) -> Option<String> {
    let failure = findings.failure.as_ref()?;
    let stop = findings.stop?;
    Some(match failure.trace {
        Some(_) => format!("not everything on the level where it fails was seen: {stop}"),
        None => format!("no shortest counterexample was found: {stop}"),
    })
}

/// What differs from what the configuration says.
fn surprise(findings: &Findings, expect: Option<&Expect>, symmetry: bool) -> Vec<String> {
    let failure = findings.failure.as_ref();
    let Some(expect) = expect else {
        return failure
            .iter()
            .map(|failure| format!("{} fails", failure.property))
            .collect();
    };
    match (expect.outcome, failure) {
        (Outcome::Holds, Some(failure)) => vec![format!("{} fails", failure.property)],
        (_, None) if findings.stop.is_some() => Vec::new(),
        (Outcome::Fails { .. }, _) if not_looked_at(findings, Some(expect)).is_some() => Vec::new(),
        (Outcome::Holds, None) => miscount(findings, expect, symmetry)
            .into_iter()
            .chain(declared_too_much(findings, expect))
            .collect(),
        (Outcome::Fails { property, .. }, None) => {
            vec![format!("{property} was expected to fail, and does not")]
        }
        (Outcome::Fails { property, states }, Some(failure)) => {
            let found = failure.trace.as_ref().map(|trace| trace.states());
            let as_said = match found {
                Some(found) => failure.property == property && found == states,
                // Another engine goes on where something fails, and tells all that does.
                None => fails(findings, property),
            };
            let found = found.map_or_else(String::new, |found| format!(" after {found} states"));
            let found = format!("{} fails{found}", failure.property);
            let expected = format!("{property} was expected to fail after {states} states");
            Vec::from_iter((!as_said).then(|| format!("{expected}, but {found}")))
        }
    }
}

fn fails(findings: &Findings, property: &str) -> bool {
    findings
        .of_status(Status::Fails)
        .any(|name| name == property)
}

/// A property that is expected to fail, and that an engine does not look at.
fn not_looked_at(findings: &Findings, expect: Option<&Expect>) -> Option<&'static str> {
    let Outcome::Fails { property, .. } = expect?.outcome else {
        return None;
    };
    let mut unchecked = findings.of_status(Status::Unchecked);
    unchecked.any(|name| name == property).then_some(property)
}

fn miscount(findings: &Findings, expect: &Expect, symmetry: bool) -> Option<String> {
    let extent = findings.reach.extent();
    let distinct = if symmetry {
        expect.orbits
    } else {
        Some(expect.distinct)
    };
    let wrong = distinct.is_some_and(|distinct| distinct != extent.distinct)
        || extent.depth.is_some_and(|depth| depth != expect.depth);
    wrong.then(|| {
        format!(
            "expected {} distinct states at depth {}, found {} at {}",
            distinct.map_or_else(|| "?".to_owned(), |distinct| distinct.to_string()),
            expect.depth,
            extent.distinct,
            extent
                .depth
                .map_or_else(|| "?".to_owned(), |depth| depth.to_string()),
        )
    })
}

fn declared_too_much(findings: &Findings, expect: &Expect) -> Vec<String> {
    let vacuous: Vec<_> = findings.of_status(Status::Vacuous).collect();
    let unchecked: Vec<_> = findings.of_status(Status::Unchecked).collect();
    expect
        .vacuous
        .iter()
        .filter(|name| !vacuous.contains(name) && !unchecked.contains(name))
        .map(|name| format!("{name} is declared out of reach at this size, and is not"))
        .collect()
}
