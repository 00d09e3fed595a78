//! The book: the project's documents, the pages of its models and cores, and its reports, as a site of plain pages that is read from disk, without a network and without scripts.
//!
//! [`build`] reads the repository, follows each link to a file of it, which becomes a page, too, and writes the site. A link inside of the repository must
//! lead somewhere, to a heading or a line included; those that do not are listed ([`Built::broken`]). Links that leave it are listed, and not fetched.

mod contents;
mod frame;
mod links;
mod markdown;
mod page;
mod rust;
mod shelf;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use contents::Contents;
use frame::Frame;
use shelf::Shelf;

/// What was built.
#[derive(Clone, Debug, Default)]
pub struct Built {
    /// How many pages.
    pub pages: usize,
    /// How many files were copied as they are: pictures, and pages that stand alone.
    pub copies: usize,
    /// How many links lead from page to page.
    pub links: usize,
    /// The links that lead nowhere.
    pub broken: BTreeSet<Dangling>,
    /// The links that leave the repository: page and address.
    pub external: BTreeSet<(String, String)>,
}

/// A link that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dangling {
    /// The file that it is in, below the root of the repository.
    pub page: String,
    /// Where it should lead, as written.
    pub link: String,
    /// What is missing.
    pub why: &'static str,
}

/// Why there is no book.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no repository of Concur there.
    #[error("{0} has no README.md and no models/src: name the root of the project")]
    NoProject(PathBuf),
    /// Two files want to be the same page.
    #[error("{0} and {1} would be the same page")]
    Clash(String, String),
    /// A file cannot be read.
    #[error("cannot read {0}")]
    Read(PathBuf, #[source] io::Error),
    /// A file cannot be written.
    #[error("cannot write {0}")]
    Write(PathBuf, #[source] io::Error),
}

/// Builds the book of the repository at `root` into the folder `out`, which is made where there is none; what else is in there stays.
pub fn build(root: &Path, out: &Path) -> Result<Built, Error> {
    if !root.join("README.md").is_file() || !root.join("models/src").is_dir() {
        return Err(Error::NoProject(root.to_owned()));
    }
    let contents = Contents::of(root)?;
    let shelf = Shelf::gather(root, &contents)?;
    let frame = Frame {
        contents: &contents,
        shelf: &shelf,
    };
    let mut built = Built::default();
    for page in shelf.pages() {
        let html = frame.around(page, &mut built);
        write(&out.join(&page.out), html.as_bytes())?;
        built.pages += 1;
    }
    for (file, bytes) in shelf.copies() {
        write(&out.join(file), bytes)?;
        built.copies += 1;
    }
    Ok(built)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let cannot = |error| Error::Write(path.to_owned(), error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(cannot)?;
    }
    fs::write(path, bytes).map_err(cannot)
}
