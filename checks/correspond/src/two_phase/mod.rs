//! Two-phase commit and Paxos Commit: `TwoPhase ⊐ cores` and `UnboundedPaxosCommit ⊐ cores`, an instance of the model for each transaction.
//!
//! A transaction is one of the model's when its votes are asked for. Then
//! - a participant is what its log says: prepared, committed or aborted by its last record. One that has voted READ is prepared for ever. One without a record is working as long as it can
//!   still get one, and has aborted when its work is lost, whether or not it knows;
//! - the transaction manager has committed when the coordinator's commit record is durable. Of presumed abort there is no record: it has aborted when the first was told so, by the coordinator or
//!   by another participant, unless a commit was decided before;
//! - a participant that decides alone is its own transaction manager: its one record stands for `RMPrepare`, `TMRcvPrepared`, `TMCommit` and `RMRcvCommitMsg`;
//! - in Paxos Commit, an acceptor has promised or voted when the record is durable, in the instances of all participants at once: one record may stand for its votes in ballot 0, which wait
//!   for the last of them, and for a promise. A leader has begun a ballot, or proposed, when it says so. What is decided is so from the moment in which a majority's records say so.
//!
//! Nothing that is merely said counts as done. So whoever tells of a commit too early tells what is not so; and that what acceptors and voters say stands on their disks is a property, `SaidIsDone`.
//!
//! What the mapping forgets, and why:
//! - alarms, inquiries, acknowledgements, END records and everything else that only says who must still be told: the models never forget, and tell everyone for ever;
//! - what a coordinator has counted, but for READ votes: a vote is counted in the moment in which the transaction manager commits. Until then the coordinator may crash, and forgets it;
//! - a participant's record of a decision before it is durable: a crash puts it in doubt again;
//! - whom a client has asked to begin, to enlist or to roll back before votes are asked for: the models have no such time;
//! - which promises and votes a leader has counted: PaxosCommit.tla reads that off the messages;
//! - that acceptors forget, and what they vote for after they were told to: everyone has decided, and obeys no more. What was promised and voted for before is remembered beside the cluster,
//!   in a history variable: recorded, and read by nobody but the mapping;
//! - what an operator took: it is no decision. The participant stays prepared until its log says what was decided.

mod acceptors;
mod ballots;
mod facts;
mod hosts;
mod mapping;
mod rungs;
mod stories;
mod truth;

use concur_cores::NodeId;
use concur_cores::two_phase::{
    Branch, Config, Message, Mode, Notice, Participation, Request, Rule, Rules, Site, Timer,
    TransactionId, Vote,
};
use concur_models::kit::{Mapped, StepProperty};
use concur_models::paxos_commit::unbounded::protocol::UnboundedPaxosCommit;
use concur_models::two_phase::protocol::TwoPhase;
use concur_rules::paxos_commit::PaxosCommitRule;
use concur_rules::two_phase::TwoPhaseRule;
use concur_rules::{AllBut, Card, RuleSet};
use stateright::{Model, Property};

pub use acceptors::PaxosCommitCoresRung;
pub use ballots::Ballots;
pub use facts::{Facts, History, Logged};
pub use mapping::{Above, AboveSites, StateAbove};
pub use rungs::TwoPhaseCoresRung;

use crate::cluster::{Action, Event, Node, Packet, StateOf, Step};
use crate::{Clustered, Correspondence, Kept};

/// A cluster of sites, and the model above.
#[derive(Clone, Debug)]
pub struct Sites<S, A> {
    /// The first so many sites are coordinators, each with a client.
    pub coordinators: u64,
    /// How many sites there are at least.
    pub sites: u64,
    /// How many sites take part in each transaction.
    pub participants: u64,
    /// Whether other sites take part in each transaction, in turn.
    pub in_turn: bool,
    /// Whether the coordinators take no part: the participants are the sites after them.
    pub apart: bool,
    /// How transactions are decided.
    pub mode: Mode,
    /// The first so many sites are acceptors.
    pub acceptors: u64,
    /// How many transactions each client begins: up to two, one after the other; more, two at a time.
    pub transactions: u32,
    /// How many participants may vote READ.
    pub readers: u64,
    /// Whether hosts may withdraw, and vote NO.
    pub says_no: bool,
    /// Whether clients may roll back.
    pub rolls_back: bool,
    /// Whether operators decide in place of participants in doubt.
    pub operators: bool,
    /// How many requests a site may have had for more to be asked of it that are out of place.
    pub careless: u32,
    /// Who does something about waiting too long.
    pub alarms: Alarms,
    /// The highest round of ballots.
    pub rounds: u64,
    /// The first so many sites lead, when they have waited too long.
    pub leaders: u64,
    /// Whether acceptors that were told to forget a transaction may be asked about it again.
    pub reopens: bool,
    /// How many writes of a site may be under way.
    pub writes: usize,
    /// After how many records a site writes a checkpoint.
    pub checkpoint_every: u64,
    /// How often sites may crash, all together.
    pub crashes: u32,
    /// Whether writes take time.
    pub slow_disks: bool,
    /// Whether the network loses what acceptors say of their votes, so that nobody learns of a decision.
    pub quiet: bool,
    /// What happens first.
    pub story: Vec<&'static str>,
    /// The model above, of one transaction.
    pub above: A,
    /// The rules that are kept.
    pub rules: S,
}

