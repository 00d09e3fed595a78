//! Findings as trace documents: what each is a counterexample to, the file that it goes to, and the commands for whoever wants to know more.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use concur_models::kit::Values;
use concur_rules::Card;
use concur_trace::{About, Behaviour, Broken, BrokenKind, Trace, Without};

use crate::family::Family;
use crate::methods::assumptions::Dropped;
use crate::methods::omission::Omission;
use crate::methods::zoo::Specimen;
use crate::registry::{RUNGS, describe};
use crate::selector::select_families;
use crate::verdict::{CheckResult, Promised, Reach};

/// The counterexamples that a check found: one for the property that fails, and one for each promise that is broken.
pub fn of_check(result: &CheckResult) -> Vec<Trace> {
    let words = |(name, value): (&&str, &String)| ((*name).to_owned(), value.clone());
    let parameters: BTreeMap<_, _> = result.parameters.iter().map(words).collect();
    let about = |broken| About {
        parameters: parameters.clone(),
        claim: result.claim.clone(),
        reproduce: reproduce(result),
        ..about(&result.id, broken)
    };
    let failure = result.findings.failure.as_ref();
    let failure = failure.and_then(|failure| {
        Some(trace(
            about(property(failure.property)),
            failure.trace.as_ref()?,
        ))
    });
    let promises = result.findings.promises.iter();
    let broken = promises
        .filter_map(|promised| Some(trace(about(promise(promised)), promised.lasso.as_ref()?)));
    failure.into_iter().chain(broken).collect()
}

/// The counterexample that follows from leaving out a rule.
pub fn of_omission(omission: &Omission) -> Option<Trace> {
    let caught = omission.caught.as_ref()?;
    let about = About {
        without: Some(without(omission.rule, omission.says, omission.source)),
        reproduce: format!("concur rule {}", omission.rule),
        ..about_named(&omission.rung, caught.config, property(&caught.by))
    };
    Some(trace(about, caught.trace.as_ref()?))
}

/// The lasso that follows from dropping an assumption.
pub fn of_dropped(dropped: &Dropped) -> Option<Trace> {
    let about = About {
        without: Some(without(dropped.assumption, "it is assumed", "")),
        reproduce: format!("concur omit {}", dropped.model),
        ..about_named(&dropped.model, dropped.config, promise(&dropped.promised))
    };
    Some(trace(about, dropped.promised.lasso.as_ref()?))
}

/// The counterexample that a published bug leads to; there is none where something never happens.
pub fn of_specimen(specimen: &Specimen) -> Option<Trace> {
    let (broken, behaviour) = match (&specimen.trace, &specimen.lasso) {
        (Some(trace), _) => (property(specimen.breaks), trace),
        (None, Some(lasso)) => {
            let assuming = specimen.assuming.clone();
            let kind = BrokenKind::Promise;
            let property = specimen.breaks.to_owned();
            (
                Broken {
                    property,
                    kind,
                    assuming,
                },
                lasso,
            )
        }
        (None, None) => return None,
    };
    let left_out = specimen.without.and_then(|rule| {
        let rung = RUNGS
            .iter()
            .find(|rung| rung.about().id() == specimen.rung)?;
        let rules = rung.about().rules;
        rules
            .iter()
            .find(|card| card.name == rule)
            .map(|card| self::left_out(card))
    });
    let words = |(name, word): (&&str, &String)| ((*name).to_owned(), word.clone());
    let check = format!("{}/{}", specimen.rung, specimen.size);
    // Some have no number.
    let has_number = specimen.id.chars().all(|c| c.is_ascii_alphanumeric());
    let id = if has_number {
        specimen.id
    } else {
        specimen.rung
    };
    let about = About {
        parameters: specimen.parameters.iter().map(words).collect(),
        without: left_out,
        reproduce: format!("concur zoo {id}"),
        ..about(&check, broken)
    };
    Some(trace(about, behaviour))
}

/// A rule that was left out.
pub fn left_out(card: &Card) -> Without {
    without(card.name, card.says, card.source)
}

fn without(rule: &str, says: &str, source: &str) -> Without {
    Without {
        rule: rule.to_owned(),
        says: says.to_owned(),
        source: source.to_owned(),
    }
}

/// Writes each trace to a file of its own below `dir`.
///
/// # Errors
/// If the folder or a file cannot be written.
pub fn save(dir: &Path, traces: &[Trace]) -> io::Result<Vec<PathBuf>> {
    if traces.is_empty() {
        return Ok(Vec::new());
    }
    fs::create_dir_all(dir)?;
    let mut files = Vec::new();
    for trace in traces {
        let file = dir.join(trace.file_name());
        fs::write(&file, trace.write())?;
        files.push(file);
    }
    Ok(files)
}

