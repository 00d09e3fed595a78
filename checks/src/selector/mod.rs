//! Selectors: which checks the user means. Whatever is wrong with one is said together with what is possible.

mod error;
mod target;

use std::collections::{BTreeMap, BTreeSet};

use concur_models::kit::{Domain, Param, Settings, Tier, Values};

use crate::family::Family;
use crate::registry::RUNGS;
use crate::temporal::LIVES;

pub use error::SelectError;
pub use target::{COVERAGE, REPERTOIRE, Target, WALKS};

/// Which kinds of checks are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// All of them. Where parameters are set, what never happens is checked at that size, and promises only where there is nothing else.
    Everything,
    /// What never happens.
    Safety,
    /// What is promised to happen.
    Liveness,
}

impl Only {
    fn safety(self) -> bool {
        self != Self::Liveness
    }

    fn liveness(self) -> bool {
        self != Self::Safety
    }

    /// Whether that is a check of such a kind.
    fn means(self, target: &Target) -> bool {
        match target {
            Target::Promises { .. } => self.liveness(),
            _ => self.safety(),
        }
    }

    /// What such checks say of a model.
    fn says(self) -> &'static str {
        match self {
            Self::Everything => "says anything",
            Self::Safety => "says what never happens",
            Self::Liveness => "promises anything",
        }
    }
}

fn ids() -> Vec<String> {
    let mut ids: Vec<_> = everything().iter().map(Family::id).collect();
    once(&mut ids, String::clone);
    ids
}

/// Keeps each thing once, where it comes first.
fn once<T, K: Ord>(things: &mut Vec<T>, key: impl Fn(&T) -> K) {
    let mut seen = BTreeSet::new();
    things.retain(|thing| seen.insert(key(thing)));
}

/// The checks that `selectors` mean (all, if there are none) up to `tier`, at the sizes that `params` set; each once.
///
/// # Errors
/// If a selector, a parameter or a value means nothing, if they contradict one another, or nothing is selected.
pub fn select(
    selectors: &[String],
    tier: Tier,
    params: &[String],
    only: Only,
) -> Result<Vec<Target>, SelectError> {
    let params = split(params)?;
    let up_to = |tier| of_selectors(selectors, tier, &params, only);
    let mut targets = up_to(tier)?;
    if targets.is_empty() {
        return Err(match up_to(Tier::Full)?.is_empty() {
            true => SelectError::NoneOfThatKind(only),
            false => SelectError::Nothing(tier),
        });
    }
    once(&mut targets, Target::id);
    Ok(targets)
}

fn of_selectors(
    selectors: &[String],
    tier: Tier,
    params: &[(&str, &str)],
    only: Only,
) -> Result<Vec<Target>, SelectError> {
    if selectors.is_empty() {
        return of_families(&everything(), tier, params, only);
    }
    let mut targets = Vec::new();
    for selector in selectors {
        targets.extend(of_selector(selector, tier, params, only)?);
    }
    Ok(targets)
}

/// The families that `selectors` mean, whatever configuration they name, each once; all, if there are none.
///
/// # Errors
/// If a selector means nothing, or names no configuration that there is.
pub fn select_families(selectors: &[String]) -> Result<Vec<Family>, SelectError> {
    if selectors.is_empty() {
        return Ok(everything());
    }
    let mut families = Vec::new();
    for selector in selectors {
        let its = families_of(selector)?;
        if let Some(name) = configuration(selector) {
            target_named(&its, name)?;
        }
        families.extend(its);
    }
    once(&mut families, |family| {
        (family.id(), matches!(family, Family::Live(_)))
    });
    Ok(families)
}

/// The one configuration that `selector` and `params` mean; the first of its family, if none is named.
///
/// # Errors
/// If the selector means nothing, `params` do, or both say which size.
pub fn select_one(selector: &str, params: &[String]) -> Result<Target, SelectError> {
    refuse_both(selector, &families_of(selector)?, &split(params)?)?;
    select_planted(selector, &[], params)
}

/// The same where a bug is planted: on top of the configuration it sets `planted`, and on top of that come `params`.
///
/// # Errors
/// If the selector means nothing, or parameters do.
pub fn select_planted(
    selector: &str,
    planted: &[String],
    params: &[String],
) -> Result<Target, SelectError> {
    let families = families_of(selector)?;
    let (family, settings) = match configuration(selector) {
        Some(name) => named(&families, name)?,
        None => (families[0], families[0].sizes()[0].settings),
    };
    let values = Values::new(family.params(), settings);
    let values = set(family, values, &split(planted)?)?;
    Ok(family.target(set(family, values, &split(params)?)?))
}

