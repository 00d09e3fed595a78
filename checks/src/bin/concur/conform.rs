//! `concur conform`: do the cores that ship concur with their models?

use std::slice::from_ref;

use anyhow::bail;
use clap::Args;
use concur_checks::clusters::CLUSTERS;
use concur_checks::family::Family;
use concur_checks::selector::select_families;

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
        let selected = clusters(self.check.selectors())?;
        self.check.keep(&selected)?;
        self.check.run()
    }
}

/// The selectors that name clusters: a protocol's name alone means its clusters.
pub(crate) fn clusters(selectors: &[String]) -> anyhow::Result<Vec<String>> {
    let ids = || CLUSTERS.iter().map(|clusters| clusters.id());
    if selectors.is_empty() {
        return Ok(ids().collect());
    }
    let mut all = Vec::new();
    for selector in selectors {
        let mut families = select_families(from_ref(selector))?;
        families.retain(|family| family.clusters().is_some());
        if families.is_empty() {
            let known: Vec<_> = ids().collect();
            let known = known.join(", ");
            bail!("{selector} is no cluster of cores; these are: {known}");
        }
        match selector.contains('/') {
            true => all.push(selector.clone()),
            false => all.extend(families.iter().map(Family::id)),
        }
    }
    Ok(all)
}
