//! What Raft promises to do: a leader is elected that all follow, and what it takes is applied by all.
//!
//! **Which leader is stable.** One whose term is the newest that is mentioned anywhere, on a server or in a message, once the budget of disturbances is spent. No timer
//! goes off while it leads, it does not crash, and there is no newer term that could depose it; so it leads for ever, and that it does is the first promise itself. Before
//! the budget is spent no leader is stable, whoever follows it: it may crash before its request is on another disk, and the request be lost with the next leader's log. The
//! promises are kept all the same by behaviours in which a part of the budget is never used: the first one is about what is so *from some time on*, which a disturbance that
//! does not come cannot put off; the second one is about requests at stable leaders, and where disturbances are left, a leader that goes on undisturbed does what one
//! does that has none left.
//!
//! **What a stable leader promises**: once it has an entry *of its own term* at the end of its log, all of its log is committed and applied everywhere. An entry that it has
//! inherited is not committed by counting (§5.4.2), and waits for that.

use concur_rules::raft::RaftRule as Rule;
use concur_rules::{Faithful, RuleSet};

use super::state::{Budget, State};
use super::{Action, Habit, LiveRaft, MAX_LIVE_SERVERS, Timers};
use crate::kit::{
    Broken, Claim, Domain, Fairness, Id, Live, LiveConfig, NoSuchModel, Param, Promise, Strength,
    Temporal, Tier, Values,
};
use crate::raft::state::ServerState;
use crate::raft::{MAX_LOG, Role, Server, last_term};

const MESSAGES_ARRIVE: &str = "a message that is under way, and is not lost, arrives at some time";
const TIMERS: &str =
    "each server's timer goes off at some time, if again and again it is one that may";
const CANDIDATES_ASK: &str =
    "a candidate asks each server that is up and has not answered, at some time";
const LEADERS_SEND: &str = "a leader keeps sending to each server that is up";
const SERVERS_RESTART: &str = "a server that is down restarts at some time";

const ELECTED: &str = "from some time on there is a leader that all follow";
const APPLIED: &str = "what a stable leader takes is committed, and applied by all";
const SPLIT_VOTES: &str = "servers whose timers go off together vote for themselves each time, and the next time comes as the last one did: no fairness of messages helps";

const ELECTION: &[&str] = &[
    MESSAGES_ARRIVE,
    TIMERS,
    CANDIDATES_ASK,
    LEADERS_SEND,
    SERVERS_RESTART,
];
const REPLICATION: &[&str] = &[MESSAGES_ARRIVE, LEADERS_SEND, SERVERS_RESTART];

/// The number of an ordered pair.
fn pair(i: Server, j: Server) -> usize {
    i.index() * MAX_LIVE_SERVERS + j.index()
}

impl<S: RuleSet<Rule>> LiveRaft<S> {
    /// What is assumed is as weak as can be, and where a failure is expected as strong as can be.
    fn strength(&self) -> Strength {
        match self.timers {
            Timers::Apart => Strength::Weak,
            Timers::Together => Strength::Strong,
        }
    }

    /// Without the restarts of servers that do not crash.
    fn needs(&self, needs: &'static [&'static str]) -> &'static [&'static str] {
        let restarts = usize::from(self.budget.crashes == 0);
        &needs[..needs.len() - restarts]
    }

    fn is_stable(&self, s: &State, leader: &ServerState) -> bool {
        s.left == Budget::default() && leader.term == s.newest()
    }
}

