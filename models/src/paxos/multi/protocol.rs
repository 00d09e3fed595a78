//! Multi-Paxos: leaders that ask once and propose slot after slot, replicas that vote, execute, truncate, crash and catch up.
//!
//! Left out, and why that is safe:
//! - loss, repetition, reordering and delay: promises, proposals and votes are sets of all that was ever sent, and whoever may receive one may do so at
//!   any time, often, or never;
//! - the request for promises (1a), which says nothing that a replica needs: a replica may promise any ballot at any time;
//! - a leader's crash: it has lost its ballot, as if it never acted again; whoever leads next has a ballot of its own;
//! - what lies between a write, its sync and the answer: the rung [`durable_paxos`](crate::paxos::durable). A crash takes what was executed
//!   since the last snapshot, and a restart knows the snapshot alone.
//!
//! Two parameters make room for three replicas, two slots and a crash at once. `executors` says how many replicas execute at all; the others vote and lag
//! behind. With `own`, the leader of a ballot has one command, which no other leader has; what it finds reported it proposes as ever.
//!
//! Where three replicas execute two slots there are too many states to wait for: how far each has executed and how far it has truncated is a state of its own, since
//! a promise tells a leader the one and a crash falls back to the other. To take what was executed for a function of what is chosen would make them
//! fewer and hide the replica that lags, which is what watermarks, catching up and snapshots are for.

use concur_rules::multi_paxos::MultiPaxosRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::symmetry::{self, Permutation};
use crate::kit::{Faults, Id, NodeSet, Quorums, Refines, Spec, given};
use crate::paxos::multi::spec::{Chosen, Slots};
use crate::paxos::multi::state::{Executed, Leader, Promise, State};
use crate::paxos::multi::{Entry, Ranked, Slot};
use crate::paxos::{Acceptor, Ballot, Quorum};

/// Leaders and replicas.
#[derive(Clone, Debug)]
pub struct MultiPaxos<S = Faithful> {
    /// How many replicas there are.
    pub replicas: usize,
    /// How many slots there are.
    pub slots: usize,
    /// How many commands clients have.
    pub commands: usize,
    /// The highest ballot; the lowest is 0.
    pub max_ballot: usize,
    /// How many of the replicas execute, truncate and catch up; the others only vote.
    pub executors: usize,
    /// Whether each leader has one command of its own, instead of all of them.
    pub own: bool,
    /// The majorities.
    pub quorums: Quorums<Acceptor>,
    /// How often faults may strike.
    pub most: Faults,
    /// The rules that are kept.
    pub rules: S,
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What can happen.
    pub enum Action {
        /// A replica promises a ballot, in all slots at once.
        Phase1b(Acceptor, Ballot),
        /// The leader of a ballot has heard from a quorum.
        Lead(Ballot, Quorum),
        /// A leader proposes an entry for a slot.
        Phase2a(Ballot, Slot, Entry),
        /// A replica votes for what was proposed.
        Phase2b(Acceptor, Slot, Ranked),
        /// A replica executes an entry that a quorum has voted for.
        Execute(Acceptor, Slot, Entry),
        /// A replica that lags behind executes what another one tells it.
        CatchUp(Acceptor, Acceptor),
        /// A replica takes a snapshot of the first slots, and forgets its votes there.
        Truncate(Acceptor, u8),
        /// A replica loses its memory.
        Crash(Acceptor),
        /// A replica comes back with its disk.
        Restart(Acceptor),
    }
}

/// Phase 1, for all slots at once.
impl<S: RuleSet<Rule>> MultiPaxos<S> {
    fn phase1b(&self, s: &State, a: Acceptor, bal: Ballot) -> Option<State> {
        let replica = &s.replicas[a];
        let known = replica.process.up()?;
        self.rules.when(
            Rule::ReplicaPromiseHigher,
            bal > replica.process.disk.max_bal,
        )?;

        let mut t = *s;
        if self.rules.performs(Rule::ReplicaPromiseRaises) {
            t.replicas[a].process.disk.max_bal = bal;
        }
        if self.rules.performs(Rule::ReplicaPromiseSends) {
            let promise = self.promise(known, &replica.process.disk.votes);
            t.replicas[a].promises[bal.0 as usize] = Some(promise);
        }
        Some(t)
    }

