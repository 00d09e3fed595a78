//! Second opinions: stateright's checkers and the naive explorer on the same model.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use concur_models::kit::{Refines, Spec};

use super::claims::{Claim, Evidence, claims, judge};
use super::exhaustive::PANIC;
use crate::engine::erased::Erased;
use crate::engine::limits::Stop;
use crate::engine::stateright::{Discoveries, Strategy};
use crate::engine::{naive, stateright as sr};
use crate::verdict::{Extent, Failure, Findings, Opinion, Property, Reach, Status};

/// An engine other than our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Other {
    /// stateright's breadth-first checker.
    StaterightBfs,
    /// stateright's depth-first checker.
    StaterightDfs,
    /// The explorer over exact states.
    Naive,
}

impl Other {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::StaterightBfs, Self::StaterightDfs, Self::Naive];

    /// The name by which the command line knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::StaterightBfs => "stateright-bfs",
            Self::StaterightDfs => "stateright-dfs",
            Self::Naive => "naive",
        }
    }
}

/// What another engine saw.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    distinct: u64,
    depth: Option<u32>,
    generated: Option<u64>,
    fails: BTreeSet<&'static str>,
    witnessed: BTreeSet<&'static str>,
    /// Whether it looks at steps and refinement.
    steps: bool,
}

impl Seen {
    fn extent(&self) -> Extent {
        Extent {
            distinct: self.distinct,
            depth: self.depth,
            generated: self.generated,
            ..Extent::default()
        }
    }

    fn by_stateright(found: Discoveries, depth: bool) -> Self {
        Self {
            distinct: found.distinct,
            depth: depth.then_some(found.depth),
            generated: None,
            fails: found.fails,
            witnessed: found.witnessed,
            steps: false,
        }
    }
}

/// Has another engine explore `model`. It knows no limits, but is left alone when the user interrupts.
pub fn ask<M: Spec + Refines>(
    model: M,
    other: Other,
    threads: usize,
    interrupted: &Arc<AtomicBool>,
) -> Findings {
    let claims = claims(&model);
    let seen = unless_interrupted(Box::new(move || see(model, other, threads)), interrupted);
    match seen {
        Some(Ok(seen)) => findings(&seen, claims),
        Some(Err(sr::Panicked)) => unfinished(claims, Some(PANIC), None),
        None => unfinished(claims, None, Some(Stop::Interrupted)),
    }
}

/// What comes of work on a thread of its own; `None` if the user interrupts it. It is compiled once, not once for each model.
fn unless_interrupted(
    work: Box<dyn FnOnce() -> Result<Seen, sr::Panicked> + Send>,
    interrupted: &AtomicBool,
) -> Option<Result<Seen, sr::Panicked>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || sender.send(work()));
    loop {
        match receiver.recv_timeout(Duration::from_millis(50)) {
            Ok(seen) => return Some(seen),
            // The thread ended without an answer: the naive explorer runs on it, and so does its model's panic.
            Err(RecvTimeoutError::Disconnected) => return Some(Err(sr::Panicked)),
            Err(RecvTimeoutError::Timeout) if interrupted.load(Ordering::Relaxed) => return None,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

fn see<M: Spec + Refines>(model: M, other: Other, threads: usize) -> Result<Seen, sr::Panicked> {
    match other {
        // Only on one thread is the depth of stateright's breadth-first search the diameter.
        Other::StaterightBfs => sr::explore(Erased::new(model), Strategy::Bfs, threads)
            .map(|found| Seen::by_stateright(found, threads == 1)),
        Other::StaterightDfs => sr::explore(Erased::new(model), Strategy::Dfs, threads)
            .map(|found| Seen::by_stateright(found, false)),
        Other::Naive => {
            let found = naive::explore(&model);
            Ok(Seen {
                distinct: found.distinct,
                depth: Some(found.depth),
                generated: Some(found.generated),
                fails: found.fails,
                witnessed: found.witnessed,
                steps: true,
            })
        }
    }
}

/// Whether what another engine found is what ours did: all counts that it knows, and all verdicts that it gives.
///
/// Where something fails the searches end at different places, so only the verdict is compared.
pub fn compare(ours: &Findings, theirs: &Findings, engine: Other) -> Opinion {
    let same = |ours: &Property, theirs: &Property| {
        theirs.status == Status::Unchecked || ours.status == theirs.status
    };
    let (a, b) = (ours.reach.extent(), theirs.reach.extent());
    let agrees = if ours.failure.is_some() {
        let fails = ours.failure.as_ref().map(|failure| failure.property);
        let by_theirs = theirs.properties.iter().find(|p| Some(p.name) == fails);
        by_theirs.is_some_and(|p| matches!(p.status, Status::Fails | Status::Unchecked))
    } else {
        a.distinct == b.distinct
            && b.depth.is_none_or(|depth| Some(depth) == a.depth)
            && b.generated
                .is_none_or(|generated| Some(generated) == a.generated)
            && theirs.failure.is_none()
            && ours
                .properties
                .iter()
                .zip(&theirs.properties)
                .all(|(a, b)| same(a, b))
    };
    let found = || {
        let failure = theirs.failure.as_ref().map_or("nothing", |f| f.property);
        let depth = b
            .depth
            .map_or_else(|| "?".to_owned(), |depth| depth.to_string());
        format!(
            "{} distinct states, depth {depth}, fails: {failure}",
            b.distinct
        )
    };
    Opinion {
        engine: engine.name(),
        agrees,
        found: if agrees { String::new() } else { found() },
    }
}

/// The findings of an engine that ran to its end.
fn findings(seen: &Seen, claims: Vec<Claim>) -> Findings {
    let first = claims.iter().find(|claim| seen.fails.contains(claim.name));
    let failure = first.map(|claim| claim.name);
    let evidence = Evidence {
        fails: &|name| seen.fails.contains(name),
        seen: &|name| seen.witnessed.contains(name),
        cut_short: failure.is_some(),
        steps: seen.steps,
    };
    Findings {
        properties: judge(claims, &evidence),
        ..without_answer(failure, None, seen.extent())
    }
}

/// The findings of an engine that did not: the model panicked, or the user interrupted.
fn unfinished(claims: Vec<Claim>, failure: Option<&'static str>, stop: Option<Stop>) -> Findings {
    let evidence = Evidence {
        fails: &|_| false,
        seen: &|_| false,
        cut_short: true,
        steps: true,
    };
    Findings {
        properties: judge(claims, &evidence),
        ..without_answer(failure, stop, Extent::default())
    }
}

fn without_answer(failure: Option<&'static str>, stop: Option<Stop>, extent: Extent) -> Findings {
    let by: Vec<_> = stop
        .map(|stop| stop.to_string())
        .into_iter()
        .chain(failure.map(|_| "the first failures".to_owned()))
        .collect();
    Findings {
        promises: Vec::new(),
        reach: if by.is_empty() {
            Reach::Every(extent)
        } else {
            Reach::Bounded { by, extent }
        },
        properties: Vec::new(),
        failure: failure.map(|property| Failure {
            property,
            breaks: Vec::new(),
            trace: None,
        }),
        stop,
        actions: Vec::new(),
        bounds: Vec::new(),
    }
}
