//! Sizes of Paxos Commit without bounds, and what each must show.

use concur_rules::RuleSet;
use concur_rules::paxos_commit::PaxosCommitRule as Rule;

use super::Ballot;
use super::protocol::UnboundedPaxosCommit;
use crate::kit::{Config, Expect, NoSuchModel, Param, Rung, Values};
use crate::paxos_commit::configs::PaxosCommitRung;

/// Paxos Commit with ballots without end.
pub struct UnboundedPaxosCommitRung;

/// The sizes are those that the rung above holds: beyond them there is nothing to compare with.
impl Rung for UnboundedPaxosCommitRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = UnboundedPaxosCommit<S>;

    const PROTOCOL: &'static str = "paxos-commit";
    const NAME: &'static str = "unbounded-paxos-commit";
    const REFINES: &'static str = "paxos-commit";
    const CLAIM: &'static str =
        "with ballots that each belong to a leader, and have no end, it is PaxosCommit.tla";
    const SOURCE: &'static str = PaxosCommitRung::SOURCE;
    const RULES: &'static [Rule] = PaxosCommitRung::RULES;
    const PARAMS: &'static [Param] = PaxosCommitRung::PARAMS;
    const CONFIGS: &'static [Config] = &[
        Config::small(
            "rms=2,acceptors=3,max_ballot=0",
            &[("rms", 2), ("acceptors", 3), ("max_ballot", 0)],
            Expect::tlc(545, 12),
        ),
        Config::small(
            "rms=1,acceptors=3,max_ballot=1",
            &[("rms", 1), ("acceptors", 3), ("max_ballot", 1)],
            Expect::tlc(1_461, 15),
        ),
        Config::small(
            "rms=1,acceptors=3,max_ballot=2",
            &[("rms", 1), ("acceptors", 3), ("max_ballot", 2)],
            Expect::ours(66_893, 23),
        ),
    ];

    fn model<S: RuleSet<Rule>>(
        values: &Values,
        rules: S,
    ) -> Result<UnboundedPaxosCommit<S>, NoSuchModel> {
        Ok(UnboundedPaxosCommit::new(
            values.size("rms"),
            values.size("acceptors"),
            (1..=u64::from(values["max_ballot"])).map(Ballot::of_round),
            rules,
        ))
    }
}
