//! Raft: `AsynchronousRaft ⊐ cores`.
//!
//! The model's servers are the cores, its disks are theirs, write by write, and its messages are those that were sent: `mapping`. One step of a core is several of the model's:
//! `witness`. Snapshots are of a state machine that remembers all entries, so that a log which begins behind one can be told in full: [`entries`].
//!
//! What the mapping forgets, and why:
//! - pre-votes, and who is heard: the model may begin a term at any time;
//! - `nextIndex`, windows, transfers: the model's leader may send any part of its log to anyone, and anyone may stand;
//! - what a refusal says besides its term, and pieces of a snapshot but the last one: nobody's log depends on them;
//! - boots and alarms.

mod claims;
pub mod configs;
pub mod entries;
mod mapping;
mod outside;
mod sizes;
mod stories;
mod witness;

use concur_cores::NodeId;
use concur_cores::raft::{Config, Limits, Notice, Raft, Record, Request, Role, Timer};
use concur_models::kit::{Mapped, StepProperty};
use concur_models::raft::asynchronous::state::{Entry, State as Above, Store};
use concur_models::raft::asynchronous::{Action, AsynchronousRaft};
use concur_rules::raft::RaftRule;
use concur_rules::raft_core::RaftNodeRule as Rule;
use concur_rules::{AllBut, Card, RuleSet};
use stateright::Property;

use crate::cluster::{Event, Given, StateOf};
use crate::correspondence::without_each;
use crate::{Clustered, Correspondence, Kept};
use entries::{decode, encode, value};

/// Raft's servers, and the model above.
#[derive(Clone, Debug)]
pub struct RaftCores<S> {
    /// How many servers there are.
    pub servers: usize,
    /// The largest term.
    pub max_term: u64,
    /// The largest length of a log.
    pub max_log: u64,
    /// The most messages that were ever sent.
    pub max_msgs: usize,
    /// The most requests that one server is asked.
    pub requests: u32,
    /// How often servers may crash.
    pub crashes: u32,
    /// Whether writes take time.
    pub slow_disks: bool,
    /// What servers do besides.
    pub features: Features,
    /// The most bytes that a leader takes before they are committed.
    pub uncommitted_bytes: usize,
    /// What happens first. Nobody asks for anything after it.
    pub story: Vec<&'static str>,
    /// The model above.
    pub above: AboveRaft,
    /// The rules that are kept.
    pub rules: S,
}

/// What servers do besides electing leaders and replicating a log.
#[derive(Clone, Copy, Debug, Default)]
pub struct Features {
    /// They ask whether they could win before they begin a term.
    pub pre_vote: bool,
    /// They do not vote while they hear a leader, who steps down without a quorum.
    pub check_quorum: bool,
    /// Leaders send heartbeats.
    pub heartbeats: bool,
    /// They are asked to compact their logs, also where they must not.
    pub compacts: bool,
    /// They are asked to hand over.
    pub transfers: bool,
    /// Nobody stands for election while the newest term has a leader, so that leaders come to replicate.
    pub calm: bool,
    /// They are given what nobody honest gives them.
    pub strangers: bool,
}

type Core<S> = Raft<u64, Kept<S>>;

/// The model above.
pub type AboveRaft = AsynchronousRaft<AllBut<RaftRule>>;

impl<S> RaftCores<S> {
    fn ids(&self) -> impl Iterator<Item = NodeId> + use<S> {
        (1..=self.servers as u64).map(NodeId)
    }

    /// Small pieces, so that a snapshot has several.
    fn limits(&self) -> Limits {
        Limits {
            chunk_bytes: entries::BYTES,
            uncommitted_bytes: self.uncommitted_bytes,
            ..Limits::default()
        }
    }
}

impl<S: RuleSet<Rule>> Correspondence for RaftCores<S> {
    type Core = Core<S>;
    type Above = AboveRaft;
    type History = ();