/// Who does something about waiting too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarms {
    /// Nobody.
    Nobody,
    /// Participants in doubt: they inquire.
    InDoubt,
    /// Everyone: coordinators ask again and give up, and participants at work inquire, too.
    Everyone,
}

pub(crate) type Core<R> = Site<R>;
pub(crate) type Cluster<R> = crate::cluster::State<Core<R>, History>;
/// The model above those that commit in two phases.
pub type AboveTwoPhase = TwoPhase<AllBut<TwoPhaseRule>>;
/// The model above those whose acceptors decide.
pub type AbovePaxosCommit = UnboundedPaxosCommit<AllBut<PaxosCommitRule>>;

impl<S, A> Sites<S, A> {
    /// The sites that take part in each transaction.
    pub fn participants(&self) -> impl Iterator<Item = NodeId> + use<S, A> {
        let before = if self.apart { self.coordinators } else { 0 };
        (1..=self.participants).map(move |nth| NodeId(before + nth))
    }

    /// The sites that take part in that transaction.
    fn participants_of(
        &self,
        transaction: TransactionId,
    ) -> impl Iterator<Item = NodeId> + use<S, A> {
        let all = self.ids().count() as u64;
        let (in_turn, first) = (self.in_turn, transaction.number + transaction.coordinator.0);
        let turn = move |site: NodeId| match in_turn {
            true => NodeId((first + site.0) % all + 1),
            false => site,
        };
        self.participants().map(turn)
    }

    fn ids(&self) -> impl Iterator<Item = NodeId> + use<S, A> {
        let last = self.participants().last().map_or(0, |site| site.0);
        let count = last
            .max(self.coordinators)
            .max(self.acceptors)
            .max(self.sites);
        (1..=count).map(NodeId)
    }
}

impl<S: RuleSet<Rule>, A: Above> Correspondence for Sites<S, A> {
    type Core = Core<Kept<S>>;
    type Above = AboveSites<A>;
    type History = History;

