//! Cases as JUnit's XML, in the form that Jenkins made common: what `checks/tests/schemas/junit.xsd` describes.

use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestSuite,
};

use super::cases::{Case, Outcome, Suite};
use crate::trace::story;

/// The document: a suite for each check, a case for each property. What is unknown is an error; what is vacuous at its size is skipped, and says so.
///
/// # Errors
/// None that is known; serialization is fallible by type.
pub fn document(suites: &[Suite<'_>]) -> Result<String, SerializeError> {
    let mut report = Report::new("concur");
    report.add_test_suites(suites.iter().map(suite));
    report.to_string()
}

fn suite(suite: &Suite<'_>) -> TestSuite {
    let mut told = TestSuite::new(suite.id.as_str());
    told.set_time(Duration::from_secs_f64(suite.seconds));
    if !suite.claim.is_empty() {
        told.add_property(Property::new("claim", suite.claim.as_str()));
    }
    let facts = suite.facts.iter();
    told.add_properties(facts.map(|(name, value)| Property::new(*name, value.as_str())));
    told.add_test_cases(suite.cases.iter().map(|each| case(&suite.id, each)));
    told
}

fn case(suite: &str, case: &Case<'_>) -> TestCase {
    let (status, out) = status(&case.outcome);
    let mut told = TestCase::new(case.name.as_str(), status);
    told.set_classname(suite.replace('/', "."));
    if let Some(place) = &case.place {
        told.extra.insert("file".into(), place.file.as_str().into());
        told.extra
            .insert("line".into(), place.line.to_string().into());
    }
    if let Some(out) = out {
        told.set_system_out(out);
    }
    told
}

/// The status, and what is said beside it.
fn status<'a>(outcome: &'a Outcome<'_>) -> (TestCaseStatus, Option<&'a str>) {
    match outcome {
        Outcome::Passed(note) => (TestCaseStatus::success(), note.as_deref()),
        Outcome::Skipped(why) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(why.as_str());
            (status, None)
        }
        Outcome::Failed {
            what,
            story: behaviour,
        } => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(what.as_str()).set_type("failed");
            if let Some(behaviour) = behaviour {
                status.set_description(story(behaviour).join("\n"));
            }
            (status, None)
        }
        Outcome::Unknown(why) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(why.as_str()).set_type("unknown");
            (status, None)
        }
    }
}
