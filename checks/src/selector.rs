//! Selectors: which checks the user means. Whatever is wrong with one is said together with what is possible.

use concur_models::kit::{Config, Domain, NoSuchModel, Param, Tier, Values};
use thiserror::Error;

use crate::registry::{AnyRung, RUNGS, values_of};

/// One check that was selected.
#[derive(Clone)]
pub struct Target {
    /// The rung.
    pub rung: &'static dyn AnyRung,
    /// What of it.
    pub what: What,
}

/// What is checked of a rung.
#[derive(Clone, Debug)]
pub enum What {
    /// A configuration; the expectations of a named one are known.
    Configuration {
        /// The named configuration with these values, if there is one.
        named: Option<&'static Config>,
        /// The values.
        values: Values,
    },
    /// What its configurations make happen, taken together.
    Coverage,
}

/// The last part of the selector of a coverage check.
pub const COVERAGE: &str = "coverage";

/// A selector or parameter that means nothing.
#[derive(Debug, Error)]
pub enum SelectError {
    /// No rung goes by that name.
    #[error("no check is called `{selector}`\n\npossible selectors (add `/CONFIGURATION`, see `concur list`):\n{}", indent(&ids()))]
    UnknownSelector {
        /// What was asked for.
        selector: String,
    },
    /// The rung has no such configuration.
    #[error(
        "{rung} has no configuration `{config}`\n\nits configurations are:\n{}",
        indent(possible)
    )]
    UnknownConfig {
        /// The rung.
        rung: String,
        /// What was asked for.
        config: String,
        /// What there is.
        possible: Vec<String>,
    },
    /// A parameter is not of the form `name=value`.
    #[error("`--param {0}` is not of the form NAME=VALUE")]
    Malformed(String),
    /// The rung has no such parameter.
    #[error(
        "{rung} has no parameter `{param}`\n\nits parameters are:\n{}",
        indent(possible)
    )]
    UnknownParam {
        /// The rung.
        rung: String,
        /// What was asked for.
        param: String,
        /// What there is.
        possible: Vec<String>,
    },
    /// The value is none that the parameter may have.
    #[error("`{value}` is no value for the parameter `{param}` of {rung}: {possible}")]
    OutOfRange {
        /// The rung.
        rung: String,
        /// The parameter.
        param: &'static str,
        /// What was asked for.
        value: String,
        /// What it may be.
        possible: String,
    },
    /// Nothing is left after the tier has been considered.
    #[error("nothing of that selection runs in tier {0}; try a higher --tier")]
    Nothing(Tier),
    /// The values do not fit together.
    #[error("{rung}: {source}")]
    NoSuchModel {
        /// The rung.
        rung: String,
        /// Why not.
        source: NoSuchModel,
    },
}

fn ids() -> Vec<String> {
    RUNGS.iter().map(|rung| rung.about().id()).collect()
}

fn indent(lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

/// The checks that `selectors` mean (all, if there are none) up to `tier`, at the sizes that `params` set.
///
/// # Errors
/// If a selector, a parameter or a value means nothing, or nothing is selected.
pub fn select(
    selectors: &[String],
    tier: Tier,
    params: &[String],
) -> Result<Vec<Target>, SelectError> {
    let params = split(params)?;
    let mut targets = Vec::new();
    if selectors.is_empty() {
        for rung in RUNGS {
            targets.extend(of_rung(*rung, tier, &params)?);
        }
    }
    for selector in selectors {
        targets.extend(of_selector(selector, tier, &params)?);
    }
    if targets.is_empty() {
        return Err(SelectError::Nothing(tier));
    }
    Ok(targets)
}

/// The rungs that `selectors` mean, whatever configuration they name; all, if there are none.
///
/// # Errors
/// If a selector means nothing.
pub fn select_rungs(selectors: &[String]) -> Result<Vec<&'static dyn AnyRung>, SelectError> {
    let mut rungs = Vec::new();
    for selector in selectors {
        rungs.extend(rungs_of(selector)?);
    }
    Ok(if selectors.is_empty() {
        RUNGS.to_vec()
    } else {
        rungs
    })
}

