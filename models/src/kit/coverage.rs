//! A rule set that notes how each rule was met, and may leave one out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use concur_rules::{AllBut, Kind, Rule, RuleSet};

const HELD: u8 = 1;
const REFUSED: u8 = 2;

/// The protocol as published, or all of it but one rule, with a record of each guard seen true and seen false, and of each effect
/// performed.
///
/// Observing and leaving out are one type, so that a model is compiled twice (this, and [`Faithful`](concur_rules::Faithful)), not three times.
#[derive(Clone, Debug)]
pub struct Observed<R> {
    kept: AllBut<R>,
    seen: Arc<[AtomicU8]>,
}

/// How a rule was met during an exploration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The guard let an action happen, or the effect took place.
    pub held: bool,
    /// The guard kept an action from happening. Effects are never refused.
    pub refused: bool,
}

impl Seen {
    /// Whether a rule of that kind was seen in every way that it can be.
    pub fn both_ways(self, kind: Kind) -> bool {
        self.held && (self.refused || kind == Kind::Effect)
    }

    /// What was seen by either.
    pub fn or(self, other: Self) -> Self {
        Self {
            held: self.held || other.held,
            refused: self.refused || other.refused,
        }
    }
}

impl<R: Rule> Observed<R> {
    /// A rule set that keeps every rule and has seen nothing yet. Clones share what they see.
    pub fn new() -> Self {
        Self {
            kept: AllBut(None),
            seen: R::ALL.iter().map(|_| AtomicU8::new(0)).collect(),
        }
    }

    /// A mutant: the same without `rule`. A guard left out always lets the action happen; an effect left out does not take place.
    pub fn without(rule: R) -> Self {
        Self {
            kept: AllBut(Some(rule)),
            ..Self::new()
        }
    }

    /// How `rule` was met so far.
    pub fn seen(&self, rule: R) -> Seen {
        let bits = self.seen[rule.index()].load(Ordering::Relaxed);
        Seen {
            held: bits & HELD != 0,
            refused: bits & REFUSED != 0,
        }
    }

    fn note(&self, rule: R, bit: u8) {
        let seen = &self.seen[rule.index()];
        // Reading first keeps the cache line shared once everything has been seen.
        if seen.load(Ordering::Relaxed) & bit == 0 {
            seen.fetch_or(bit, Ordering::Relaxed);
        }
    }
}

impl<R: Rule> Default for Observed<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: Rule> RuleSet<R> for Observed<R> {
    fn requires(&self, rule: R, holds: bool) -> bool {
        self.note(rule, if holds { HELD } else { REFUSED });
        self.kept.requires(rule, holds)
    }

    fn performs(&self, rule: R) -> bool {
        self.note(rule, HELD);
        self.kept.performs(rule)
    }
}
