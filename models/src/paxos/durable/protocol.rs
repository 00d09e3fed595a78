//! Paxos with disks, restarts and counting: what proposers, acceptors and learners do, one function per action.
//!
//! An acceptor takes one request at a time: until it has answered, or crashed, it takes no other. Ballot and vote lie in one cell of its disk, since
//! a vote changes both. Whatever it has synced and not sent before a crash it may send when it is asked again.

use concur_rules::durable_paxos::DurablePaxosRule as Rule;
use concur_rules::{Faithful, RuleSet};
use stateright::{Model, Property};

use crate::kit::{Durable, Faults, Id, Mapped, PerNode, Refines, Spec, given, symmetry};
use crate::paxos::durable::QuorumSizes;
use crate::paxos::durable::state::{Attempt, Node, Owed, Proposer, Stage, State, owner};
use crate::paxos::messages::Message;
use crate::paxos::protocol::{Action as Abstract, Paxos};
use crate::paxos::state::{Memory, State as AbstractState};
use crate::paxos::{Acceptor, Ballot, Renaming, Size, Value, Vote};

/// Proposers, acceptors with disks, and a learner.
#[derive(Clone, Debug)]
pub struct DurablePaxos<S = Faithful> {
    /// How many acceptors, values and ballots there are.
    pub size: Size,
    /// How many proposers share the ballots.
    pub proposers: usize,
    /// Whether there is a learner.
    pub learns: bool,
    /// How many acceptors are enough.
    pub quorums: QuorumSizes,
    /// Whether a crash of an acceptor takes its disk with it: an expected failure.
    pub wipes: bool,
    /// How often faults may strike.
    pub most: Faults,
    /// The symmetries.
    pub renamings: Vec<Renaming>,
    /// The rules that are kept.
    pub rules: S,
}

// -------------------------------------------------------------------------------------------------------------- Actions

crate::actions! {
    /// What can happen.
    pub enum Action {
        /// A proposer begins a ballot, and writes it.
        Begin(Proposer, Ballot),
        /// A proposer asks for promises.
        Phase1a(Proposer),
        /// An acceptor takes a request for a promise, and writes it.
        Phase1b(Acceptor, Ballot),
        /// An acceptor sends its promise.
        SendPromise(Acceptor),
        /// A proposer receives a promise, of whatever ballot.
        Collect(Proposer, Acceptor, Ballot, Vote),
        /// A proposer proposes a value.
        Phase2a(Proposer, Value),
        /// An acceptor votes for what was proposed, and writes its vote.
        Phase2b(Acceptor, Ballot, Value),
        /// An acceptor tells of its vote.
        SendVote(Acceptor),
        /// The learner receives a vote.
        Hear(Acceptor, Vote),
        /// What a node has written becomes safe.
        Sync(Node),
        /// A node loses its memory, and on its disk what was not synced.
        Crash(Node),
        /// A node comes back with its disk.
        Restart(Node),
    }
}

/// Proposers.
impl<S: RuleSet<Rule>> DurablePaxos<S> {
    fn begin(&self, s: &State, p: Proposer, bal: Ballot) -> Option<State> {
        let proposer = &s.proposers[p];
        proposer.up()?;
        self.rules
            .when(Rule::BeginOwnBallot, owner(bal, self.proposers) == p)?;
        self.rules
            .when(Rule::BeginHigherBallot, bal > *proposer.disk.written())?;

        let mut t = *s;
        if self.rules.performs(Rule::BeginWritesBallot) {
            t.proposers[p].disk.write(bal);
        }
        *t.proposers[p].up_mut()? = Attempt {
            bal,
            stage: Stage::Begun,
            ..Attempt::default()
        };
        Some(t)
    }

    fn phase1a(&self, s: &State, p: Proposer) -> Option<State> {
        let attempt = s.proposers[p].up()?;
        given(attempt.stage == Stage::Begun)?;
        self.rules
            .when(Rule::AskBallotSynced, s.proposers[p].disk.is_synced())?;

        let mut t = *s;
        t.proposers[p].up_mut()?.stage = Stage::Asked;
        if self.rules.performs(Rule::AskSends) {
            t.msgs.insert(Message::P1a(attempt.bal));
        }
        Some(t)
    }

