//! Where a link leads: to a file of the repository, out of it, or nowhere.

use std::path::Path;

/// What a link means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    /// A file of the repository, and a place in it.
    File { path: String, anchor: String },
    /// Another site.
    External,
    /// A name in the language of the code that has no place in the book: it is shown as code.
    Word,
    /// Nothing.
    Nowhere,
}

/// What the link `to` means in the file `from`.
pub(crate) fn aim(root: &Path, from: &str, to: &str) -> Aim {
    if to.contains("://") || to.starts_with("mailto:") {
        return Aim::External;
    }
    let (path, anchor) = to.split_once('#').unwrap_or((to, ""));
    let found = match path {
        "" => Some(from.to_owned()),
        _ => below(folder(from), path).and_then(|path| file(root, path)),
    };
    found.map_or(Aim::Nowhere, |path| Aim::File {
        path,
        anchor: anchor.to_owned(),
    })
}

/// The folder of a file, without a `/` at its end.
pub(crate) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// `path`, as seen from `folder`, below the root; nothing if it leaves the repository, or is not part of it.
fn below(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    let ours = parts.first() != Some(&"target") && parts.first() != Some(&".git");
    ours.then(|| parts.join("/"))
}

/// The file at a path. A folder stands for the page that introduces it.
fn file(root: &Path, path: String) -> Option<String> {
    let at = root.join(&path);
    if at.is_file() {
        return Some(path);
    }
    ["README.md", "mod.rs", "lib.rs"]
        .into_iter()
        .find(|name| at.join(name).is_file())
        .map(|name| format!("{path}/{name}"))
}

/// How the page at `to` is named from the page at `from`; both are below the same folder.
pub(crate) fn relative(from: &str, to: &str) -> String {
    let here: Vec<_> = from.split('/').collect();
    let there: Vec<_> = to.split('/').collect();
    let most = here.len().min(there.len()) - 1;
    let shared = (0..most).take_while(|&i| here[i] == there[i]).count();
    let mut parts = vec![".."; here.len() - 1 - shared];
    parts.extend(&there[shared..]);
    parts.join("/")
}
