//! Runs checks and holds what they find against what was expected.

use std::collections::BTreeMap;
use std::time::Instant;

use concur_models::kit::{Expect, NoSuchModel, Outcome, Param, Tier, Values};

use crate::conformance;
use crate::engine::erased::Erased;
use crate::engine::explore::Plan;
use crate::engine::limits::Progress;
use crate::engine::liveness::validate::{Choices, Flaw};
use crate::methods::How;
use crate::methods::coverage::Coverage;
use crate::methods::opinion::{Other, compare};
use crate::promises::promises;
use crate::registry::{AnyRung, describe, values_of};
use crate::selector::{COVERAGE, REPERTOIRE, SelectError, Target, WALKS};
use crate::verdict::{
    CheckResult, Count, Extent, Findings, Opinion, Property, PropertyKind, Reach, Status, TlcSays,
    Verdict,
};

/// Who explores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Our own, and on what is small enough the others, too, which must agree.
    All,
    /// Our own alone.
    Concur,
    /// Another one alone.
    Other(Other),
}

/// How to run checks.
#[derive(Clone, Debug)]
pub struct Options {
    /// Up to which tier.
    pub tier: Tier,
    /// Who explores.
    pub engine: Engine,
    /// Threads, limits and seed.
    pub plan: Plan,
    /// Whether permutations of a state count as one, where the model declares a symmetry.
    pub symmetry: bool,
}

/// Up to so many distinct states every engine explores, and up to so many stateright's breadth-first checker does: in the tier that takes its time, more.
const fn explored_by_others(tier: Tier) -> (u64, u64) {
    match tier {
        Tier::Small | Tier::Ci => (5_000, 50_000),
        Tier::Full => (20_000, 300_000),
    }
}

impl Target {
    /// protocol/rung/configuration.
    pub fn id(&self) -> String {
        match self {
            Self::Coverage(rung) => format!("{}/{COVERAGE}", rung.about().id()),
            Self::Repertoire(clusters) => format!("{}/{REPERTOIRE}", clusters.id()),
            Self::Walks(clusters) => format!("{}/{WALKS}", clusters.id()),
            Self::Configuration {
                rung,
                named,
                values,
            } => {
                let about = rung.about();
                let name = named.map(|config| config.name.to_owned());
                let name = name.unwrap_or_else(|| in_words(about.params, values));
                format!("{}/{name}", about.id())
            }
            Self::Promises {
                live,
                named,
                values,
            } => {
                let about = live.about();
                let name = named.map(|config| config.name.to_owned());
                let name =
                    name.unwrap_or_else(|| format!("live,{}", in_words(about.params, values)));
                format!("{}/{name}", about.id())
            }
        }
    }

    /// protocol/rung.
    fn family(&self) -> String {
        match self {
            Self::Coverage(rung) | Self::Configuration { rung, .. } => rung.about().id(),
            Self::Repertoire(clusters) | Self::Walks(clusters) => clusters.id(),
            Self::Promises { live, .. } => live.about().id(),
        }
    }

    /// The model, its types forgotten, with one rule left out if one is named.
    ///
    /// # Errors
    /// If the values give no model, or the model has no such rule.
    pub fn machine(&self, without: Option<&str>) -> Result<Erased, SelectError> {
        let has = |rung: &dyn AnyRung, rule: &str| {
            let rules = rung.about().rules;
            rules.iter().any(|card| card.name == rule)
        };
        let machine = match (self, without) {
            (Self::Configuration { rung, values, .. }, Some(rule)) if has(*rung, rule) => {
                rung.machine(values, Some(rule))
            }
            (Self::Configuration { rung, values, .. }, None) => rung.machine(values, None),
            (Self::Promises { live, values, .. }, None) => live.machine(values),
            (Self::Coverage(_) | Self::Repertoire(_) | Self::Walks(_), _) => Err(NoSuchModel(
                "that looks at several models; name a configuration".to_owned(),
            )),
            (_, Some(rule)) => return Err(self.no_rule(rule)),
        };
        machine.map_err(|source| self.no_such(source))
    }

