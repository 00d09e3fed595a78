//! What the ring promises to do: once membership stops changing, every hand-over ends, every key is at its owner, and every client is answered, by whatever view it asked first.
//!
//! How often membership changes, and how often nodes crash, is a budget that is part of the state (`epochs`, `crashes`): beyond it no change and no crash is offered. Nothing
//! says when they come, nor that they come, so a promise speaks of every finite schedule of them. No action leads outside of the model, which has no bounds: "holds" is unconditional.
//!
//! "A message arrives" is the fairness of the action that takes it: of a message that was sent, some copy arrives, since its sender goes on sending it. A client is
//! not told that it is refused; what it must do is ask again, by the current view.

use concur_rules::ring::RingRule as Rule;
use concur_rules::{Faithful, RuleSet};

use super::{Action, Ring, State};
use crate::kit::{
    Claim, Fairness, Id, Live, LiveConfig, NoSuchModel, Param, Promise, Rung, Strength, Temporal,
    Tier, Values,
};
use crate::ring::configs::RingRung;
use crate::ring::messages::Held;
use crate::ring::{Key, MAX_KEYS, MAX_WRITES, Node, ReadState, WriteState};

const INSTALLS: &str = "each node that can install the next view does so at some time";
const HANDS_OVER: &str = "each node that is to hand a key over sends its data at some time";
const TAKES: &str = "data that was sent to a node that waits for it, and is sent again as long as it waits, arrives at some time";
const DELETES: &str = "each node deletes, at some time, what it is told has arrived";
const ASKS_AGAIN: &str = "each client that waits asks again, at some time, by the current view";
const SERVES: &str = "each request that is at the owner of its key is served at some time";
const HEARS: &str = "each client that was answered hears that at some time";
const RESTARTS: &str = "each node that is down restarts at some time";

const SETTLING: &[&str] = &[INSTALLS, HANDS_OVER, TAKES, DELETES, RESTARTS];
const ANSWERING: &[&str] = &[
    INSTALLS, HANDS_OVER, TAKES, ASKS_AGAIN, SERVES, HEARS, RESTARTS,
];

/// The number of a node and a key.
fn of_both(n: Node, k: Key) -> usize {
    n.index() * MAX_KEYS + k.index()
}

/// The read is a client, too: its number is behind those of the writes.
const READ: usize = MAX_WRITES;

impl<S: RuleSet<Rule>> Ring<S> {
    /// Without the restarts of nodes that do not crash.
    fn needs(&self, needs: &'static [&'static str]) -> &'static [&'static str] {
        let restarts = usize::from(self.crashes == 0);
        &needs[..needs.len() - restarts]
    }

    /// Of a hand-over: the node and the key.
    fn handing(action: &Action) -> Option<usize> {
        match *action {
            Action::HandOver(n, k, _) => Some(of_both(n, k)),
            _ => None,
        }
    }

    /// Of a client that asks by the current view, and not for the first time: which one.
    fn asking_again(s: &State, action: &Action) -> Option<usize> {
        match *action {
            Action::Ask(w, _, e) => {
                let again = s.clients.writes[w] != WriteState::New;
                (again && e == s.current()).then_some(w.index())
            }
            Action::AskRead(_, e) => {
                let again = s.clients.read != ReadState::New;
                (again && e == s.current()).then_some(READ)
            }
            _ => None,
        }
    }

    /// Every node is up and in the current epoch, and every key is at its owner, with no other copy left.
    fn is_settled(&self, s: &State) -> bool {
        let at_its_owner = |n, k, held: &Held| match self.lookup(s.view(s.current()), k) {
            Some(owner) if owner == n => held.is_here(),
            _ => *held == Held::Nothing,
        };
        s.down.is_empty()
            && s.epoch.values().iter().all(|&e| e == s.current())
            && s.held.iter().all(|(n, keys)| {
                let mut keys = keys.iter();
                keys.all(|(k, held)| at_its_owner(n, k, held))
            })
    }
}

/// Whether a client has asked and was not answered yet.
fn somebody_waits(s: &State) -> bool {
    let waits = |write: &WriteState| matches!(write, WriteState::Asked(_));
    matches!(s.clients.read, ReadState::Asked(..)) || s.clients.writes.values().iter().any(waits)
}

