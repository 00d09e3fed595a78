//! `concur conform`: do the cores that ship concur with their models?

use clap::Args;
use concur_checks::clusters::CLUSTERS;

use crate::Ending;
use crate::check::Check;

/// Check the cores that ship against their models: every step of small clusters, random walks of large ones.
///
/// The checks of `concur check`, of clusters of cores alone. A cluster's steps are refined to the model above; crashes, losses and slow disks are part of it.
#[derive(Args)]
pub(crate) struct Conform {
    #[command(flatten)]
    check: Check,
}

impl Conform {
    pub(crate) fn run(mut self) -> anyhow::Result<Ending> {
        let selected = clusters(self.check.selectors());
        self.check.keep(&selected);
        self.check.run()
    }
}

/// The selectors that name clusters: a protocol's name alone means its clusters.
pub(crate) fn clusters(selectors: &[String]) -> Vec<String> {
    let ids = || CLUSTERS.iter().map(|clusters| clusters.id());
    if selectors.is_empty() {
        return ids().collect();
    }
    let of = |selector: &String| -> Vec<String> {
        let protocol = format!("{selector}/");
        let its: Vec<_> = ids().filter(|id| id.starts_with(&protocol)).collect();
        if its.is_empty() {
            vec![selector.clone()]
        } else {
            its
        }
    };
    selectors.iter().flat_map(of).collect()
}
