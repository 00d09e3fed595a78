//! `concur book`: the documents, the model pages and the reports as a site of plain pages, with each link looked up.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::Ending;

/// Build the book: the documents, the pages of models and cores, and the reports, as plain pages that are read from disk
/// (no network, no scripts). Each link inside of the project must lead somewhere, or the exit code is 1.
/// Links to other sites are counted, and listed with --external; they are not fetched.
#[derive(Args)]
pub(crate) struct Book {
    /// The folder to write it to; what else is in there stays
    #[arg(long, default_value = "target/book")]
    out: PathBuf,
    /// The root of the project
    #[arg(long, default_value = ".")]
    root: PathBuf,
    /// List the links that lead to other sites
    #[arg(long)]
    external: bool,
}

impl Book {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let built = concur_book::build(&self.root, &self.out)?;
        let mut out = std::io::stdout().lock();
        for dangling in &built.broken {
            writeln!(
                out,
                "{}: {}: {}",
                dangling.page, dangling.link, dangling.why
            )?;
        }
        if self.external {
            for (page, link) in &built.external {
                writeln!(out, "{page}: {link}: another site")?;
            }
        }
        writeln!(
            out,
            "{} pages, {} links, {} of them broken, {} to other sites (not fetched): {}",
            built.pages,
            built.links + built.broken.len() + built.external.len(),
            built.broken.len(),
            built.external.len(),
            self.out.join("index.html").display()
        )?;
        Ok(match built.broken.is_empty() {
            true => Ending::AsExpected,
            false => Ending::Failed,
        })
    }
}
