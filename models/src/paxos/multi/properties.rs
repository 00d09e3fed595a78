//! What is claimed of a replicated log: agreement in each slot, and that nothing executed is ever lost.

use concur_rules::RuleSet;
use concur_rules::multi_paxos::MultiPaxosRule as Rule;
use stateright::Property;

use crate::kit::NodeSet;
use crate::paxos::Ballot;
use crate::paxos::multi::protocol::MultiPaxos;
use crate::paxos::multi::state::{Executed, Replica, State};
use crate::paxos::multi::{Entry, Ranked, Slot};

impl<S: RuleSet<Rule>> MultiPaxos<S> {
    pub(super) fn claims() -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("Agreement", |_, s| {
                s.chosen().values().iter().all(|entries| entries.len() <= 1)
            }),
            Property::<Self>::sometimes("Agreement: all slots are chosen", |_, s| {
                s.chosen()
                    .values()
                    .iter()
                    .all(|entries| !entries.is_empty())
            }),
            Property::<Self>::sometimes("ProposedInOrder: a slot is chosen after a gap", |_, s| {
                let chosen = s.chosen();
                let empty = |slot: Slot| chosen[slot].is_empty();
                chosen
                    .nodes()
                    .any(|slot| !empty(slot) && chosen.nodes().any(|e| e < slot && empty(e)))
            }),
            Property::<Self>::always("Validity", |_, s| validity(s)),
            Property::<Self>::sometimes("Validity: one votes", |_, s| {
                replicas(s).any(|r| r.cast.values().iter().any(|cast| !cast.is_empty()))
            }),
            Property::<Self>::sometimes("NoOpOnlyFillsGap: a no-op is chosen", |_, s| {
                s.chosen()
                    .values()
                    .iter()
                    .any(|entries| entries.contains(Entry::NO_OP))
            }),
            Property::<Self>::always("LearnedImpliesChosen", |_, s| {
                replicas(s).all(|r| r.process.up().is_none_or(|known| are_chosen(s, known)))
            }),
            Property::<Self>::sometimes("LearnedImpliesChosen: one executes all", |m, s| {
                replicas(s).any(|r| {
                    r.process
                        .up()
                        .is_some_and(|known| known.len as usize == m.slots)
                })
            }),
            Property::<Self>::always("TruncatedIsChosen", |_, s| {
                replicas(s).all(|r| are_chosen(s, &r.process.disk.snapshot))
            }),
            Property::<Self>::sometimes("TruncatedIsChosen: one truncates", |_, s| {
                replicas(s).any(|r| r.process.disk.snapshot.len > 0)
            }),
            Property::<Self>::always("NothingForgotten", |_, s| {
                replicas(s).all(nothing_forgotten)
            }),
            Property::<Self>::sometimes(
                "NothingForgotten: one has truncated and restarted",
                |_, s| {
                    let back = |r: &Replica| r.process.up() == Some(&r.process.disk.snapshot);
                    s.faults.crashes > 0
                        && replicas(s).any(|r| back(r) && r.process.disk.snapshot.len > 0)
                },
            ),
            Property::<Self>::always("PromisesKept", |m, s| {
                replicas(s).all(|r| m.ballots().all(|bal| promise_kept(r, bal)))
            }),
            Property::<Self>::sometimes("PromisesKept: one reports a vote", |_, s| {
                let reports = |r: &Replica| {
                    let sent = r.promises.iter().flatten();
                    sent.flat_map(|p| p.votes.values())
                        .any(|vote| !vote.is_none())
                };
                replicas(s).any(reports)
            }),
            Property::<Self>::sometimes(
                "LearnedImpliesChosen: one promises that has executed",
                |_, s| replicas(s).any(|r| r.promises.iter().flatten().any(|p| p.watermark > 0)),
            ),
            Property::<Self>::always("OneProposalPerSlot", |m, s| {
                let one = |slot, bal| s.proposed(slot, bal).count() <= 1;
                m.ballots()
                    .all(|bal| s.proposals.nodes().all(|slot| one(slot, bal)))
            }),
            Property::<Self>::sometimes("OneProposalPerSlot: one proposes", |_, s| any_proposal(s)),
            Property::<Self>::always("NoOpOnlyFillsGap", |_, s| no_op_only_fills_gap(s)),
            Property::<Self>::sometimes("NoOpOnlyFillsGap: one proposes a no-op", |_, s| {
                let no_op = |r: Ranked| r.entry == Entry::NO_OP;
                s.proposals.values().iter().any(|all| all.iter().any(no_op))
            }),
            Property::<Self>::always("ProposedInOrder", |m, s| {
                m.ballots().all(|bal| proposed_in_order(s, bal))
            }),
            Property::<Self>::sometimes("ProposedInOrder: one leads with a gap", |_, s| {
                let gap = |slot| s.leaders.iter().flatten().any(|l| l.is_gap(slot));
                s.proposals.nodes().any(gap)
            }),
        ]
    }
}