/// What to do next with a trace: a verb and a command each. `dir` is where it was saved; without one, the first command saves it.
pub fn commands(trace: &Trace, dir: Option<&Path>) -> Vec<(&'static str, String)> {
    const FOLDER: &str = "traces";
    let file = dir.unwrap_or(Path::new(FOLDER)).join(trace.file_name());
    let file = file.display();
    let save = format!("{} --save-traces {FOLDER}", trace.about.reproduce);
    let mut commands = Vec::new();
    commands.extend(dir.is_none().then_some(("Save it", save)));
    commands.extend([
        ("Replay it", format!("concur trace replay '{file}'")),
        ("Explore it", format!("concur explore --trace '{file}'")),
        (
            "Show it",
            format!("concur trace show '{file}' --as html > trace.html"),
        ),
    ]);
    commands
}

fn trace(about: About, behaviour: &Behaviour) -> Trace {
    let behaviour = behaviour.clone();
    Trace { about, behaviour }
}

fn property(name: &str) -> Broken {
    Broken {
        property: name.to_owned(),
        kind: BrokenKind::Property,
        assuming: Vec::new(),
    }
}

fn promise(promised: &Promised) -> Broken {
    let assuming = promised.assuming.iter();
    Broken {
        property: promised.name.to_owned(),
        kind: BrokenKind::Promise,
        assuming: assuming.map(|assumed| assumed.name.to_owned()).collect(),
    }
}

/// What is known of a check by its name alone.
fn about(check: &str, broken: Broken) -> About {
    let family = family(check, broken.kind);
    let (claim, source) = family.map_or(("", ""), |family| match family {
        Family::Rung(rung) => (rung.about().claim, rung.about().source),
        Family::Live(live) => (live.about().claim, live.about().source),
    });
    About {
        concur: env!("CARGO_PKG_VERSION").to_owned(),
        check: check.to_owned(),
        claim: claim.to_owned(),
        source: source.to_owned(),
        parameters: BTreeMap::new(),
        without: None,
        broken,
        reproduce: format!("concur check '{check}'"),
    }
}

/// The same of a named size.
fn about_named(family_id: &str, config: &str, broken: Broken) -> About {
    let kind = broken.kind;
    let mut about = about(&format!("{family_id}/{config}"), broken);
    let family = family(family_id, kind);
    let size = family.and_then(|family| {
        let sizes = family.sizes().into_iter();
        Some((family, sizes.rev().find(|size| size.name == config)?))
    });
    if let Some((family, size)) = size {
        let values = Values::new(family.params(), size.settings);
        let words = describe(family.params(), &values).into_iter();
        about.parameters = words.map(|(name, word)| (name.to_owned(), word)).collect();
    }
    about
}

/// The family of a check: a rung and the model of its promises may go by the same name.
fn family(check: &str, kind: BrokenKind) -> Option<Family> {
    let id: Vec<_> = check.splitn(3, '/').take(2).collect();
    let families = select_families(&[id.join("/")]).ok()?;
    let is_it =
        |family: &Family| matches!(family, Family::Live(_)) == (kind == BrokenKind::Promise);
    families.into_iter().find(is_it)
}

/// The command that runs the check again.
fn reproduce(result: &CheckResult) -> String {
    let mut parts = result.id.splitn(3, '/');
    let id = [parts.next(), parts.next()]
        .map(Option::unwrap_or_default)
        .join("/");
    if let Reach::Sampled { seed, .. } = result.findings.reach {
        return format!("concur differ {id} --seed {seed} --cases 1");
    }
    let families = select_families(std::slice::from_ref(&id)).unwrap_or_default();
    let sizes = families
        .iter()
        .flat_map(Family::sizes)
        .map(|size| size.name);
    let wholes = families.iter().flat_map(|family| family.of_the_whole());
    let mut names = sizes.chain(wholes.map(|(name, _)| name));
    let name = parts.next();
    if names.any(|known| name == Some(known)) {
        return format!("concur check '{}'", result.id);
    }
    let params = result.parameters.iter();
    let params: String = params
        .map(|(name, value)| format!(" --param {name}={value}"))
        .collect();
    let only = match result.findings.promises.is_empty() {
        true => "safety",
        false => "liveness",
    };
    format!("concur check {id} --only {only}{params}")
}
