//! What stands around each page: the table of contents, the way on and back, and the look.

use std::fmt::Write;

use pulldown_cmark::HeadingLevel;

use crate::Built;
use crate::contents::{Chapter, Contents};
use crate::links::{folder, relative};
use crate::markdown::{escape, render};
use crate::page::Page;
use crate::shelf::Shelf;

/// From how many sections on a page begins with a list of them.
const MANY_SECTIONS: usize = 4;

/// The frame of every page.
pub(crate) struct Frame<'a> {
    pub(crate) contents: &'a Contents,
    pub(crate) shelf: &'a Shelf,
}

impl Frame<'_> {
    /// The page as a whole.
    pub(crate) fn around(&self, page: &Page, built: &mut Built) -> String {
        let text = render(&page.markdown, |to| self.shelf.becomes(page, to, built));
        // The list of sections stands below the title.
        let (title, rest) = text.split_once("</h1>\n").unwrap_or(("", &text));
        let end = if title.is_empty() { "" } else { "</h1>\n" };
        format!(
            include_str!("frame.html"),
            title = escape(&page.title),
            style = include_str!("style.css"),
            home = relative(&page.out, "index.html"),
            way = self.way(page),
            text = format!("{title}{end}{}{rest}{}", sections(page), page.lines()),
            contents = self.table(page),
        )
    }

    /// The links to the chapters before and after; a page that is no chapter leads back to the one that it belongs to.
    fn way(&self, page: &Page) -> String {
        let chapters: Vec<_> = self.contents.chapters().collect();
        let Some(here) = chapters
            .iter()
            .position(|chapter| chapter.page.path == page.path)
        else {
            return self
                .owner(page)
                .map_or_else(String::new, |owner| self.link(page, owner, "up", "↑ "));
        };
        let before = here.checked_sub(1).map(|index| &chapters[index].page);
        let after = chapters.get(here + 1).map(|chapter| &chapter.page);
        let mut way = String::new();
        if let Some(before) = before {
            way.push_str(&self.link(page, before, "prev", "← "));
        }
        if let Some(after) = after {
            way.push_str(&self.link(page, after, "next", "→ "));
        }
        way
    }

    fn link(&self, from: &Page, to: &Page, rel: &str, mark: &str) -> String {
        let href = relative(&from.out, &to.out);
        format!(
            "<a rel=\"{rel}\" href=\"{href}\">{mark}{}</a>\n",
            escape(&to.title)
        )
    }

    /// The page of the folder that a file is in, or of one around it.
    fn owner(&self, page: &Page) -> Option<&Page> {
        let mut around = folder(&page.path);
        loop {
            let found = ["mod.rs", "lib.rs", "README.md"]
                .iter()
                .map(|name| format!("{around}/{name}"))
                .find_map(|path| self.shelf.page(path.trim_start_matches('/')));
            if found.is_some() || around.is_empty() {
                return found;
            }
            around = folder(around);
        }
    }

    /// The table of contents, as seen from a page; the part that it is in is open.
    fn table(&self, page: &Page) -> String {
        let mut table = String::new();
        for part in &self.contents.parts {
            let here = part
                .chapters
                .iter()
                .any(|chapter| chapter.page.path == page.path);
            let open = if here { " open" } else { "" };
            let _ = writeln!(
                table,
                "<details{open}><summary>{}</summary>\n<ul>",
                part.title
            );
            for chapter in part.chapters.iter().filter(|chapter| chapter.shown) {
                table.push_str(&line(page, chapter));
            }
            table.push_str("</ul>\n</details>\n");
        }
        table
    }
}

/// A line of the table of contents.
fn line(page: &Page, chapter: &Chapter) -> String {
    let there = &chapter.page;
    let current = match there.path == page.path {
        true => " aria-current=\"page\"",
        false => "",
    };
    format!(
        "<li class=\"d{}\"><a href=\"{}\"{current}>{}</a></li>\n",
        chapter.depth.min(3),
        relative(&page.out, &there.out),
        escape(&there.title)
    )
}

/// The sections of a long page.
fn sections(page: &Page) -> String {
    let is_section = |level| level == HeadingLevel::H2;
    let sections = page
        .headings
        .iter()
        .filter(|heading| is_section(heading.level));
    if sections.clone().count() < MANY_SECTIONS {
        return String::new();
    }
    let mut list =
        String::from("<details class=\"sections\"><summary>On this page</summary>\n<ul>\n");
    for heading in sections {
        let _ = writeln!(
            list,
            "<li><a href=\"#{}\">{}</a></li>",
            heading.id,
            escape(&heading.text)
        );
    }
    list + "</ul>\n</details>\n"
}
