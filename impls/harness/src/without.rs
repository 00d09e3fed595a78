//! A core with a guard left out: what a check must notice.

use concur_rules::RuleSet;

/// All rules but one, or all. Cores name rules on guards only, so that an effect always takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Without<R>(pub Option<R>);

impl<R> Default for Without<R> {
    fn default() -> Self {
        Self(None)
    }
}

impl<R: Copy + Eq + Send + Sync + 'static> RuleSet<R> for Without<R> {
    fn requires(&self, rule: R, holds: bool) -> bool {
        holds || self.0 == Some(rule)
    }

    fn performs(&self, _: R) -> bool {
        true
    }
}
