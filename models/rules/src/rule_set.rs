//! Which rules are kept: all of them, unless a check says otherwise.

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