impl<S: RuleSet<Rule>> Temporal for LiveRaft<S> {
    fn fairness(&self) -> Vec<Fairness<Self>> {
        let strength = self.strength();
        vec![
            Fairness::each(MESSAGES_ARRIVE, strength, |_, _, action| match action {
                Action::ReceiveRequest(i, j) => Some(pair(*i, *j)),
                Action::ReceiveResponse(i, j) => {
                    Some(pair(*i, *j) + MAX_LIVE_SERVERS * MAX_LIVE_SERVERS)
                }
                _ => None,
            }),
            Fairness::each(
                TIMERS,
                Strength::Strong,
                |_, s: &State, action| match action {
                    Action::Timeout(i, _) if s.is_quiet() => Some(i.index()),
                    Action::TimeoutTogether => Some(0),
                    _ => None,
                },
            ),
            Fairness::each(CANDIDATES_ASK, strength, |_, _, action| match action {
                Action::RequestVote(i, j) => Some(pair(*i, *j)),
                _ => None,
            }),
            Fairness::each(LEADERS_SEND, strength, |_, _, action| match action {
                Action::AppendEntries(i, j) => Some(pair(*i, *j)),
                _ => None,
            }),
            Fairness::each(SERVERS_RESTART, strength, |_, _, action| match action {
                Action::Restart(i) => Some(i.index()),
                _ => None,
            }),
        ]
    }

    fn promises(&self) -> Vec<Promise<Self>> {
        let elected = Promise {
            name: ELECTED,
            claim: Claim::EventuallyAlways(|_, s| all_follow(s)),
            needs: self.needs(ELECTION),
        };
        let applied = Promise {
            name: APPLIED,
            claim: Claim::LeadsTo(Self::has_taken, |_, s| all_applied(s)),
            needs: self.needs(REPLICATION),
        };
        // The second one would be empty.
        if self.timers == Timers::Together || self.max_log == 0 {
            return vec![elected];
        }
        vec![elected, applied]
    }
}

impl<S: RuleSet<Rule>> LiveRaft<S> {
    fn has_taken(&self, s: &State) -> bool {
        s.newest_leader().is_some_and(|(_, leader)| {
            self.is_stable(s, leader) && last_term(&leader.log) == leader.term
        })
    }
}

fn all_follow(s: &State) -> bool {
    let Some((i, leader)) = s.newest_leader() else {
        return false;
    };
    s.servers.iter().all(|(j, server)| {
        let follows = server.term == leader.term && server.role == Role::Follower;
        s.is_up(j) && (i == j || follows)
    })
}

fn all_applied(s: &State) -> bool {
    s.newest_leader().is_some_and(|(_, leader)| {
        let has_all =
            |i: &ServerState| i.log == leader.log && i.commit_index as usize == leader.log.len();
        s.servers.values().iter().all(has_all)
    })
}

const fn up_to(name: &'static str, most: u32, default: u32, help: &'static str) -> Param {
    Param {
        name,
        domain: Domain::Number(0..=most),
        default,
        help,
    }
}

/// What Raft promises, once disturbances end.
pub struct RaftLive;

impl Live for RaftLive {
    type Model = LiveRaft;

