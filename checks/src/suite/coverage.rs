//! The check that everything happens somewhere.

use std::collections::BTreeMap;

use super::{Options, Outcomes};
use crate::engine::limits::Progress;
use crate::methods::How;
use crate::methods::coverage::Coverage;
use crate::registry::{AnyRung, values_of};
use crate::verdict::{
    CheckResult, Count, Extent, Findings, Property, PropertyKind, Reach, Status, Verdict,
};

/// Explores the configurations of a rung, one after the other, until everything has happened.
pub(super) fn cover(rung: &dyn AnyRung, options: &Options, progress: &Progress) -> Outcomes {
    let about = rung.about();
    let mut coverage = Coverage::default();
    let mut used = Vec::new();
    let mut distinct = 0;
    let mut stop = None;
    let how = How {
        plan: &options.plan,
        symmetry: false,
        progress,
    };
    for config in about
        .configs
        .iter()
        .filter(|config| config.tier <= options.tier)
    {
        let findings = rung.cover(&mut coverage, &values_of(about.params, config), how)?;
        used.push(config.name);
        distinct += findings.reach.extent().distinct;
        stop = findings.stop;
        if coverage.gaps().is_empty() || stop.is_some() {
            break;
        }
    }
    let gaps = coverage.gaps();
    let elsewhere = about.elsewhere.iter();
    let elsewhere =
        elsewhere.map(|(property, because)| format!("not shown here: {property}, since {because}"));
    let (verdict, status) = match (gaps.is_empty(), stop) {
        (true, _) => (Verdict::Holds, Status::Holds),
        (false, Some(_)) => (Verdict::Unknown, Status::Unknown),
        (false, None) => (Verdict::Fails, Status::Fails),
    };
    let findings = Findings {
        reach: Reach::Bounded {
            by: vec![format!("the configurations {}", used.join("; "))],
            extent: Extent {
                distinct,
                ..Extent::default()
            },
        },
        properties: vec![Property {
            name: "Coverage",
            kind: PropertyKind::Coverage,
            status,
            witnesses: Vec::new(),
        }],
        promises: Vec::new(),
        failure: None,
        stop: stop.filter(|_| !gaps.is_empty()),
        actions: coverage
            .actions
            .iter()
            .map(|(&name, &count)| Count {
                name: name.into(),
                count,
            })
            .collect(),
        bounds: Vec::new(),
    };
    Ok(CheckResult {
        id: String::new(),
        claim: "each action is taken, each guard is seen true and false, each witness is seen"
            .to_owned(),
        method: "coverage of the named configurations, taken together".to_owned(),
        parameters: BTreeMap::new(),
        verdict,
        as_expected: verdict == Verdict::Holds,
        remarks: gaps.into_iter().chain(elsewhere).collect(),
        tlc: None,
        findings,
        opinions: Vec::new(),
        seconds: 0.0,
    })
}
