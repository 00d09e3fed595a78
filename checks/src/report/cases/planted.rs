//! The cases of what is planted: rules left out, assumptions dropped, published bugs.

use super::checks::did_not_run;
use super::{Case, Outcome, Suite, Topic, subject, topic};
use crate::methods::assumptions::Dropped;
use crate::methods::omission::Omission;
use crate::methods::zoo::Specimen;
use crate::report::source::Sources;
use crate::verdict::{Status, Verdict};

/// Puts a case into the suite of that name, which is the last one or a new one.
fn put<'a>(suites: &mut Vec<Suite<'a>>, id: &str, claim: &str, case: Case<'a>) {
    let last = suites.pop_if(|suite| suite.id == id);
    let mut suite = last.unwrap_or_else(|| Suite::new(id.to_owned(), claim.to_owned()));
    suite.cases.push(case);
    suites.push(suite);
}

/// The cases of rules left out and of assumptions dropped.
pub fn of_omissions<'a>(
    omissions: &'a [Omission],
    assumptions: &'a [Dropped],
    not_run: &[String],
    sources: &Sources,
) -> Vec<Suite<'a>> {
    let mut suites = Vec::new();
    for omission in omissions {
        let case = Case {
            name: format!("without {}", omission.rule),
            outcome: omitted(omission),
            topic: Topic {
                id: format!("{}/{}", omission.rung, omission.rule),
                says: omission.says.to_owned(),
                source: omission.source.to_owned(),
            },
            place: subject(&omission.rung, false)
                .and_then(|subject| sources.place(subject.model, omission.rule)),
        };
        put(&mut suites, &omission.rung, "each rule is missed", case);
    }
    for dropped in assumptions {
        let about = subject(&dropped.model, true);
        let name = format!("{} without {}", dropped.promised.name, dropped.assumption);
        let case = Case {
            outcome: missed(dropped),
            topic: topic(about.as_ref(), &dropped.model, &name),
            place: about
                .as_ref()
                .and_then(|about| sources.place(about.model, dropped.promised.name)),
            name,
        };
        put(
            &mut suites,
            &dropped.model,
            "each assumption is missed",
            case,
        );
    }
    suites.extend(not_run.iter().map(|id| did_not_run(id)));
    suites
}

fn omitted(omission: &Omission) -> Outcome<'_> {
    let caught = omission.caught.as_ref();
    let noticed = caught.map(|caught| format!("{} in {}", caught.by, caught.config));
    match (omission.as_expected, omission.verdict) {
        (true, _) => Outcome::Passed(noticed.or_else(|| omission.redundant.map(str::to_owned))),
        (false, Verdict::Unknown) => Outcome::Unknown("a search ended early".to_owned()),
        (false, verdict) => Outcome::Failed {
            what: match (verdict, omission.redundant) {
                (Verdict::Fails, Some(_)) => "declared redundant, and missed",
                (Verdict::Holds, None) => "nobody notices that the rule is left out",
                _ => "not the same with symmetry",
            }
            .to_owned(),
            story: caught.and_then(|caught| caught.trace.as_ref()),
        },
    }
}

fn missed(dropped: &Dropped) -> Outcome<'_> {
    match (dropped.as_expected, dropped.promised.status) {
        (true, _) => Outcome::Passed(Some(format!("broken in {}", dropped.config))),
        (false, Status::Unknown) => Outcome::Unknown("a search ended early".to_owned()),
        (false, _) => Outcome::Failed {
            what: "nobody misses the assumption".to_owned(),
            story: None,
        },
    }
}

/// The cases of bugs that were planted.
pub fn of_zoo<'a>(
    specimens: &'a [Specimen],
    not_run: &[String],
    sources: &Sources,
) -> Vec<Suite<'a>> {
    let mut suites = Vec::new();
    for specimen in specimens {
        let case = Case {
            name: format!("{} {}", specimen.id, specimen.what),
            outcome: found(specimen),
            topic: Topic {
                id: format!("{}/{}", specimen.rung, specimen.id),
                says: format!("{} breaks {}", specimen.what, specimen.breaks),
                source: specimen.source.to_owned(),
            },
            place: subject(specimen.rung, specimen.lasso.is_some())
                .and_then(|subject| sources.place(subject.model, specimen.breaks)),
        };
        put(
            &mut suites,
            specimen.rung,
            "each published bug is found",
            case,
        );
        if let Some(suite) = suites.last_mut() {
            suite.seconds += specimen.seconds;
        }
    }
    suites.extend(not_run.iter().map(|id| did_not_run(id)));
    suites
}

fn found(specimen: &Specimen) -> Outcome<'_> {
    let by = specimen.breaks;
    match (specimen.as_expected, specimen.verdict) {
        (true, _) => Outcome::Passed(Some(match specimen.sighting.states {
            Some(states) => format!("found: {by} fails, {states} long"),
            None => format!("found: {by}"),
        })),
        (false, Verdict::Unknown) => Outcome::Unknown("the search ended early".to_owned()),
        (false, Verdict::Fails) => Outcome::Failed {
            what: format!("{by} fails, but a reduction hides it"),
            story: specimen.trace.as_ref(),
        },
        (false, Verdict::Holds) => Outcome::Failed {
            what: format!("not found: {by} does not fail"),
            story: None,
        },
    }
}