    const PROTOCOL: &'static str = "raft";
    const NAME: &'static str = "live-raft";
    const CLAIM: &'static str = "once disturbances end, a leader is elected that all follow, and what it takes is applied by all";
    const SOURCE: &'static str = "Ongaro & Ousterhout 2014, §5.2, §5.6";
    const PARAMS: &'static [Param] = &[
        Param {
            name: "servers",
            domain: Domain::Number(2..=MAX_LIVE_SERVERS as u32),
            default: 3,
            help: "servers",
        },
        up_to("max_log", MAX_LOG as u32, 1, "the largest length of a log"),
        Param {
            name: "timers",
            domain: Domain::OneOf(Timers::NAMES),
            default: 0,
            help: "where it is quiet, do timers go off apart, or all together?",
        },
        up_to("timeouts", 3, 0, "timers that go off where it is not quiet"),
        up_to("crashes", 3, 0, "crashes"),
        up_to("losses", 3, 0, "messages that are lost"),
        Param {
            name: "habit",
            domain: Domain::OneOf(Habit::NAMES),
            default: 0,
            help: "what an implementation does otherwise",
        },
    ];
    #[rustfmt::skip]
    const CONFIGS: &'static [LiveConfig] = &[
        LiveConfig::small("live,servers=2,timeouts=1,crashes=1", &[("servers", 2), ("timeouts", 1), ("crashes", 1)], 7_903, 21_036),
        LiveConfig::small("live,servers=2,timeouts=1,crashes=1,losses=1,max_log=2", &[("servers", 2), ("max_log", 2), ("timeouts", 1), ("crashes", 1), ("losses", 1)], 63_726, 225_620),
        LiveConfig::small("live,servers=3", &[], 5_923, 14_820),
        LiveConfig::small("live,servers=3,losses=1", &[("losses", 1)], 13_147, 46_341),
        LiveConfig::small("live,servers=3,crashes=1,losses=1,max_log=0", &[("max_log", 0), ("crashes", 1), ("losses", 1)], 22_355, 97_416),
        LiveConfig::small("live,servers=2,timers=together", &[("servers", 2), ("timers", 1)], 50, 100).breaks(&[Broken {
            promise: ELECTED, stem: 1, cycle: 7, because: SPLIT_VOTES,
        }]),
        LiveConfig::small("live,servers=2,habit=voter-begins-term", &[("servers", 2), ("habit", 1)], 97, 134).breaks(&[Broken {
            promise: ELECTED, stem: 0, cycle: 14,
            because: "each leader is deposed by the voters that have made it one: they are a term ahead",
        }]).without(&[APPLIED]),
        LiveConfig::small("live,servers=2,habit=voter-raises-term", &[("servers", 2), ("habit", 3)], 103, 142).breaks(&[Broken {
            promise: ELECTED, stem: 1, cycle: 14,
            because: "each leader is deposed by the voter that has made it one, which is a term ahead",
        }]).without(&[APPLIED]),
        LiveConfig::small("live,servers=2,habit=commit-stops", &[("servers", 2), ("max_log", 2), ("timeouts", 1), ("crashes", 1), ("habit", 2)], 29_361, 76_410).breaks(&[Broken {
            promise: APPLIED, stem: 17, cycle: 3,
            because: "an entry of an older term is never committed by counting, so that a scan that stops there never comes to the entry that would commit both",
        }]),
        LiveConfig::small("live,servers=3,crashes=1", &[("crashes", 1)], 214_754, 690_420).at(Tier::Ci),
        LiveConfig::small("live,servers=3,timeouts=1,max_log=0", &[("max_log", 0), ("timeouts", 1)], 206_836, 911_367).at(Tier::Ci),
        LiveConfig::small("live,servers=3,timers=together", &[("timers", 1)], 117_650, 705_896).at(Tier::Ci).breaks(&[Broken {
            promise: ELECTED, stem: 1, cycle: 19, because: SPLIT_VOTES,
        }]),
        LiveConfig::small("live,servers=3,crashes=1,losses=1", &[("crashes", 1), ("losses", 1)], 475_115, 2_175_684).at(Tier::Ci),
        LiveConfig::small("live,servers=3,timeouts=1,losses=1,max_log=0", &[("max_log", 0), ("timeouts", 1), ("losses", 1)], 437_623, 2_893_797).at(Tier::Ci),
        LiveConfig::small("live,servers=3,crashes=1,max_log=2", &[("max_log", 2), ("crashes", 1)], 1_647_197, 5_375_739).at(Tier::Ci),
        LiveConfig::small("live,servers=3,timeouts=1", &[("timeouts", 1)], 5_219_395, 22_973_907).at(Tier::Full),
    ];

    fn model(values: &Values) -> Result<Self::Model, NoSuchModel> {
        let timers = Timers::from_choice(values["timers"]);
        let budget = Budget {
            timeouts: values["timeouts"] as u8,
            crashes: values["crashes"] as u8,
            losses: values["losses"] as u8,
        };
        if timers == Timers::Together && budget != Budget::default() {
            let why = "timers=together needs timeouts=0, crashes=0 and losses=0: all servers are in one term there";
            return Err(NoSuchModel(why.to_owned()));
        }
        Ok(LiveRaft {
            servers: values.size("servers"),
            max_log: values.size("max_log"),
            timers,
            budget,
            habit: Habit::from_choice(values["habit"]),
            rules: Faithful,
        })
    }
}