/// The check of a family, such as `raft/raft`, with exactly these parameters; that of its promises, if `live`.
///
/// # Errors
/// If there is no such family, or it has no such parameters.
pub fn exact(
    family: &str,
    parameters: &BTreeMap<String, String>,
    live: bool,
) -> Result<Target, SelectError> {
    let mut families = families_of(family)?;
    families.retain(|family| matches!(family, Family::Live(_)) == live);
    let Some(&family) = families.first() else {
        let selector = family.to_owned();
        return Err(SelectError::UnknownSelector { selector });
    };
    let params: Vec<_> = parameters
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let values = Values::new(family.params(), &[]);
    Ok(family.target(set(family, values, &params)?))
}

/// `values` of that family, with `params` set.
///
/// # Errors
/// If a parameter or a value means nothing.
pub fn with_params(
    family: Family,
    values: Values,
    params: &[String],
) -> Result<Values, SelectError> {
    set(family, values, &split(params)?)
}

fn everything() -> Vec<Family> {
    let rungs = RUNGS.iter().map(|rung| Family::Rung(*rung));
    rungs
        .chain(LIVES.iter().map(|live| Family::Live(*live)))
        .collect()
}

/// Names and values; each parameter once.
fn split(params: &[String]) -> Result<Vec<(&str, &str)>, SelectError> {
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for param in params {
        let malformed = || SelectError::Malformed(param.clone());
        let (name, value) = param.split_once('=').ok_or_else(malformed)?;
        if pairs.iter().any(|(known, _)| *known == name) {
            return Err(SelectError::Twice(name.to_owned()));
        }
        pairs.push((name, value));
    }
    Ok(pairs)
}

/// The last part of a selector, if it has one.
fn configuration(selector: &str) -> Option<&str> {
    selector.splitn(3, '/').nth(2)
}

/// A size is either named or set.
fn refuse_both(
    selector: &str,
    families: &[Family],
    params: &[(&str, &str)],
) -> Result<(), SelectError> {
    if configuration(selector).is_none() || params.is_empty() {
        return Ok(());
    }
    Err(SelectError::NamedAndSet {
        selector: selector.to_owned(),
        rung: families[0].id(),
    })
}

fn families_of(selector: &str) -> Result<Vec<Family>, SelectError> {
    let mut parts = selector.splitn(3, '/');
    let (protocol, name) = (parts.next(), parts.next());
    let mut found = everything();
    found.retain(|family| {
        let (its_protocol, its_name) = family.names();
        protocol == Some(its_protocol) && name.is_none_or(|name| name == its_name)
    });
    if found.is_empty() {
        return Err(SelectError::UnknownSelector {
            selector: selector.to_owned(),
        });
    }
    Ok(found)
}

fn of_selector(
    selector: &str,
    tier: Tier,
    params: &[(&str, &str)],
    only: Only,
) -> Result<Vec<Target>, SelectError> {
    let families = families_of(selector)?;
    let Some(name) = configuration(selector) else {
        return of_families(&families, tier, params, only);
    };
    refuse_both(selector, &families, params)?;
    let target = target_named(&families, name)?;
    Ok(Vec::from_iter(only.means(&target).then_some(target)))
}

/// The check that the last part of a selector names.
fn target_named(families: &[Family], name: &str) -> Result<Target, SelectError> {
    let of_the_whole = families[0].of_the_whole().into_iter();
    if let Some((_, target)) = of_the_whole.into_iter().find(|(its, _)| *its == name) {
        return Ok(target);
    }
    let (family, settings) = named(families, name)?;
    Ok(family.target(Values::new(family.params(), settings)))
}

fn of_families(
    families: &[Family],
    tier: Tier,
    params: &[(&str, &str)],
    only: Only,
) -> Result<Vec<Target>, SelectError> {
    let mut targets = Vec::new();
    let rungs = families
        .iter()
        .any(|family| matches!(family, Family::Rung(_)));
    for &family in families {
        let wanted = match family {
            Family::Rung(_) => only.safety(),
            Family::Live(_) if params.is_empty() => only.liveness(),
            Family::Live(_) => only == Only::Liveness || only.liveness() && !rungs,
        };
        if wanted && params.is_empty() {
            targets.extend(family.up_to(tier));
        } else if wanted {
            let values = set(family, Values::new(family.params(), &[]), params)?;
            targets.push(family.target(values));
        }
    }
    Ok(targets)
}

