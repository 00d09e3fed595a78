//! What is said of a history; where no order exists, so that a person can see why.

use std::fmt;

use crate::{CallId, Fate, History, Operation, Reached, Specification};

/// What the search has found.
pub enum Verdict<'h, S: Specification> {
    /// There is an order; this one. What never returned and is not in it may never have happened.
    Linearizable(Vec<CallId>),
    /// There is none.
    NotLinearizable(Refutation<'h, S>),
    /// The search was ended by a limit. That is not a pass.
    Unknown(Reached),
}

impl<S: Specification> Verdict<'_, S> {
    /// Whether an order was found.
    pub fn is_linearizable(&self) -> bool {
        matches!(self, Self::Linearizable(_))
    }

    /// Whether it is certain that there is no order.
    pub fn is_refuted(&self) -> bool {
        matches!(self, Self::NotLinearizable(_))
    }
}

impl<S: Specification> fmt::Display for Verdict<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Linearizable(order) => {
                write!(f, "linearizable, {} operations in an order", order.len())
            }
            Self::NotLinearizable(refutation) => refutation.fmt(f),
            Self::Unknown(limit) => write!(f, "unknown: the search was ended after {limit}"),
        }
    }
}

impl<S: Specification> fmt::Debug for Verdict<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An order that leads as far as any, and no further.
#[derive(Clone, Debug)]
pub struct LastStand<State> {
    /// What is placed.
    pub order: Vec<CallId>,
    /// What the object then holds.
    pub state: State,
    /// What could have come next, and cannot: its answer is wrong there, or it leads to where no order gets further.
    pub left: Vec<CallId>,
}

/// Why no order exists: each ends, at the latest, before one and the same return.
pub struct Refutation<'h, S: Specification> {
    /// Which object.
    pub key: S::Key,
    /// The operation whose return no order gets past: before it neither that operation nor any other that had been called can be placed.
    pub stuck: CallId,
    /// Orders that get there, one for each state that the object may then hold, up to four.
    pub stands: Vec<LastStand<S::State>>,
    pub(crate) history: &'h History<S::Operation, S::Answer>,
}

/// How many operations of an order are shown: its end.
const SHOWN: usize = 12;

impl<S: Specification> fmt::Display for Refutation<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operations = self.history.operations();
        writeln!(
            f,
            "not linearizable (object {:?}): no order gets past the return of",
            self.key
        )?;
        writeln!(f, "  {}", Line(&operations[self.stuck.0]))?;
        for stand in &self.stands {
            writeln!(f, "one order is:")?;
            let earlier = stand.order.len().saturating_sub(SHOWN);
            if earlier > 0 {
                writeln!(f, "  … {earlier} earlier ones")?;
            }
            for call in &stand.order[earlier..] {
                writeln!(f, "  {}", Line(&operations[call.0]))?;
            }
            writeln!(
                f,
                "after which it holds {:?}, and nothing that is left leads on:",
                stand.state
            )?;
            for call in &stand.left {
                writeln!(f, "  {}", Line(&operations[call.0]))?;
            }
        }
        Ok(())
    }
}

/// An operation as a line: `12..15  c1  Get → Value(None)`.
struct Line<'a, O, A>(&'a Operation<O, A>);

impl<O: fmt::Debug, A: fmt::Debug> fmt::Display for Line<'_, O, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Operation {
            client,
            operation,
            called,
            fate,
        } = self.0;
        match fate {
            Fate::Open => write!(f, "{called}..    c{client}  {operation:?}, unanswered"),
            Fate::Returned(at, answer) => {
                write!(f, "{called}..{at}  c{client}  {operation:?} → {answer:?}")
            }
            Fate::Refused(at) => write!(f, "{called}..{at}  c{client}  {operation:?}, refused"),
        }
    }
}