    fn collect(
        &self,
        s: &State,
        p: Proposer,
        a: Acceptor,
        bal: Ballot,
        vote: Vote,
    ) -> Option<State> {
        given(s.msgs.contains(Message::P1b(a, bal, vote)))?;
        let attempt = s.proposers[p].up()?;
        given(attempt.stage == Stage::Asked && !attempt.promised.contains(a))?;
        self.rules
            .when(Rule::CollectCurrentBallot, bal == attempt.bal)?;
        let higher = vote.bal > attempt.kept.bal;
        let keep = !vote.is_none() && self.rules.requires(Rule::CollectKeepsHighest, higher);

        let mut t = *s;
        let attempt = t.proposers[p].up_mut()?;
        attempt.promised.insert(a);
        if keep && self.rules.performs(Rule::CollectKeepsReport) {
            attempt.kept = vote;
        }
        Some(t)
    }

    fn phase2a(&self, s: &State, p: Proposer, val: Value) -> Option<State> {
        let attempt = s.proposers[p].up()?;
        let promised = attempt.promised.len() >= self.quorums.phase1;
        let reported = attempt.kept.is_none() || attempt.kept.val == val;
        given(attempt.stage >= Stage::Asked)?;
        self.rules
            .when(Rule::ProposeOnce, attempt.stage != Stage::Proposed)?;
        self.rules.when(Rule::ProposeQuorumPromised, promised)?;
        self.rules.when(Rule::ProposeReported, reported)?;

        let mut t = *s;
        t.proposers[p].up_mut()?.stage = Stage::Proposed;
        if self.rules.performs(Rule::ProposeSends) {
            t.msgs.insert(Message::P2a(Vote::new(attempt.bal, val)));
        }
        Some(t)
    }
}

/// Acceptors.
impl<S: RuleSet<Rule>> DurablePaxos<S> {
    fn phase1b(&self, s: &State, a: Acceptor, bal: Ballot) -> Option<State> {
        given(s.msgs.contains(Message::P1a(bal)) && is_free(s, a))?;
        // To answer once more would change nothing.
        given(!s.msgs.any_within(Message::promises(a, bal)))?;
        let memory = *s.acceptors[a].disk.written();
        let higher = bal >= memory.max_bal && bal > memory.vote.bal;
        self.rules.when(Rule::PromiseHigher, higher)?;

        let mut t = *s;
        *t.acceptors[a].up_mut()? = Owed::Promise(bal);
        if self.rules.performs(Rule::PromiseWrites) {
            let promised = Memory {
                max_bal: bal,
                ..memory
            };
            t.acceptors[a].disk.write(promised);
        }
        Some(t)
    }

    fn send_promise(&self, s: &State, a: Acceptor) -> Option<State> {
        let Owed::Promise(bal) = *s.acceptors[a].up()? else {
            return None;
        };
        self.rules
            .when(Rule::PromiseSynced, s.acceptors[a].disk.is_synced())?;

        let mut t = *s;
        *t.acceptors[a].up_mut()? = Owed::Nothing;
        if self.rules.performs(Rule::PromiseSends) {
            t.msgs.insert(Message::P1b(a, bal, self.report(s, a, bal)));
        }
        Some(t)
    }

    /// The acceptor's last vote as a promise reports it. Where the ballot is not said, nobody can tell it from the lowest.
    fn report(&self, s: &State, a: Acceptor, bal: Ballot) -> Vote {
        let vote = s.acceptors[a].disk.written().vote;
        if vote.bal >= bal || vote.is_none() || !self.rules.performs(Rule::PromiseReportsVote) {
            Vote::NONE
        } else if self.rules.performs(Rule::PromiseReportsBallot) {
            vote
        } else {
            Vote::new(Ballot(0), vote.val)
        }
    }

    fn phase2b(&self, s: &State, a: Acceptor, vote: Vote) -> Option<State> {
        given(s.msgs.contains(Message::P2a(vote)) && is_free(s, a))?;
        // To answer once more would change nothing.
        given(!s.msgs.contains(Message::P2b(a, vote)))?;
        let memory = *s.acceptors[a].disk.written();
        self.rules
            .when(Rule::AcceptNotBelowPromise, vote.bal >= memory.max_bal)?;

        let mut t = *s;
        let mut voted = memory;
        if self.rules.performs(Rule::AcceptRaises) {
            voted.max_bal = vote.bal;
        }
        if self.rules.performs(Rule::AcceptWritesVote) {
            voted.vote = vote;
        }
        t.acceptors[a].disk.write(voted);
        *t.acceptors[a].up_mut()? = Owed::Vote(vote);
        Some(t)
    }

