//! What durable Paxos Commit keeps: the promise across crashes, what its records are for, and that nobody is blocked.

use concur_rules::durable_paxos_commit::DurablePaxosCommitRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::Property;

use crate::kit::symmetry::{self, Permutation};
use crate::kit::{Faults, Refines, Spec, StepProperty};
use crate::paxos_commit::durable::{DurablePaxosCommit, State};
use crate::paxos_commit::messages::Message;
use crate::paxos_commit::protocol::PaxosCommit;
use crate::paxos_commit::{Rm, Value, state};
use crate::two_phase::durable::state::{Memory, Record};
use crate::two_phase::{RmState, ac2, can_commit};

/// The properties of states; AC2 is one of steps.
pub(super) fn of_states<S: RuleSet<Rule>>() -> Vec<Property<DurablePaxosCommit<S>>> {
    type P<S> = Property<DurablePaxosCommit<S>>;
    vec![
        P::<S>::always("AC1", |_, s| agree(s)),
        P::<S>::sometimes("AC1: one commits", |_, s| any(s, Memory::Committed)),
        P::<S>::sometimes("AC1: one aborts alone", |_, s| {
            !s.msgs.contains(Message::Abort) && any(s, Memory::Aborted)
        }),
        P::<S>::always("AC3", |_, s| {
            let all = || rms(s).all(|rm| can_commit(s.image(rm)));
            !rms(s).any(|rm| has_committed(s, rm)) || all()
        }),
        P::<S>::sometimes("AC3: one commits", |_, s| any(s, Memory::Committed)),
        P::<S>::sometimes("AC2: one has committed", |_, s| {
            any_logged(s, Record::Committed)
        }),
        P::<S>::sometimes("AC2: a prepared one has aborted", |_, s| {
            any_logged(s, Record::Aborted)
        }),
        P::<S>::always("Agreement", |m, s| {
            let seen = s.paxos_commit();
            let chosen = |rm, val| m.above.has_chosen(&seen, rm, val);
            rms(s).all(|rm| !Value::ALL.iter().all(|&val| chosen(rm, val)))
        }),
        P::<S>::sometimes("Agreement: prepared is chosen", |m, s| {
            let seen = s.paxos_commit();
            rms(s).any(|rm| m.above.has_chosen(&seen, rm, Value::Prepared))
        }),
        P::<S>::sometimes("Agreement: aborted is chosen", |m, s| {
            let seen = s.paxos_commit();
            rms(s).any(|rm| m.above.has_chosen(&seen, rm, Value::Aborted))
        }),
        // Of the disks: what an acceptor has answered is on its own.
        P::<S>::always("RepliesAreLogged", |_, s| {
            let disks = s.paxos_commit();
            disks.promises_kept() && disks.last_votes_remembered()
        }),
        P::<S>::sometimes("RepliesAreLogged: one votes", |_, s| {
            s.msgs.iter().any(|m| matches!(m, Message::P2b(..)))
        }),
        P::<S>::always("PreparedIsLogged", |_, s| {
            s.msgs.iter().all(|m| match m {
                Message::P2a(rm, vote) if vote.bal.0 == 0 && vote.val == Value::Prepared => {
                    *s.rms[rm].disk.synced() != Record::Empty
                }
                _ => true,
            })
        }),
        P::<S>::sometimes("PreparedIsLogged: one proposes", |_, s| {
            s.msgs.iter().any(|m| matches!(m, Message::P2a(..)))
        }),
        P::<S>::always("MemoryFollowsLog", |_, s| rms(s).all(|rm| follows(s, rm))),
        P::<S>::sometimes("MemoryFollowsLog: one writes a record", |_, s| {
            rms(s).any(|rm| !s.rms[rm].disk.is_synced())
        }),
        // From every such state, with nobody but those who are up, a leader can bring each of them to one and the same decision.
        P::<S>::always("NotBlocked", |m, s| {
            let waits = |s: &State| rms(s).any(|rm| undecided(s, rm));
            let decided = |t: &State| !waits(t) && agree(t);
            s.acceptors_down() > m.tolerates || !waits(s) || decided(&m.led(s))
        }),
        P::<S>::sometimes(
            "NotBlocked: as many acceptors are down as may be, and one is prepared",
            |m, s| s.acceptors_down() == m.tolerates && any(s, Memory::Prepared),
        ),
    ]
}

