//! Which rules are kept: all of them, unless a check says otherwise.

use crate::Rule;

/// What may be done with the rules `R` of a protocol: keep them, or leave something out.
pub trait RuleSet<R: Copy>: Clone + Send + Sync + 'static {
    /// Whether the guard `rule` lets the action happen, given whether its condition `holds`.
    fn requires(&self, rule: R, holds: bool) -> bool;

    /// Whether the effect `rule` takes place.
    fn performs(&self, rule: R) -> bool;

    /// The guard as a line that ends in `?`.
    #[inline(always)]
    fn when(&self, rule: R, holds: bool) -> Option<()> {
        self.requires(rule, holds).then_some(())
    }
}

/// The protocol as published. Costs nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Faithful;

impl<R: Copy> RuleSet<R> for Faithful {
    #[inline(always)]
    fn requires(&self, _: R, holds: bool) -> bool {
        holds
    }

    #[inline(always)]
    fn performs(&self, _: R) -> bool {
        true
    }
}

/// All rules but that one, or all: known only when the program runs. Costs a comparison for each rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AllBut<R>(pub Option<R>);

impl<R: Rule> RuleSet<R> for AllBut<R> {
    #[inline(always)]
    fn requires(&self, rule: R, holds: bool) -> bool {
        holds || self.0 == Some(rule)
    }

    #[inline(always)]
    fn performs(&self, rule: R) -> bool {
        self.0 != Some(rule)
    }
}