    fn send_vote(&self, s: &State, a: Acceptor) -> Option<State> {
        let Owed::Vote(vote) = *s.acceptors[a].up()? else {
            return None;
        };
        self.rules
            .when(Rule::AcceptSynced, s.acceptors[a].disk.is_synced())?;

        let mut t = *s;
        *t.acceptors[a].up_mut()? = Owed::Nothing;
        if self.rules.performs(Rule::AcceptSends) {
            t.msgs.insert(Message::P2b(a, vote));
        }
        Some(t)
    }
}

/// The learner, and what can happen to any node.
impl<S: RuleSet<Rule>> DurablePaxos<S> {
    /// A learner that has learned a ballot's value listens to that ballot no more.
    fn hear(&self, s: &State, a: Acceptor, vote: Vote) -> Option<State> {
        let nth = if self.rules.performs(Rule::TallyPerBallot) {
            vote.bal.0 as usize
        } else {
            vote.val.index()
        };
        let mut tally = s.learner.tallies[nth];
        let quorum = self.quorums.phase2;
        given(self.learns && s.msgs.contains(Message::P2b(a, vote)))?;
        given((tally.count as usize) < quorum)?;
        self.rules.when(Rule::TallyOnce, !tally.heard.contains(a))?;
        tally.heard.insert(a);
        tally.count += 1;
        let enough = tally.count as usize >= quorum;
        let learns = self.rules.requires(Rule::LearnQuorum, enough);

        let mut t = *s;
        t.learner.tallies[nth] = tally;
        if learns && self.rules.performs(Rule::LearnRemembers) {
            t.learner.learned.insert(vote.val);
        }
        Some(t)
    }

    fn sync(&self, s: &State, node: Node) -> Option<State> {
        let mut t = *s;
        match node {
            Node::Acceptor(a) => {
                given(!s.acceptors[a].disk.is_synced())?;
                t.acceptors[a].disk.sync();
            }
            Node::Proposer(p) => {
                given(!s.proposers[p].disk.is_synced())?;
                t.proposers[p].disk.sync();
            }
        }
        Some(t)
    }

    fn crash(&self, s: &State, node: Node) -> Option<State> {
        given(!s.is_down(node))?;

        let mut t = *s;
        t.faults.crashes += 1;
        match node {
            Node::Acceptor(a) if self.wipes => {
                t.acceptors[a].disk = Durable::new(Memory::BLANK);
                t.acceptors[a].crash();
            }
            Node::Acceptor(a) => t.acceptors[a].crash(),
            Node::Proposer(p) => t.proposers[p].crash(),
        }
        Some(t)
    }

    fn restart(&self, s: &State, node: Node) -> Option<State> {
        given(s.is_down(node))?;

        let mut t = *s;
        match node {
            Node::Acceptor(a) => t.acceptors[a].restart(|_| Owed::Nothing),
            Node::Proposer(p) => t.proposers[p].restart(|_| Attempt::default()),
        }
        Some(t)
    }
}

/// Whether an acceptor is up and owes no answer.
fn is_free(s: &State, a: Acceptor) -> bool {
    s.acceptors[a].up() == Some(&Owed::Nothing)
}

// ----------------------------------------------------------------------------------------------------------------- Next