/// The family that has a configuration of that name, and what that sets.
fn named(families: &[Family], name: &str) -> Result<(Family, Settings), SelectError> {
    let all = || {
        families
            .iter()
            .flat_map(|family| family.sizes().into_iter().map(move |size| (*family, size)))
    };
    let found = all().find(|(_, size)| size.name == name);
    found
        .map(|(family, size)| (family, size.settings))
        .ok_or_else(|| {
            let of_the_whole = families[0].of_the_whole().into_iter();
            SelectError::UnknownConfig {
                rung: families[0].id(),
                config: name.to_owned(),
                possible: all()
                    .map(|(_, size)| size.name)
                    .chain(of_the_whole.map(|(name, _)| name))
                    .map(str::to_owned)
                    .collect(),
            }
        })
}

fn set(family: Family, mut values: Values, params: &[(&str, &str)]) -> Result<Values, SelectError> {
    for &(name, value) in params {
        let Some(param) = family.params().iter().find(|param| param.name == name) else {
            return Err(SelectError::UnknownParam {
                rung: family.id(),
                param: name.to_owned(),
                possible: family.params().iter().map(explain).collect(),
            });
        };
        let number = number(param, value).ok_or_else(|| SelectError::OutOfRange {
            rung: family.id(),
            param: param.name,
            value: value.to_owned(),
            possible: domain(param),
        })?;
        values.set(param.name, number);
    }
    Ok(values)
}

fn number(param: &Param, value: &str) -> Option<u32> {
    match &param.domain {
        Domain::Number(range) => value.parse().ok().filter(|number| range.contains(number)),
        Domain::OneOf(words) => words
            .iter()
            .position(|word| *word == value)
            .map(|position| position as u32),
    }
}

/// What a parameter may be, in words.
pub fn domain(param: &Param) -> String {
    match &param.domain {
        Domain::Number(range) => format!("a number from {} to {}", range.start(), range.end()),
        Domain::OneOf(words) => format!("one of {}", words.join(", ")),
    }
}

/// A parameter in one line.
pub fn explain(param: &Param) -> String {
    let default = match param.domain {
        Domain::Number(_) => param.default.to_string(),
        Domain::OneOf(words) => words[param.default as usize].to_owned(),
    };
    format!(
        "{}: {}; {}, {default} by default",
        param.name,
        param.help,
        domain(param)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn ids(selectors: &[&str]) -> Vec<String> {
        let targets = select(&words(selectors), Tier::Small, &[], Only::Everything);
        let targets = targets.expect("they are selected");
        targets.iter().map(Target::id).collect()
    }

    #[test]
    fn what_is_selected_twice_is_there_once() {
        let all = ids(&["two-phase"]);
        assert_eq!(ids(&["two-phase", "two-phase/two-phase", &all[0]]), all);
        let twice = words(&["two-phase/tcommit", "two-phase/tcommit"]);
        assert_eq!(select_families(&twice).map(|all| all.len()).ok(), Some(1));
    }

    /// No two checks share their name, or one of them would be taken for the other.
    #[test]
    fn what_is_there_once_is_all_of_it() {
        let mut all = Vec::new();
        for family in everything() {
            all.extend(family.up_to(Tier::Full).iter().map(Target::id));
        }
        let once: BTreeSet<_> = all.iter().collect();
        assert_eq!(once.len(), all.len());
    }

    #[test]
    fn a_size_is_named_or_set_but_where_a_bug_is_planted() {
        let (size, params) = ("two-phase/two-phase/rms=3", words(&["rms=4"]));
        let refused = |selected| matches!(selected, Err(SelectError::NamedAndSet { .. }));
        assert!(refused(select_one(size, &params)));
        let planted = select_planted(size, &params, &[]).expect("that is a size");
        assert_eq!(planted.id(), "two-phase/two-phase/rms=4");
    }

    #[test]
    fn a_higher_tier_is_advised_only_where_it_helps() {
        let none = |selector: &str, only| {
            let selected = select(&words(&[selector]), Tier::Small, &[], only);
            matches!(selected, Err(SelectError::NoneOfThatKind(its)) if its == only)
        };
        assert!(none("ring/placement", Only::Liveness));
        assert!(none("paxos/duel", Only::Safety));
        assert!(!none("ring/placement", Only::Safety));
    }
}