fn replicas(s: &State) -> impl Iterator<Item = &Replica> {
    s.replicas.values().iter()
}

fn any_proposal(s: &State) -> bool {
    s.proposals.values().iter().any(|all| !all.is_empty())
}

/// Whether what was executed is what was chosen, slot by slot, without a gap.
fn are_chosen(s: &State, known: &Executed) -> bool {
    let chosen = |(slot, entry)| {
        s.proposals[slot]
            .iter()
            .any(|r| r.entry == entry && s.is_chosen(slot, r))
    };
    known.iter().all(chosen)
}

/// Whether every vote is for something that a leader proposed: nothing is chosen but commands of clients and no-ops of leaders.
fn validity(s: &State) -> bool {
    let proposed = |r: &Replica| {
        r.cast
            .iter()
            .all(|(slot, cast)| cast.is_subset(s.proposals[slot]))
    };
    replicas(s).all(proposed)
}

/// Whether a replica knows of each slot in which it has voted: its last vote, or what was chosen there.
fn nothing_forgotten(r: &Replica) -> bool {
    let disk = &r.process.disk;
    let last = |cast: NodeSet<Ranked>| cast.iter().last().unwrap_or(Ranked::NONE);
    let remembered = |(slot, &cast)| disk.votes[slot] == last(cast) || slot.0 < disk.snapshot.len;
    let restored = r
        .process
        .up()
        .is_none_or(|known| known.len >= disk.snapshot.len);
    restored
        && r.cast
            .iter()
            .all(|(slot, cast): (Slot, _)| remembered((slot, cast)))
}

/// Whether a replica that has promised a ballot keeps out of lower ones, and has told of each slot its last vote there or that it is chosen.
fn promise_kept(r: &Replica, bal: Ballot) -> bool {
    let Some(promise) = &r.promises[bal.0 as usize] else {
        return true;
    };
    let told = |(slot, cast): (Slot, &NodeSet<Ranked>)| {
        let before = cast.iter().filter(|vote| vote.bal < bal).last();
        slot.0 < promise.watermark || promise.votes[slot] == before.unwrap_or(Ranked::NONE)
    };
    r.process.disk.max_bal >= bal && r.cast.iter().all(told)
}

/// Whether for each no-op some later slot was proposed in a lower ballot: there was a gap.
fn no_op_only_fills_gap(s: &State) -> bool {
    let filled = |slot: Slot, bal: Ballot| {
        let later = s.proposals.iter().filter(|(other, _)| *other > slot);
        later.flat_map(|(_, all)| all.iter()).any(|r| r.bal < bal)
    };
    s.proposals.iter().all(|(slot, all)| {
        let mut no_ops = all.iter().filter(|r| r.entry == Entry::NO_OP);
        no_ops.all(|r| filled(slot, r.bal))
    })
}

/// Whether a leader has left no slot behind, and given no client's command a slot before one that may be chosen already.
fn proposed_in_order(s: &State, bal: Ballot) -> bool {
    let Some(leader) = s.leader(bal) else {
        return true;
    };
    let proposed = |slot| s.proposed(slot, bal).next().is_some();
    let last = s.proposals.nodes().filter(|&slot| proposed(slot)).last();
    let mut covered = s.proposals.nodes().skip(leader.watermark.into());
    let mut gaps = s.proposals.nodes().filter(|&slot| leader.is_gap(slot));
    covered.all(|slot| Some(slot) > last || proposed(slot))
        && gaps.all(|slot| s.proposed(slot, bal).all(|entry| entry == Entry::NO_OP))
}
