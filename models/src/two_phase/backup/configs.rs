//! Sizes of two-phase commit with a backup, and what each must show.

use concur_rules::RuleSet;
use concur_rules::backup_manager::BackupManagerRule as Rule;

use crate::kit::{Config, Domain, Expect, NoSuchModel, Param, Rung, Values};
use crate::two_phase::backup::{BackupManager, Looks, MAX_RMS};

/// Two managers, one after the other.
pub struct BackupManagerRung;

impl Rung for BackupManagerRung {
    type Rule = Rule;
    type Model<S: RuleSet<Rule>> = BackupManager<S>;

    const PROTOCOL: &'static str = "two-phase";
    const NAME: &'static str = "backup-manager";
    const REFINES: &'static str = "tcommit";
    const CLAIM: &'static str = "a backup that knows that the manager is gone, and then looks at all resource managers, decides as the manager did where that matters";
    const SOURCE: &'static str = "2PCwithBTM.tla (M. Demirbas, tlaplus/Examples)";
    const RULES: &'static [Rule] = <Rule as concur_rules::Rule>::ALL;
    const PARAMS: &'static [Param] = &[
        Param {
            name: "rms",
            domain: Domain::Number(1..=MAX_RMS as u32),
            default: 3,
            help: "resource managers",
        },
        Param {
            name: "looks",
            domain: Domain::OneOf(Looks::NAMES),
            default: 0,
            help: "how the backup looks at the resource managers",
        },
    ];
    const CONFIGS: &'static [Config] = &[
        Config::small("rms=3", &[], Expect::tlc(1_245, 15).orbits(309)),
        Config::small("rms=4", &[("rms", 4)], Expect::ours(5_717, 18).orbits(566)),
        Config::small(
            "rms=3,looks=after",
            &[("looks", 1)],
            Expect::ours(7_228, 18).orbits(1_436),
        ),
        Config::small(
            "rms=3,looks=early",
            &[("looks", 2)],
            Expect::fails("AC1", 15),
        ),
        Config::small("rms=5", &[("rms", 5)], Expect::ours(25_557, 21).orbits(931)),
    ];

    fn model<S: RuleSet<Rule>>(values: &Values, rules: S) -> Result<BackupManager<S>, NoSuchModel> {
        Ok(BackupManager {
            rms: values.size("rms"),
            looks: Looks::from_choice(values["looks"]),
            rules,
        })
    }
}