    /// What is wrong with a lasso that is to break a promise of the model. See [`AnyLive::flaw`](crate::temporal::AnyLive::flaw).
    ///
    /// # Errors
    /// If the values give no model, or nothing is promised there.
    pub fn flaw(
        &self,
        promise: &str,
        assumed: &[String],
        path: &[Option<usize>],
        stem: usize,
    ) -> Result<Option<Flaw>, SelectError> {
        let Self::Promises { live, values, .. } = self else {
            let what = "it promises nothing".to_owned();
            return Err(self.no_such(NoSuchModel(what)));
        };
        let assumed: Vec<_> = assumed.iter().map(String::as_str).collect();
        let flaw = live.flaw(values, promise, &assumed, Choices { path, stem });
        flaw.map_err(|source| self.no_such(source))
    }

    fn no_rule(&self, rule: &str) -> SelectError {
        let rules = match self {
            Self::Configuration { rung, .. } => rung.about().rules,
            _ => Vec::new(),
        };
        SelectError::UnknownRule {
            rung: self.family(),
            rule: rule.to_owned(),
            possible: rules.iter().map(|card| card.name.to_owned()).collect(),
        }
    }

    fn no_such(&self, source: NoSuchModel) -> SelectError {
        SelectError::NoSuchModel {
            rung: self.family(),
            source,
        }
    }
}

fn in_words(params: &[Param], values: &Values) -> String {
    let all = describe(params, values);
    let all: Vec<_> = all
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    all.join(",")
}

/// Runs one check.
///
/// # Errors
/// If its values give no model.
pub fn run(
    target: &Target,
    options: &Options,
    progress: &Progress,
) -> Result<CheckResult, SelectError> {
    let id = target.id();
    let span = tracing::info_span!("check", id);
    let _entered = span.enter();
    let started = Instant::now();
    let result = match target {
        Target::Coverage(rung) => cover(*rung, options, progress),
        Target::Repertoire(clusters) => conformance::repertoire(*clusters, options, progress),
        Target::Walks(clusters) => conformance::walks(*clusters, options, progress),
        Target::Configuration {
            rung,
            named,
            values,
        } => {
            let expect = named.map(|config| &config.expect);
            configuration(*rung, values, expect, options, progress)
        }
        Target::Promises {
            live,
            named,
            values,
        } => promises(*live, values, *named, options, progress),
    };
    let mut result = result.map_err(|source| target.no_such(source))?;
    result.id = id;
    result.seconds = started.elapsed().as_secs_f64();
    tracing::info!(verdict = %result.verdict, as_expected = result.as_expected);
    Ok(result)
}

/// The result of a check, if its values give a model.
pub type Outcomes = Result<CheckResult, NoSuchModel>;

fn configuration(
    rung: &dyn AnyRung,
    values: &Values,
    expect: Option<&Expect>,
    options: &Options,
    progress: &Progress,
) -> Outcomes {
    let about = rung.about();
    let symmetry = options.symmetry && about.symmetry.is_some();
    let how = How {
        plan: &options.plan,
        symmetry,
        progress,
    };
    let ask = |other| {
        let interrupted = &options.plan.limits.interrupted;
        rung.ask(values, other, options.plan.threads, interrupted)
    };
    let findings = match options.engine {
        Engine::Other(other) => ask(other)?,
        Engine::All | Engine::Concur => rung.examine(values, None, how)?,
    };
    let others = match options.engine {
        Engine::All if !symmetry => others(&findings, expect, options.tier),
        _ => &[],
    };
    let mut opinions: Vec<Opinion> = Vec::new();
    let mut unanswered = None;
    for &other in others {
        let theirs = ask(other)?;
        if theirs.stop.is_some() {
            unanswered = Some(other);
            break;
        }
        opinions.push(compare(&findings, &theirs, other));
    }
    let said = Said {
        opinions: &opinions,
        unanswered,
    };
    let judgement = judge(&findings, said, expect, symmetry);
    Ok(CheckResult {
        id: String::new(),
        claim: about.claim.to_owned(),
        method: method(options.engine, symmetry.then_some(about.symmetry).flatten()),
        parameters: describe(about.params, values),
        verdict: judgement.verdict,
        as_expected: judgement.unexpected.is_empty(),
        remarks: judgement
            .unexpected
            .into_iter()
            .chain(judgement.remarks)
            .collect(),
        tlc: expect.filter(|expect| expect.tlc).map(|expect| TlcSays {
            distinct: expect.distinct,
            depth: expect.depth,
        }),
        findings,
        opinions,
        seconds: 0.0,
    })
}

