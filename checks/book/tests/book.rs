//! The book of this repository: every link leads somewhere, in what is written too; and a link that leads nowhere is found.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use concur_book::{Built, Dangling, Error, build};

/// A folder of a test's own, empty.
fn empty(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

/// The book of this repository, built once for all tests.
fn whole() -> &'static (PathBuf, Built) {
    static WHOLE: LazyLock<(PathBuf, Built)> = LazyLock::new(|| {
        let out = empty("whole");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let built = build(&root, &out).expect("there is a book");
        (out, built)
    });
    &WHOLE
}

/// A repository of two files, of which README.md says this.
fn tiny(name: &str, readme: &str) -> (PathBuf, Built) {
    let root = empty(name);
    let models = root.join("models/src/raft");
    fs::create_dir_all(&models).expect("a folder can be made");
    fs::write(root.join("README.md"), readme).expect("it can be written");
    let page = "//! Raft, in short: [`log`], [`Server`], [`Server::step`] and [`Elsewhere`].\n\npub mod log;\npub struct Server;\n";
    fs::write(models.join("mod.rs"), page).expect("it can be written");
    fs::write(models.join("log.rs"), "//! A log.\n").expect("it can be written");
    let built = build(&root, &root.join("book")).expect("there is a book");
    (root.join("book"), built)
}

fn dangling(built: &Built) -> Vec<(&str, &str)> {
    let names = |dangling: &Dangling| dangling.page == "README.md";
    assert!(built.broken.iter().all(names));
    built
        .broken
        .iter()
        .map(|dangling| (dangling.link.as_str(), dangling.why))
        .collect()
}

/// The values of an attribute in a page.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    html.split(&start)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

/// Every HTML file below a folder, by its path.
fn pages(folder: &Path, pages: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).expect("it can be read") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            self::pages(&path, pages);
        } else if path.extension().is_some_and(|ending| ending == "html") {
            let text = fs::read_to_string(&path).expect("it can be read");
            pages.insert(path.canonicalize().expect("it is there"), text);
        }
    }
}

#[test]
fn every_link_of_the_book_leads_somewhere() {
    let (out, built) = whole();
    assert_eq!(built.broken, BTreeSet::new());
    assert!(
        built.pages > 500 && built.links > 1_000 && built.copies >= 2,
        "{built:?}"
    );

    // And once more, by someone who looks at what was written, and at nothing else.
    let mut written = BTreeMap::new();
    pages(out, &mut written);
    let mut followed = 0;
    for (page, html) in &written {
        for link in values(html, "href").into_iter().chain(values(html, "src")) {
            if link.contains("://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => page.clone(),
                path => page.parent().expect("a folder").join(path),
            };
            let target = target
                .canonicalize()
                .unwrap_or_else(|_| panic!("{}: {link}", page.display()));
            let there = anchor.is_empty() || values(&written[&target], "id").contains(&anchor);
            assert!(there, "{}: {link}", page.display());
            followed += 1;
        }
    }
    assert!(followed > built.links);
}

#[test]
fn the_chapters_are_there_and_the_promises_come_with_their_code() {
    let (out, _) = whole();
    let read = |path: &str| fs::read_to_string(out.join(path)).expect("there is such a page");
    assert!(read("index.html").contains("<img src=\"reports/figure-8.svg\""));
    assert!(
        out.join("reports/figure-8.html").is_file() && out.join("reports/figure-8.svg").is_file()
    );
    assert!(read("ARCHITECTURE.html").contains("TCommit ─┬─⊐ TwoPhase"));
    assert!(read("models/src/raft/spec.rs.html").contains("<span id=\"L"));
    assert!(
        read("models/src/raft/mod.rs.html")
            .contains("<a href=\"spec.rs.html\"><code>spec</code></a>")
    );
    assert!(read("reports/without/raft/index.html").contains("href=\"CommitOwnTerm.html\""));
    for page in [
        "checks/JSON.html",
        "checks/trace/TRACE.html",
        "CHANGELOG.html",
        "reports/zoo.html",
    ] {
        let html = read(page);
        assert!(
            html.contains("rel=\"prev\"") && html.contains("id=\"contents\""),
            "{page}"
        );
        assert!(!html.contains("<script"), "{page}");
    }
}

#[test]
fn a_link_to_a_file_that_is_not_there_is_found() {
    let (_, built) = tiny(
        "file",
        "# Tiny\n\n[gone](docs/GONE.md), [out](../../etc/passwd), ![no](no.svg)\n",
    );
    let why = "there is no such file in the repository";
    assert_eq!(
        dangling(&built),
        [
            ("../../etc/passwd", why),
            ("docs/GONE.md", why),
            ("no.svg", why)
        ]
    );
}

#[test]
fn a_link_to_a_heading_or_a_line_that_is_not_there_is_found() {
    let model = "models/src/raft/mod.rs";
    let readme = format!(
        "# Tiny\n\n## What is shown\n\n## What is shown\n\n[a](#what-is-shown), [b](#what-is-shown-1), [c](#what-is-hidden), [d]({model}#L3), [e]({model}#L99)\n"
    );
    let (_, built) = tiny("anchor", &readme);
    let why = "there is no such heading or line";
    assert_eq!(
        dangling(&built),
        [
            ("#what-is-hidden", why),
            ("models/src/raft/mod.rs#L99", why)
        ]
    );
}

#[test]
fn a_link_to_another_site_is_listed_and_not_fetched() {
    let (_, built) = tiny(
        "external",
        "# Tiny\n\n[there](https://example.invalid/nothing)\n",
    );
    let expected = (
        "README.md".to_owned(),
        "https://example.invalid/nothing".to_owned(),
    );
    assert_eq!(built.external, BTreeSet::from([expected]));
    assert!(built.broken.is_empty());
}

#[test]
fn names_in_brackets_lead_to_modules_and_definitions_and_are_code_where_there_is_neither() {
    let (out, built) = tiny("names", "# Tiny\n\n[raft](models/src/raft)\n");
    assert!(built.broken.is_empty());
    let html = fs::read_to_string(out.join("models/src/raft/mod.rs.html")).expect("it is a page");
    assert!(
        html.contains("<a href=\"log.rs.html\"><code>log</code></a>"),
        "{html}"
    );
    assert!(
        html.contains("<a href=\"mod.rs.html#L4\"><code>Server</code></a>"),
        "{html}"
    );
    assert!(
        html.contains("<code>Server::step</code></a> and <code>Elsewhere</code>."),
        "{html}"
    );
}

#[test]
fn a_book_needs_a_project() {
    let nothing = empty("nothing");
    let built = build(&nothing, &nothing.join("book"));
    assert!(matches!(built, Err(Error::NoProject(_))));
}