    /// Where four participants learn at once what was decided.
    const STEPS: usize = 64;
    const BOUNDS: &'static [&'static str] = &["crashes", "rounds", "reopened", "writes"];

    fn configs(&self) -> Vec<(NodeId, Config<Kept<S>>)> {
        let acceptors: Vec<_> = (1..=self.acceptors).map(NodeId).collect();
        let config = |id| {
            let mut config = Config::new(id, acceptors.clone());
            config.checkpoint_every = self.checkpoint_every;
            config.with_rules(Kept(self.rules.clone()))
        };
        self.ids().map(|id| (id, config(id))).collect()
    }

    /// Listed are the transactions that clients begin before anything crashes.
    fn above(&self) -> Self::Above {
        let (incarnation, number) = (1, 0);
        let transaction = |nth| TransactionId {
            coordinator: NodeId(nth),
            incarnation,
            number,
        };
        let branch = |site| Branch { site, incarnation };
        let participants: Vec<_> = self.participants().map(branch).collect();
        let first = (1..=self.coordinators).map(transaction);
        let listed = first.map(|transaction| (transaction, participants.clone()));
        AboveSites {
            listed: listed.collect(),
            each: self.above.clone(),
        }
    }

    fn relaxed(&self) -> Vec<(&'static Card, AboveSites<A>)> {
        let relaxed = self.above.relaxed().into_iter();
        let listed = self.above().listed;
        let many = |(card, each)| {
            let listed = listed.clone();
            (card, AboveSites { listed, each })
        };
        relaxed.map(many).collect()
    }

    fn mapped(&self, cluster: &StateOf<Self>) -> StateAbove<A> {
        mapping::mapped::<A, _>(cluster)
    }

    fn remember(&self, step: &Step<'_, Self>) -> Option<History> {
        facts::remember(step)
    }

    fn witness(
        &self,
        _: &StateOf<Self>,
        _: &Event<Self::Core>,
        _: &StateOf<Self>,
        Mapped { above, from, to }: Mapped<'_, Self::Above>,
    ) -> Vec<<AboveSites<A> as Model>::Action> {
        mapping::steps(above, from, to)
    }

    fn requests(&self, cluster: &StateOf<Self>, node: NodeId) -> Vec<Request> {
        self.asks(cluster, node)
    }

    fn story(&self) -> &[&'static str] {
        &self.story
    }

    fn may_elapse(&self, cluster: &StateOf<Self>, node: NodeId, timer: Timer) -> bool {
        let leads = node.0 <= self.leaders;
        match timer {
            Timer::Flush => true,
            Timer::Coordinator(_) => self.alarms == Alarms::Everyone,
            Timer::Participant(transaction) => {
                let core = cluster.node(node).core.as_ref();
                let known = core.and_then(|core| core.participations().get(&transaction));
                let working = known.is_some_and(Participation::is_working);
                match self.alarms {
                    Alarms::Nobody => false,
                    Alarms::InDoubt => !working && (leads || self.mode == Mode::TwoPhase),
                    Alarms::Everyone => working || leads || self.mode == Mode::TwoPhase,
                }
            }
            Timer::Leader(_) | Timer::Acceptor(_) => leads,
        }
    }

    /// A peer that is uncertain cannot help: nothing is done about it.
    fn may_matter(&self, _: &StateOf<Self>, packet: &Packet<Self::Core>) -> bool {
        !matches!(packet.message, Message::Uncertain { .. })
    }

    fn loses(&self, message: &Message) -> bool {
        self.quiet && matches!(message, Message::Phase2b { .. })
    }

    fn slow_disks(&self) -> bool {
        self.slow_disks
    }

    fn crashes(&self) -> u32 {
        self.crashes
    }

    fn exceeded(&self, cluster: &StateOf<Self>) -> Option<usize> {
        let mut leaders = cluster.up().flat_map(|(_, core)| core.leaders().values());
        let rounds = leaders.any(|leader| leader.ballot.round > self.rounds);
        let reopened = !self.reopens && cluster.up().any(|(id, core)| reopened(cluster, id, core));
        let most = |node: &Node<_>| node.disk.unsynced() > self.writes;
        let writes = cluster.nodes.iter().any(|node| most(node));
        let exceeded = [rounds, reopened, writes].into_iter();
        exceeded
            .zip(1..)
            .find_map(|(is, bound)| is.then_some(bound))
    }

    fn is_true(&self, above: &StateAbove<A>, node: NodeId, notice: &Notice) -> bool {
        truth::is_true(self, above, node, notice)
    }

    fn has_told(&self, cluster: &StateOf<Self>) -> bool {
        cluster
            .history
            .values()
            .any(|facts| !facts.told_to_commit.is_empty())
    }

    fn step_properties() -> Vec<StepProperty<Clustered<Self>>> {
        vec![StepProperty {
            name: "PreparedIsRemembered",
            holds: |m, _, action, after| match action {
                Action::Restart(nth) => m.correspondence.operators || truth::remembers(after, *nth),
                _ => true,
            },
        }]
    }

    fn properties() -> Vec<Property<Clustered<Self>>> {
        type P<S, A> = Property<Clustered<Sites<S, A>>>;
        vec![
            P::<S, A>::always("OneValueChosen", |_, s| !any(s, Facts::has_chosen_both)),
            P::<S, A>::sometimes("OneValueChosen: a transaction is decided", |_, s| {
                any(s, |facts| facts.committed || facts.aborted)
            }),
            P::<S, A>::sometimes("PreparedIsRemembered: one has voted", |_, s| {
                any(s, |facts| !facts.logged.is_empty())
            }),
            P::<S, A>::always("SaidIsDone", |_, s| !any(s, |facts| facts.unfounded)),
            P::<S, A>::sometimes("SaidIsDone: one votes, or promises", |_, s| {
                s.sent().any(|packet| speaks_of_disk(&packet.message))
            }),
            P::<S, A>::always("OperatorsLearn", |_, s| !any(s, |facts| facts.uncompared)),
            P::<S, A>::sometimes("OperatorsLearn: an operator decides", |_, s| {
                any(s, |facts| !facts.resolved.is_empty())
            }),
        ]
    }
}

/// Whether an acceptor takes up a transaction again that it was told to forget.
fn reopened<R: Rules>(cluster: &Cluster<R>, id: NodeId, core: &Core<R>) -> bool {
    let mut open = core.instances().keys();
    open.any(|transaction| {
        let facts = cluster.history.get(transaction);
        facts.is_some_and(|facts| facts.forgot.contains(&id))
    })
}

/// Whether a message says that something stands on its sender's disk.
fn speaks_of_disk(message: &Message) -> bool {
    match message {
        Message::Vote { vote, .. } => *vote == Vote::Yes,
        Message::Phase1b { .. } | Message::Phase2b { .. } => true,
        _ => false,
    }
}

/// Whether that is so of a transaction.
fn any<R: Rules>(cluster: &Cluster<R>, which: fn(&Facts) -> bool) -> bool {
    cluster.history.values().any(|facts| which(facts))
}