    /// The watermark, and the votes above it.
    fn promise(&self, known: &Executed, votes: &crate::paxos::multi::PerSlot<Ranked>) -> Promise {
        let mut promise = Promise::blank(self.slots);
        if self.rules.performs(Rule::ReplicaPromiseWatermark) {
            promise.watermark = known.len;
        }
        let voted = votes.iter().filter(|(_, vote)| !vote.is_none());
        let last = voted.map(|(slot, _)| slot).max();
        for (slot, &vote) in votes.iter().filter(|(slot, _)| slot.0 >= known.len) {
            let covered = Some(slot) == last || self.rules.performs(Rule::ReplicaPromiseCoversGaps);
            if covered && self.rules.performs(Rule::ReplicaPromiseVotes) {
                promise.votes[slot] = vote;
            }
        }
        promise
    }

    fn lead(&self, s: &State, bal: Ballot, q: Quorum) -> Option<State> {
        let promise = |a: Acceptor| s.replicas[a].promises[bal.0 as usize];
        given(s.leader(bal).is_none())?;
        self.rules.when(
            Rule::LeadQuorumPromised,
            q.iter().all(|a| promise(a).is_some()),
        )?;

        let mut t = *s;
        let mut leader = Leader::blank(self.slots);
        for promise in q.iter().filter_map(promise) {
            if self.rules.performs(Rule::LeadTakesWatermark) {
                leader.watermark = leader.watermark.max(promise.watermark);
            }
            if self.rules.performs(Rule::LeadTakesVotes) {
                self.take_votes(&mut leader, &promise);
            }
        }
        t.leaders[bal.0 as usize] = Some(leader);
        Some(t)
    }

    fn take_votes(&self, leader: &mut Leader, promise: &Promise) {
        for (slot, &vote) in promise.votes.iter().filter(|(_, vote)| !vote.is_none()) {
            let higher = vote.bal > leader.votes[slot].bal;
            if self.rules.requires(Rule::LeadKeepsHighest, higher) {
                leader.votes[slot] = vote;
            }
        }
    }
}

/// Phase 2, slot by slot.
impl<S: RuleSet<Rule>> MultiPaxos<S> {
    fn phase2a(&self, s: &State, bal: Ballot, slot: Slot, entry: Entry) -> Option<State> {
        let leader = s.leader(bal)?;
        let reported = leader.votes[slot];
        let own = reported.is_none();
        let proposed = |slot| s.proposed(slot, bal).next().is_some();
        let mut earlier = Slot::first(slot.index()).skip(leader.watermark as usize);
        let (gap, no_op) = (leader.is_gap(slot), entry == Entry::NO_OP);
        given(no_op || entry == reported.entry || self.has_command(bal, entry))?;
        self.rules.when(Rule::LeaderProposesOnce, !proposed(slot))?;
        self.rules
            .when(Rule::LeaderAboveWatermark, slot.0 >= leader.watermark)?;
        self.rules
            .when(Rule::LeaderInOrder, earlier.all(proposed))?;
        self.rules
            .when(Rule::LeaderProposesReported, own || entry == reported.entry)?;
        self.rules.when(Rule::LeaderFillsGap, !gap || no_op)?;
        self.rules
            .when(Rule::LeaderNoOpOnlyInGap, !no_op || !own || gap)?;

        let mut t = *s;
        if self.rules.performs(Rule::LeaderSends) {
            t.proposals[slot].insert(Ranked { bal, entry });
        }
        Some(t)
    }

    /// Whether a client has given the leader of a ballot that command.
    fn has_command(&self, bal: Ballot, entry: Entry) -> bool {
        !self.own || entry.index() == 1 + bal.0 as usize % self.commands
    }

