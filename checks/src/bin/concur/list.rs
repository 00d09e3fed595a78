//! `concur list`: every check, its size, and what it is expected to show.

use std::io::Write;

use clap::Args;
use concur_checks::report::{human, json};
use concur_checks::selector::select_families;

use crate::Ending;
use crate::limits::Format;

/// List the checks, with their parameters and what is expected of them.
#[derive(Args)]
pub(crate) struct List {
    /// Which ones [default: all]
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

impl List {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let families = select_families(&self.selectors)?;
        let mut out = std::io::stdout().lock();
        match self.format {
            Format::Human => write!(out, "{}", human::list(&families))?,
            Format::Json => writeln!(out, "{}", json::list(&families)?)?,
        }
        Ok(Ending::AsExpected)
    }
}