fn rms(s: &State) -> impl Iterator<Item = Rm> + use<> {
    s.rms.nodes()
}

fn any(s: &State, memory: Memory) -> bool {
    rms(s).any(|rm| s.memory(rm) == Some(memory))
}

fn any_logged(s: &State, record: Record) -> bool {
    rms(s).any(|rm| *s.rms[rm].disk.synced() == record)
}

fn undecided(s: &State, rm: Rm) -> bool {
    matches!(s.memory(rm), Some(Memory::Working | Memory::Prepared))
}

/// Whether a resource manager acts as one that has committed, or would after a crash.
fn has_committed(s: &State, rm: Rm) -> bool {
    s.memory(rm) == Some(Memory::Committed) || s.image(rm) == RmState::Committed
}

/// Whether a resource manager acts as one that has aborted, or would after a crash.
fn has_aborted(s: &State, rm: Rm) -> bool {
    s.memory(rm) == Some(Memory::Aborted) || s.image(rm) == RmState::Aborted
}

/// Whether no two resource managers decide differently.
fn agree(s: &State) -> bool {
    let (mut some, mut others) = (rms(s), rms(s));
    !(some.any(|rm| has_committed(s, rm)) && others.any(|rm| has_aborted(s, rm)))
}

/// Whether a resource manager that is up remembers what it has written.
fn follows(s: &State, rm: Rm) -> bool {
    s.memory(rm)
        .is_none_or(|memory| match s.rms[rm].disk.written() {
            Record::Empty => matches!(memory, Memory::Working | Memory::Aborted),
            Record::Prepared => memory == Memory::Prepared,
            Record::Committed => memory == Memory::Committed,
            Record::Aborted => memory == Memory::Aborted,
        })
}

impl<S: RuleSet<Rule>> Spec for DurablePaxosCommit<S> {
    const BOUNDS: &'static [&'static str] = Faults::BOUNDS;
    const SYMMETRY: Option<&'static str> =
        Some("permutations of resource managers and of acceptors");

    fn exceeded(&self, s: &State) -> Option<usize> {
        s.faults.exceeded(&self.most)
    }

    fn step_properties(&self) -> Vec<StepProperty<Self>> {
        vec![StepProperty {
            name: "AC2",
            holds: |_, s, _, t| ac2(&s.paxos_commit().rm_state, &t.paxos_commit().rm_state),
        }]
    }

    fn canonical(&self, s: &State) -> State {
        symmetry::least(&self.above.renamings, |(rms, acceptors)| {
            renamed(s, rms, acceptors)
        })
    }
}

fn renamed(s: &State, rms: &Permutation, acceptors: &Permutation) -> State {
    let mut t = *s;
    for (rm, &was) in s.rms.iter() {
        t.rms[rms.apply(rm)] = was;
    }
    for (a, was) in s.acceptors.iter() {
        let mut disk = was.disk;
        let of = |from: &crate::paxos_commit::durable::Instances| {
            let mut to = *from;
            for (rm, &memory) in from.iter() {
                to[rms.apply(rm)] = memory;
            }
            to
        };
        disk.write(of(was.disk.synced()));
        disk.sync();
        disk.write(of(was.disk.written()));
        t.acceptors[acceptors.apply(a)] = *was;
        t.acceptors[acceptors.apply(a)].disk = disk;
    }
    t.msgs = s.msgs.iter().map(|m| m.renamed(rms, acceptors)).collect();
    t
}

// ----------------------------------------------------------------------------------------------------------- Refinement

impl<S: RuleSet<Rule>> Refines for DurablePaxosCommit<S> {
    type Abstract = PaxosCommit;

    fn abstract_model(&self) -> PaxosCommit {
        PaxosCommit::new(
            self.above.rms,
            self.above.acceptors,
            self.above.max_ballot.0 as usize,
            Faithful,
        )
    }

    fn abstract_state(&self, s: &State) -> state::State {
        s.paxos_commit()
    }
}