impl<S: RuleSet<Rule>> Model for DurablePaxos<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::initial(self.size.acceptors, self.proposers)]
    }

    fn actions(&self, s: &State, actions: &mut Vec<Action>) {
        for p in s.proposers.nodes() {
            actions.extend(self.size.ballots().map(|bal| Action::Begin(p, bal)));
            actions.push(Action::Phase1a(p));
            actions.extend(self.size.values().map(|val| Action::Phase2a(p, val)));
        }
        for a in self.size.acceptors() {
            actions.extend([Action::SendPromise(a), Action::SendVote(a)]);
        }
        for message in s.msgs.iter() {
            match message {
                Message::P1a(bal) => {
                    actions.extend(self.size.acceptors().map(|a| Action::Phase1b(a, bal)));
                }
                Message::P1b(a, bal, vote) => {
                    let all = s.proposers.nodes();
                    actions.extend(all.map(|p| Action::Collect(p, a, bal, vote)));
                }
                Message::P2a(vote) => {
                    let all = self.size.acceptors();
                    actions.extend(all.map(|a| Action::Phase2b(a, vote.bal, vote.val)));
                }
                Message::P2b(a, vote) => actions.push(Action::Hear(a, vote)),
            }
        }
        for node in s.nodes() {
            actions.extend([
                Action::Sync(node),
                Action::Crash(node),
                Action::Restart(node),
            ]);
        }
    }

    fn next_state(&self, s: &State, action: Action) -> Option<State> {
        match action {
            Action::Begin(p, bal) => self.begin(s, p, bal),
            Action::Phase1a(p) => self.phase1a(s, p),
            Action::Phase1b(a, bal) => self.phase1b(s, a, bal),
            Action::SendPromise(a) => self.send_promise(s, a),
            Action::Collect(p, a, bal, vote) => self.collect(s, p, a, bal, vote),
            Action::Phase2a(p, val) => self.phase2a(s, p, val),
            Action::Phase2b(a, bal, val) => self.phase2b(s, a, Vote::new(bal, val)),
            Action::SendVote(a) => self.send_vote(s, a),
            Action::Hear(a, vote) => self.hear(s, a, vote),
            Action::Sync(node) => self.sync(s, node),
            Action::Crash(node) => self.crash(s, node),
            Action::Restart(node) => self.restart(s, node),
        }
    }

    fn within_boundary(&self, s: &State) -> bool {
        self.exceeded(s).is_none()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        Self::claims()
    }
}

impl<S: RuleSet<Rule>> Spec for DurablePaxos<S> {
    const BOUNDS: &'static [&'static str] = Faults::BOUNDS;
    const SYMMETRY: Option<&'static str> = Some("permutations of acceptors and of values");

    fn exceeded(&self, s: &State) -> Option<usize> {
        s.faults.exceeded(&self.most)
    }

    fn canonical(&self, s: &State) -> State {
        symmetry::least(&self.renamings, |r| s.renamed(r))
    }
}

// ----------------------------------------------------------------------------------------------------------- Refinement

/// What a process has said is what it has done: Paxos.tla's acceptor takes a step when someone else may know of it.
///
/// A vote whose answer was lost in a crash is told by the next promise, if at all. That promise stands for two steps: the vote, then the promise.
impl<S: RuleSet<Rule>> Refines for DurablePaxos<S> {
    const STEPS: usize = 2;

    type Abstract = Paxos;

    fn abstract_model(&self) -> Paxos {
        Paxos {
            size: self.size,
            quorums: self.quorums.among(self.size.acceptors),
            renamings: Vec::new(),
            rules: Faithful,
        }
    }

    /// The messages, and with each promise that reports a vote the message that the vote is.
    fn abstract_state(&self, s: &State) -> AbstractState {
        let mut msgs = s.msgs;
        for a in self.size.acceptors() {
            for vote in s.known_votes(a) {
                msgs.insert(Message::P2b(a, vote));
            }
        }
        AbstractState {
            acceptors: PerNode::from_fn(self.size.acceptors, |a| s.said(a)),
            msgs,
        }
    }

    fn witness(
        &self,
        s: &State,
        action: &Action,
        t: &State,
        _: Mapped<'_, Self::Abstract>,
    ) -> Vec<Abstract> {
        let voted = |a, vote: Vote| Abstract::Phase2b(a, vote.bal, vote.val);
        match *action {
            Action::Phase1a(p) => s.proposers[p]
                .up()
                .map(|attempt| Abstract::Phase1a(attempt.bal))
                .into_iter()
                .collect(),
            Action::Phase2a(p, val) => s.proposers[p]
                .up()
                .map(|attempt| Abstract::Phase2a(attempt.bal, val))
                .into_iter()
                .collect(),
            Action::SendVote(a) => t
                .known_votes(a)
                .filter(|&v| !s.is_known(a, v))
                .map(|v| voted(a, v))
                .collect(),
            Action::SendPromise(a) => {
                let unknown = t.known_votes(a).filter(|&vote| !s.is_known(a, vote));
                let promised = t.said(a).max_bal;
                let promises = [Abstract::Phase1b(a, promised)];
                unknown.map(|vote| voted(a, vote)).chain(promises).collect()
            }
            _ => Vec::new(),
        }
    }
}