/// The one configuration that `selector` and `params` mean; the first of its rung, if none is named.
///
/// # Errors
/// If the selector means nothing, or `params` do.
pub fn select_one(
    selector: &str,
    params: &[String],
) -> Result<(&'static dyn AnyRung, Values), SelectError> {
    let params = split(params)?;
    let rung = rungs_of(selector)?[0];
    let about = rung.about();
    let config = match selector.splitn(3, '/').nth(2) {
        Some(name) => config_of(rung, name)?,
        None => &about.configs[0],
    };
    let values = set(rung, values_of(about.params, config), &params)?;
    Ok((rung, values))
}

fn split(params: &[String]) -> Result<Vec<(&str, &str)>, SelectError> {
    params
        .iter()
        .map(|param| {
            param
                .split_once('=')
                .ok_or_else(|| SelectError::Malformed(param.clone()))
        })
        .collect()
}

fn rungs_of(selector: &str) -> Result<Vec<&'static dyn AnyRung>, SelectError> {
    let mut parts = selector.splitn(3, '/');
    let (protocol, rung) = (parts.next(), parts.next());
    let found: Vec<_> = RUNGS
        .iter()
        .copied()
        .filter(|candidate| {
            let about = candidate.about();
            protocol == Some(about.protocol) && rung.is_none_or(|rung| rung == about.rung)
        })
        .collect();
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
) -> Result<Vec<Target>, SelectError> {
    let rungs = rungs_of(selector)?;
    let Some(name) = selector.splitn(3, '/').nth(2) else {
        let mut targets = Vec::new();
        for rung in rungs {
            targets.extend(of_rung(rung, tier, params)?);
        }
        return Ok(targets);
    };
    let rung = rungs[0];
    if name == COVERAGE {
        let what = What::Coverage;
        return Ok(vec![Target { rung, what }]);
    }
    let config = config_of(rung, name)?;
    let values = set(rung, values_of(rung.about().params, config), params)?;
    Ok(vec![of_values(rung, values)])
}

fn of_rung(
    rung: &'static dyn AnyRung,
    tier: Tier,
    params: &[(&str, &str)],
) -> Result<Vec<Target>, SelectError> {
    let about = rung.about();
    if !params.is_empty() {
        let values = set(rung, Values::new(about.params, &[]), params)?;
        return Ok(vec![of_values(rung, values)]);
    }
    let configs = about.configs.iter().filter(|config| config.tier <= tier);
    let configurations = configs.map(|config| Target {
        rung,
        what: What::Configuration {
            named: Some(config),
            values: values_of(about.params, config),
        },
    });
    let coverage = Target {
        rung,
        what: What::Coverage,
    };
    Ok(configurations.chain([coverage]).collect())
}

/// The target with those values; a named configuration, if it has them.
fn of_values(rung: &'static dyn AnyRung, values: Values) -> Target {
    let about = rung.about();
    let named = about
        .configs
        .iter()
        .find(|config| values_of(about.params, config) == values);
    Target {
        rung,
        what: What::Configuration { named, values },
    }
}

fn config_of(rung: &dyn AnyRung, name: &str) -> Result<&'static Config, SelectError> {
    let about = rung.about();
    about
        .configs
        .iter()
        .find(|config| config.name == name)
        .ok_or_else(|| SelectError::UnknownConfig {
            rung: about.id(),
            config: name.to_owned(),
            possible: about
                .configs
                .iter()
                .map(|config| config.name)
                .chain([COVERAGE])
                .map(str::to_owned)
                .collect(),
        })
}

fn set(
    rung: &dyn AnyRung,
    mut values: Values,
    params: &[(&str, &str)],
) -> Result<Values, SelectError> {
    let about = rung.about();
    for &(name, value) in params {
        let Some(param) = about.params.iter().find(|param| param.name == name) else {
            return Err(SelectError::UnknownParam {
                rung: about.id(),
                param: name.to_owned(),
                possible: about.params.iter().map(explain).collect(),
            });
        };
        let number = number(param, value).ok_or_else(|| SelectError::OutOfRange {
            rung: about.id(),
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