impl<S: RuleSet<Rule>> Temporal for Ring<S> {
    fn fairness(&self) -> Vec<Fairness<Self>> {
        let weak = |name, class| Fairness::each(name, Strength::Weak, class);
        vec![
            weak(INSTALLS, |_, _, action| match action {
                Action::Install(n, _) => Some(n.index()),
                _ => None,
            }),
            weak(HANDS_OVER, |_, _, action| Self::handing(action)),
            weak(TAKES, |_, _, action| match action {
                Action::Receive(n, k, ..) => Some(of_both(*n, *k)),
                _ => None,
            }),
            weak(DELETES, |_, _, action| match action {
                Action::Delete(n, k, _) => Some(of_both(*n, *k)),
                _ => None,
            }),
            weak(ASKS_AGAIN, |_, s, action| Self::asking_again(s, action)),
            weak(SERVES, |_, _, action| match action {
                Action::Accept(_, w, _) => Some(w.index()),
                Action::Answer(..) => Some(READ),
                _ => None,
            }),
            weak(HEARS, |_, _, action| match action {
                Action::Ack(w) => Some(w.index()),
                Action::Return(_) => Some(READ),
                _ => None,
            }),
            weak(RESTARTS, |_, _, action| match action {
                Action::Restart(n) => Some(n.index()),
                _ => None,
            }),
        ]
    }

    fn promises(&self) -> Vec<Promise<Self>> {
        vec![
            Promise {
                name: "every hand-over ends, and every key is at its owner, for ever",
                claim: Claim::EventuallyAlways(Self::is_settled),
                needs: self.needs(SETTLING),
            },
            Promise {
                name: "whenever a client waits, at some time nobody does",
                claim: Claim::LeadsTo(|_, s| somebody_waits(s), |_, s| !somebody_waits(s)),
                needs: self.needs(ANSWERING),
            },
        ]
    }
}

/// What the ring promises, once membership stops changing.
pub struct RingLive;

impl Live for RingLive {
    type Model = Ring;

    const PROTOCOL: &'static str = RingRung::PROTOCOL;
    const NAME: &'static str = RingRung::NAME;
    const CLAIM: &'static str = "once membership stops changing, every key comes to its owner, and every client that asks again by the current view is answered";
    const SOURCE: &'static str = "DeCandia et al. 2007 (Dynamo), §4.9";
    const PARAMS: &'static [Param] = RingRung::PARAMS;
    #[rustfmt::skip]
    const CONFIGS: &'static [LiveConfig] = &[
        LiveConfig::small("live,nodes=2", &[("writes", 1), ("reads", 0), ("epochs", 2), ("crashes", 1)], 912, 2_517),
        LiveConfig::small("live,nodes=2,epochs=3", &[("writes", 1), ("reads", 0), ("epochs", 3), ("crashes", 1)], 9_008, 31_497),
        LiveConfig::small("live,nodes=2,reads=1", &[("writes", 1), ("reads", 1), ("epochs", 2), ("crashes", 1)], 15_464, 56_258),
        LiveConfig::small("live,nodes=3", &[("nodes", 3), ("writes", 1), ("reads", 0), ("epochs", 2), ("crashes", 1)], 9_500, 32_498),
        LiveConfig::small("live,nodes=3,keys=2", &[("nodes", 3), ("keys", 2), ("writes", 1), ("reads", 0), ("epochs", 2), ("crashes", 1)], 27_465, 99_180),
        LiveConfig::small("live,nodes=3,keys=2,epochs=3", &[("nodes", 3), ("keys", 2), ("writes", 1), ("reads", 0), ("epochs", 3), ("crashes", 0)], 171_597, 664_956).at(Tier::Ci),
        LiveConfig::small("live,nodes=3,epochs=3", &[("nodes", 3), ("writes", 1), ("reads", 0), ("epochs", 3), ("crashes", 1)], 237_940, 1_022_177).at(Tier::Ci),
        LiveConfig::small("live,nodes=3,keys=2,epochs=3,crashes=1", &[("nodes", 3), ("keys", 2), ("writes", 1), ("reads", 0), ("epochs", 3), ("crashes", 1)], 857_985, 3_915_141).at(Tier::Full),
        LiveConfig::small("live,nodes=2,keys=2,reads=1,epochs=3", &[("keys", 2), ("writes", 1), ("reads", 1), ("epochs", 3), ("crashes", 1)], 1_603_852, 7_796_172).at(Tier::Full),
    ];

    fn model(values: &Values) -> Result<Self::Model, NoSuchModel> {
        RingRung::model(values, Faithful)
    }
}
