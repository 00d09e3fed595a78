//! Markdown as HTML: tables that scroll, headings that can be linked to, and links that someone else has looked up.

use std::collections::BTreeMap;

use pulldown_cmark::{BrokenLink, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// A heading of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heading {
    pub(crate) level: HeadingLevel,
    pub(crate) id: String,
    pub(crate) text: String,
}

/// What becomes of a link.
pub(crate) enum Becomes {
    /// A link to this address.
    Link(String),
    /// Its text alone.
    Text,
}

/// The headings of a page, with the names that GitHub gives them.
pub(crate) fn headings(markdown: &str) -> Vec<Heading> {
    let mut found = Vec::new();
    let mut names = Names::default();
    let mut open: Option<(HeadingLevel, String)> = None;
    for event in events(markdown) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => open = Some((level, String::new())),
            Event::End(TagEnd::Heading(_)) => {
                if let Some((level, text)) = open.take() {
                    let id = names.name(&text);
                    found.push(Heading { level, id, text });
                }
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, heading)) = &mut open {
                    heading.push_str(&text);
                }
            }
            _ => {}
        }
    }
    found
}

/// Every link and every picture of a page, as written.
pub(crate) fn links(markdown: &str) -> Vec<String> {
    events(markdown)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                Some(dest_url.into_string())
            }
            _ => None,
        })
        .collect()
}

/// The page as HTML, with each link as `becomes` says.
pub(crate) fn render(markdown: &str, mut becomes: impl FnMut(&str) -> Becomes) -> String {
    let mut ids = headings(markdown).into_iter().map(|heading| heading.id);
    let mut dropped = Vec::new();
    let mut out = Vec::new();
    for event in events(markdown) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => out.push(Event::Start(Tag::Heading {
                level,
                id: ids.next().map(CowStr::from),
                classes: Vec::new(),
                attrs: Vec::new(),
            })),
            Event::Start(Tag::Table(columns)) => {
                out.push(Event::Html("<div class=\"wide\">".into()));
                out.push(Event::Start(Tag::Table(columns)));
            }
            Event::End(TagEnd::Table) => {
                out.push(Event::End(TagEnd::Table));
                out.push(Event::Html("</div>\n".into()));
            }
            Event::Start(Tag::Link {
                dest_url,
                title,
                id,
                link_type,
            }) => {
                let becomes = becomes(&dest_url);
                dropped.push(matches!(becomes, Becomes::Text));
                if let Becomes::Link(to) = becomes {
                    let dest_url = to.into();
                    out.push(Event::Start(Tag::Link {
                        dest_url,
                        title,
                        id,
                        link_type,
                    }));
                }
            }
            Event::End(TagEnd::Link) => {
                if dropped.pop() == Some(false) {
                    out.push(Event::End(TagEnd::Link));
                }
            }
            Event::Start(Tag::Image {
                dest_url,
                title,
                id,
                link_type,
            }) => {
                let dest_url = match becomes(&dest_url) {
                    Becomes::Link(to) => to.into(),
                    Becomes::Text => dest_url,
                };
                out.push(Event::Start(Tag::Image {
                    dest_url,
                    title,
                    id,
                    link_type,
                }));
            }
            // What looks like HTML in our texts is a type's parameter: it is shown.
            Event::Html(text) | Event::InlineHtml(text) => out.push(Event::Text(text)),
            other => out.push(other),
        }
    }
    let mut page = String::new();
    html::push_html(&mut page, out.into_iter());
    page
}

/// A text that stands in HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut page = String::new();
    html::push_html(&mut page, [Event::Text(text.into())].into_iter());
    page.replace('"', "&quot;")
}

/// The parts of a page. A name in brackets is a link even where no address is given: source files name modules and types so.
fn events(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES;
    let name = |link: BrokenLink<'_>| {
        let is_code = link.reference.starts_with('`') && link.reference.ends_with('`');
        is_code.then(|| (link.reference.to_string().into(), "".into()))
    };
    Parser::new_with_broken_link_callback(markdown, options, Some(name))
}

/// The names of headings: lower case, hyphens for spaces, no punctuation, and a number where the name is taken.
#[derive(Default)]
struct Names {
    taken: BTreeMap<String, usize>,
}

impl Names {
    fn name(&mut self, text: &str) -> String {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        let name: String = text
            .chars()
            .filter(kept)
            .flat_map(char::to_lowercase)
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        let times = self.taken.entry(name.clone()).or_insert(0);
        *times += 1;
        match *times {
            1 => name,
            times => format!("{name}-{}", times - 1),
        }
    }
}