    /// Of a slot that it has truncated, a replica has nothing to vote with: whoever asks will learn the slot instead.
    fn phase2b(&self, s: &State, a: Acceptor, slot: Slot, ranked: Ranked) -> Option<State> {
        let process = &s.replicas[a].process;
        process.up()?;
        given(s.proposals[slot].contains(ranked) && slot.0 >= process.disk.snapshot.len)?;
        self.rules.when(
            Rule::ReplicaAcceptNotBelow,
            ranked.bal >= process.disk.max_bal,
        )?;

        let mut t = *s;
        let replica = &mut t.replicas[a];
        if self.rules.performs(Rule::ReplicaAcceptRaises) {
            replica.process.disk.max_bal = ranked.bal;
        }
        if self.rules.performs(Rule::ReplicaAcceptRemembers) {
            replica.process.disk.votes[slot] = ranked;
        }
        if self.rules.performs(Rule::ReplicaAcceptSends) {
            replica.cast[slot].insert(ranked);
        }
        Some(t)
    }
}

/// What is chosen, is executed and forgotten.
impl<S: RuleSet<Rule>> MultiPaxos<S> {
    fn executes(&self, a: Acceptor) -> bool {
        a.index() < self.executors
    }

    fn execute(&self, s: &State, a: Acceptor, slot: Slot, entry: Entry) -> Option<State> {
        let known = s.replicas[a].process.up()?;
        let mut proposals = s.proposals[slot].iter().filter(|r| r.entry == entry);
        let chosen = proposals.clone().any(|r| s.is_chosen(slot, r));
        given(self.executes(a) && slot.0 >= known.len && proposals.next().is_some())?;
        self.rules.when(Rule::ExecuteQuorum, chosen)?;
        self.rules.when(Rule::ExecuteInOrder, slot.0 == known.len)?;

        let mut t = *s;
        *t.replicas[a].process.up_mut()? = known.with(slot, entry);
        Some(t)
    }

    /// What was executed is the same at any time, so that a delayed answer says nothing else.
    fn catch_up(&self, s: &State, a: Acceptor, from: Acceptor) -> Option<State> {
        let known = s.replicas[a].process.up()?;
        let other = s.replicas[from].process.up()?;
        given(self.executes(a) && usize::from(known.len) < self.slots)?;
        let slot = Slot::new(known.len.into());
        let executed = slot.0 < other.len;
        let voted = s.replicas[from].process.disk.votes[slot];
        given(executed || !voted.is_none())?;
        self.rules.when(Rule::CatchUpExecuted, executed)?;

        let mut t = *s;
        let entry = if executed {
            other.entries[slot]
        } else {
            voted.entry
        };
        *t.replicas[a].process.up_mut()? = known.with(slot, entry);
        Some(t)
    }

    fn truncate(&self, s: &State, a: Acceptor, len: u8) -> Option<State> {
        let process = &s.replicas[a].process;
        let known = process.up()?;
        given(self.executes(a) && len > process.disk.snapshot.len)?;
        self.rules.when(Rule::TruncateExecuted, len <= known.len)?;

        let mut t = *s;
        let disk = &mut t.replicas[a].process.disk;
        if self.rules.performs(Rule::TruncateSaves) {
            disk.snapshot = known.first(len);
        }
        for slot in Slot::first(len.into()) {
            disk.votes[slot] = Ranked::NONE;
        }
        Some(t)
    }

    fn crash(&self, s: &State, a: Acceptor) -> Option<State> {
        given(!s.replicas[a].process.is_down())?;

        let mut t = *s;
        t.faults.crashes += 1;
        t.replicas[a].process.crash();
        Some(t)
    }