/// Who else explores what our engine found to be that large. Of a size that is known to hold, and does not any more, nobody knows how large it has become.
fn others(findings: &Findings, expect: Option<&Expect>, tier: Tier) -> &'static [Other] {
    let (by_every, by_bfs) = explored_by_others(tier);
    let distinct = findings.reach.extent().distinct;
    let known_to_hold = expect.is_some_and(|expect| expect.outcome == Outcome::Holds);
    if findings.stop.is_some() || findings.failure.is_some() && known_to_hold {
        &[]
    } else if distinct <= by_every {
        Other::ALL
    } else if distinct <= by_bfs {
        &[Other::StaterightBfs]
    } else {
        &[]
    }
}

fn method(engine: Engine, symmetry: Option<&str>) -> String {
    let engine = match engine {
        Engine::All | Engine::Concur => {
            "breadth-first search; invariants on every state, refinement on every step"
        }
        Engine::Other(Other::Naive) => {
            "breadth-first search over exact states; invariants on every state, refinement on every step"
        }
        Engine::Other(Other::StaterightBfs) => "stateright BFS; invariants on every state",
        Engine::Other(Other::StaterightDfs) => "stateright DFS; invariants on every state",
    };
    match symmetry {
        Some(symmetry) => format!("{engine}; up to {symmetry}"),
        None => engine.to_owned(),
    }
}

/// What other engines say.
#[derive(Clone, Copy)]
struct Said<'a> {
    opinions: &'a [Opinion],
    /// Who was asked, and interrupted before it answered.
    unanswered: Option<Other>,
}

struct Judgement {
    verdict: Verdict,
    unexpected: Vec<String>,
    remarks: Vec<String>,
}

fn judge(
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
    // What is wrong already stays wrong, whatever was not asked any more.
    let awaited = unanswered.is_some() && wrong.is_empty();
    let verdict = if findings.failure.is_some() && !awaited {
        Verdict::Fails
    } else if unfinished.is_some() || awaited || !undeclared.is_empty() {
        Verdict::Unknown
    } else {
        Verdict::Holds
    };
    let mut unexpected = Vec::new();
    unexpected.extend(unfinished);
    unexpected.extend(unanswered);
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
        (Outcome::Holds, None) => miscount(findings, expect, symmetry)
            .into_iter()
            .chain(declared_too_much(findings, expect))
            .collect(),
        (Outcome::Fails { property, .. }, None) => {
            vec![format!("{property} was expected to fail, and does not")]
        }
        (Outcome::Fails { property, states }, Some(failure)) => {
            let found = failure.trace.as_ref().map(|trace| trace.states());
            let as_said = failure.property == property && found.is_none_or(|found| found == states);
            let expected = format!("{property} was expected to fail after {states} states");
            (!as_said)
                .then(|| format!("{expected}, but {} fails after {found:?}", failure.property))
                .into_iter()
                .collect()
        }
    }
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

fn cover(rung: &dyn AnyRung, options: &Options, progress: &Progress) -> Outcomes {
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
