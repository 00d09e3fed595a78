//! What can be wrong with a selector or a parameter.

use concur_models::kit::{NoSuchModel, Tier};
use thiserror::Error;

use super::{Only, ids};

/// A selector or parameter that means nothing.
#[derive(Debug, Error)]
pub enum SelectError {
    /// No rung goes by that name.
    #[error("no check is called `{selector}`\n\npossible selectors (add `/CONFIGURATION`, see `concur list`):\n{}", indent(&ids()))]
    UnknownSelector {
        /// What was asked for.
        selector: String,
    },
    /// The model has no such rule.
    #[error("{rung} has no rule `{rule}`\n\nits rules are:\n{}", indent(possible))]
    UnknownRule {
        /// The rung.
        rung: String,
        /// What was asked for.
        rule: String,
        /// What there is.
        possible: Vec<String>,
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
    /// A parameter is set more than once.
    #[error("`--param {0}=…` is given more than once; say once what it is to be")]
    Twice(String),
    /// Both a named configuration and parameters are given.
    #[error(
        "`{selector}` names its size already; to set parameters, name `{rung}` alone, or leave out --param"
    )]
    NamedAndSet {
        /// What was asked for.
        selector: String,
        /// Its rung.
        rung: String,
    },
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
    /// There are checks, but none of that kind, in whatever tier.
    #[error("nothing of that selection {}; `concur list` shows what there is", .0.says())]
    NoneOfThatKind(Only),
    /// The values do not fit together.
    #[error("{rung}: {why}")]
    NoSuchModel {
        /// The rung.
        rung: String,
        /// Why not.
        why: NoSuchModel,
    },
}

fn indent(lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}
