//! Every page of the book, and every file that is copied: the chapters, and whatever their links lead to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::contents::Contents;
use crate::links::{Aim, relative};
use crate::markdown::{Becomes, links};
use crate::page::Page;
use crate::{Built, Dangling, Error};

/// The endings of files that are copied as they are.
const COPIED: &[&str] = &[".svg", ".html", ".png"];

/// What the book is made of.
#[derive(Debug)]
pub(crate) struct Shelf {
    root: PathBuf,
    pages: BTreeMap<String, Page>,
    copies: BTreeMap<String, Vec<u8>>,
}

impl Shelf {
    /// The chapters, what they link to, what that links to, and so on.
    pub(crate) fn gather(root: &Path, contents: &Contents) -> Result<Self, Error> {
        let mut shelf = Self {
            root: root.to_owned(),
            pages: BTreeMap::new(),
            copies: BTreeMap::new(),
        };
        let chapters = contents.chapters().map(|chapter| chapter.page.clone());
        let mut open: Vec<_> = chapters.collect();
        for page in &open {
            shelf.pages.insert(page.path.clone(), page.clone());
        }
        while let Some(page) = open.pop() {
            for path in shelf.linked(&page) {
                if shelf.pages.contains_key(&path) || shelf.copies.contains_key(&path) {
                    continue;
                }
                if COPIED.iter().any(|ending| path.ends_with(ending)) {
                    let at = root.join(&path);
                    let bytes = fs::read(&at).map_err(|error| Error::Read(at, error))?;
                    shelf.copies.insert(path, bytes);
                } else {
                    let page = Page::read(root, &path)?;
                    shelf.pages.insert(path, page.clone());
                    open.push(page);
                }
            }
        }
        shelf.no_clash()?;
        Ok(shelf)
    }

    /// The files that a page links to.
    fn linked(&self, page: &Page) -> BTreeSet<String> {
        let aims = links(&page.markdown)
            .into_iter()
            .map(|to| page.aim(&self.root, &to));
        aims.filter_map(|aim| match aim {
            Aim::File { path, .. } => Some(path),
            _ => None,
        })
        .collect()
    }

    fn no_clash(&self) -> Result<(), Error> {
        let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
        let pages = self
            .pages
            .values()
            .map(|page| (page.out.as_str(), page.path.as_str()));
        let copies = self
            .copies
            .keys()
            .map(|path| (path.as_str(), path.as_str()));
        for (out, path) in pages.chain(copies) {
            if let Some(other) = taken.insert(out, path) {
                return Err(Error::Clash(other.to_owned(), path.to_owned()));
            }
        }
        Ok(())
    }

    /// Every page.
    pub(crate) fn pages(&self) -> impl Iterator<Item = &Page> {
        self.pages.values()
    }

    /// Every file that is copied, with what is in it.
    pub(crate) fn copies(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.copies
            .iter()
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// The page that is made from a file.
    pub(crate) fn page(&self, path: &str) -> Option<&Page> {
        self.pages.get(path)
    }

    /// What becomes of a link of a page; what leads nowhere, and what leaves the book, is noted.
    pub(crate) fn becomes(&self, page: &Page, to: &str, built: &mut Built) -> Becomes {
        match page.aim(&self.root, to) {
            Aim::External => {
                built.external.insert((page.path.clone(), to.to_owned()));
                Becomes::Link(to.to_owned())
            }
            Aim::Word => Becomes::Text,
            Aim::Nowhere => {
                self.dangling(page, to, "there is no such file in the repository", built)
            }
            Aim::File { path, anchor } => {
                if !self.has(&path, &anchor) {
                    return self.dangling(page, to, "there is no such heading or line", built);
                }
                built.links += 1;
                let out = self.pages.get(&path).map_or(&path, |page| &page.out);
                let hash = if anchor.is_empty() { "" } else { "#" };
                Becomes::Link(format!("{}{hash}{anchor}", relative(&page.out, out)))
            }
        }
    }

    fn dangling(&self, page: &Page, to: &str, why: &'static str, built: &mut Built) -> Becomes {
        built.broken.insert(Dangling {
            page: page.path.clone(),
            link: to.to_owned(),
            why,
        });
        Becomes::Text
    }

    /// Whether a file has a place of that name; the top of each has none.
    fn has(&self, path: &str, anchor: &str) -> bool {
        let copy = || {
            let bytes = self.copies.get(path)?;
            let id = format!("id=\"{anchor}\"");
            Some(String::from_utf8_lossy(bytes).contains(&id))
        };
        let page = self.pages.get(path).map(|page| page.has(anchor));
        anchor.is_empty() || page.or_else(copy) == Some(true)
    }
}