    fn restart(&self, s: &State, a: Acceptor) -> Option<State> {
        given(s.replicas[a].process.is_down())?;

        let mut t = *s;
        let recovers = self.rules.performs(Rule::RestartFromSnapshot);
        t.replicas[a].process.restart(|disk| match recovers {
            true => disk.snapshot,
            false => Executed::none(self.slots),
        });
        Some(t)
    }
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> MultiPaxos<S> {
    pub(super) fn ballots(&self) -> impl Iterator<Item = Ballot> + Clone + use<S> {
        (0..=self.max_ballot as i8).map(Ballot)
    }

    fn actions_of(&self, s: &State, a: Acceptor, actions: &mut Vec<Action>) {
        actions.extend(self.ballots().map(|bal| Action::Phase1b(a, bal)));
        for (slot, proposals) in s.proposals.iter() {
            actions.extend(proposals.iter().map(|r| Action::Phase2b(a, slot, r)));
            let entries: NodeSet<Entry> = proposals.iter().map(|r| r.entry).collect();
            actions.extend(entries.iter().map(|entry| Action::Execute(a, slot, entry)));
        }
        let others = s.replicas.nodes().filter(|&other| other != a);
        actions.extend(others.map(|other| Action::CatchUp(a, other)));
        actions.extend((1..=self.slots as u8).map(|len| Action::Truncate(a, len)));
        actions.extend([Action::Crash(a), Action::Restart(a)]);
    }
}

impl<S: RuleSet<Rule>> Model for MultiPaxos<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::initial(self.replicas, self.slots)]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        for bal in self.ballots() {
            let quorums = self.quorums.phase1.iter();
            actions.extend(quorums.map(|&q| Action::Lead(bal, q)));
            for slot in Slot::first(self.slots) {
                let entries = Entry::first(self.commands + 1);
                actions.extend(entries.map(|entry| Action::Phase2a(bal, slot, entry)));
            }
        }
        for a in s.replicas.nodes() {
            self.actions_of(s, a, actions);
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Phase1b(a, bal) => self.phase1b(s, a, bal),
            Action::Lead(bal, q) => self.lead(s, bal, q),
            Action::Phase2a(bal, slot, entry) => self.phase2a(s, bal, slot, entry),
            Action::Phase2b(a, slot, ranked) => self.phase2b(s, a, slot, ranked),
            Action::Execute(a, slot, entry) => self.execute(s, a, slot, entry),
            Action::CatchUp(a, from) => self.catch_up(s, a, from),
            Action::Truncate(a, len) => self.truncate(s, a, len),
            Action::Crash(a) => self.crash(s, a),
            Action::Restart(a) => self.restart(s, a),
        }
    }

    fn within_boundary(&self, s: &State) -> bool {
        self.exceeded(s).is_none()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        Self::claims()
    }
}

impl<S: RuleSet<Rule>> Spec for MultiPaxos<S> {
    const BOUNDS: &'static [&'static str] = Faults::BOUNDS;
    const SYMMETRY: Option<&'static str> = Some("permutations of replicas and of commands");

    fn exceeded(&self, s: &State) -> Option<usize> {
        s.faults.exceeded(&self.most)
    }

    /// Nothing relates two replicas, so that sorting all that is known of each is exact, of those that execute and of those that do not.
    /// Commands that belong to leaders are not interchangeable.
    fn canonical(&self, s: &State) -> State {
        let commands = Permutation::group(self.commands);
        let interchangeable = if self.own { &commands[..1] } else { commands };
        symmetry::least(interchangeable, |commands| {
            let mut t = s.renamed(commands);
            let (executors, others) = t.replicas.values_mut().split_at_mut(self.executors);
            executors.sort_unstable();
            others.sort_unstable();
            t
        })
    }
}

// ----------------------------------------------------------------------------------------------------------- Refinement

impl<S: RuleSet<Rule>> Refines for MultiPaxos<S> {
    type Abstract = Slots;

    fn abstract_model(&self) -> Slots {
        Slots {
            slots: self.slots,
            commands: self.commands,
            rules: Faithful,
        }
    }

    fn abstract_state(&self, s: &State) -> Chosen {
        s.chosen()
    }
}