    /// The most are those of a vote that makes one of seven servers a leader, which begins its term and sends that to six.
    const STEPS: usize = 20;
    const BOUNDS: &'static [&'static str] = &["crashes", "max_term", "max_log", "max_msgs"];

    fn configs(&self) -> Vec<(NodeId, Config<Kept<S>>)> {
        let config = |id| Config {
            id,
            voters: self.ids().collect(),
            pre_vote: self.features.pre_vote,
            check_quorum: self.features.check_quorum,
            limits: self.limits(),
            rules: Kept(self.rules.clone()),
        };
        self.ids().map(|id| (id, config(id))).collect()
    }

    fn above(&self) -> AboveRaft {
        self.above.clone()
    }

    fn relaxed(&self) -> Vec<(&'static Card, AboveRaft)> {
        let size = &self.above.size;
        without_each(|rules| AsynchronousRaft {
            size: size.clone(),
            rules,
        })
    }

    fn mapped(&self, cluster: &StateOf<Self>) -> Above {
        mapping::state(cluster)
    }

    fn witness(
        &self,
        before: &StateOf<Self>,
        event: &Event<Core<S>>,
        _: &StateOf<Self>,
        mapped: Mapped<'_, Self::Above>,
    ) -> Vec<Action> {
        witness::witness(before, event, mapped)
    }

    fn requests(&self, cluster: &StateOf<Self>, node: NodeId) -> Vec<Request<u64>> {
        let asked = cluster.node(node);
        let Some(core) = asked.core.as_ref() else {
            return Vec::new();
        };
        let told = !self.story.is_empty() && self.story.len() <= usize::from(cluster.told);
        if told || asked.requests >= self.requests {
            return Vec::new();
        }
        let leads = core.role() == Role::Leader;
        let mut requests = Vec::new();
        if leads {
            // All ask for the same: the term says whose entry it is.
            requests.push(Request::Propose(vec![0]));
        }
        if self.features.compacts {
            requests.extend(compactions(core));
        }
        if self.features.transfers && leads && core.transfers_to().is_none() {
            requests.extend(self.ids().filter(|id| *id != node).map(Request::Transfer));
        }
        requests
    }

    fn out_of_place(&self, cluster: &StateOf<Self>, node: NodeId) -> Vec<Given<Core<S>>> {
        let peer = self.ids().find(|id| *id != node);
        match (&cluster.node(node).core, peer) {
            (Some(core), Some(peer)) if self.features.strangers => outside::given(core, peer),
            _ => Vec::new(),
        }
    }

    fn story(&self) -> &[&'static str] {
        &self.story
    }

    fn may_elapse(&self, cluster: &StateOf<Self>, _: NodeId, timer: Timer) -> bool {
        match timer {
            Timer::Heartbeat => self.features.heartbeats,
            Timer::Election => !self.features.calm || !is_led(cluster),
            Timer::Quorum | Timer::Transfer => true,
        }
    }

    fn slow_disks(&self) -> bool {
        self.slow_disks
    }

    fn crashes(&self) -> u32 {
        self.crashes
    }

    fn exceeded(&self, cluster: &StateOf<Self>) -> Option<usize> {
        let cores = || cluster.up().map(|(_, core)| core);
        let exceeded = [
            cores().any(|core| core.ballot().term > self.max_term),
            cores().any(|core| core.last().index > self.max_log),
            cluster.packets.len() > self.max_msgs,
        ];
        exceeded
            .iter()
            .position(|exceeded| *exceeded)
            .map(|at| at + 1)
    }

    fn tidy(&self, records: &mut Vec<Record<u64>>) {
        mapping::checkpoint(records);
    }

    fn is_true(&self, above: &Above, node: NodeId, notice: &Notice<u64>) -> bool {
        let Some(memory) = above.node(mapping::server(node)).up() else {
            return false;
        };
        let (store, upto) = (&memory.store, memory.commit_index);
        match notice {
            Notice::Apply {
                index,
                term,
                command,
            } => {
                let value = value(Some(command));
                let entry = Entry { term: *term, value };
                *index <= upto && entry_at(store, *index) == Some(entry)
            }
            Notice::Restore(snapshot) => {
                let last = snapshot.last.index;
                let log = store.log.iter().copied().take(last as usize);
                last <= upto && decode(snapshot).eq(log)
            }
            _ => true,
        }
    }

    fn has_told(&self, cluster: &StateOf<Self>) -> bool {
        let applies = |core: &Core<S>| {
            let first = core.snapshot().last.index + 1;
            let known = (first..=core.commit_index()).zip(core.entries());
            known.into_iter().any(|(_, entry)| entry.command.is_some())
        };
        cluster.up().any(|(_, core)| applies(core))
    }

    fn properties() -> Vec<Property<Clustered<Self>>> {
        claims::witnesses()
    }

    fn step_properties() -> Vec<StepProperty<Clustered<Self>>> {
        claims::properties()
    }
}

/// Whether the newest term has a leader that is up.
fn is_led<S: RuleSet<Rule>>(cluster: &StateOf<RaftCores<S>>) -> bool {
    let newest = cluster.up().max_by_key(|(_, core)| {
        let leads = core.role() == Role::Leader;
        (core.ballot().term, leads)
    });
    newest.is_some_and(|(_, core)| core.role() == Role::Leader)
}

fn entry_at(store: &Store, index: u64) -> Option<Entry> {
    let at = (index as usize).checked_sub(1)?;
    store.log.get(at).copied()
}

/// Up to what is known to be committed; and, wrongly, up to what is not.
fn compactions<S: RuleSet<Rule>>(core: &Core<S>) -> impl Iterator<Item = Request<u64>> {
    let covered = core.snapshot().last.index;
    let upto = [core.commit_index(), core.last().index];
    let mut indices: Vec<u64> = upto.into_iter().filter(|upto| *upto > covered).collect();
    indices.dedup();
    let log: Vec<Entry> = decode(core.snapshot())
        .chain(core.entries().iter().map(entries::entry))
        .collect();
    indices.into_iter().map(move |index| Request::Compact {
        index,
        data: encode(&log[..index as usize]),
    })
}
