//! The house rules that a program can see. Each has its reason in CONTRIBUTING.md.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .expect("the project is there")
}

/// Every Rust file of ours, by its path below the root, with its text.
fn sources(below: &str) -> Vec<(String, String)> {
    fn walk(dir: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).expect("a folder of ours can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() && !path.ends_with("target") {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(&root().join(below), &mut files);
    files.sort();
    assert!(!files.is_empty());
    files
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a source can be read");
            let name = path.strip_prefix(root()).expect("below the root");
            (name.display().to_string(), text)
        })
        .collect()
}

fn all() -> Vec<(String, String)> {
    ["models", "impls", "checks", "tests"]
        .into_iter()
        .flat_map(sources)
        .collect()
}

#[test]
fn the_first_line_of_each_file_says_what_it_is_for() {
    for (name, text) in all() {
        assert!(text.starts_with("//! "), "{name}");
    }
}

#[test]
fn no_file_is_dreaded() {
    const LONGEST: usize = 600;
    for (name, text) in all() {
        let lines = text.lines().count();
        assert!(
            lines <= LONGEST,
            "{name} has {lines} lines: is it one room, or several?"
        );
    }
}

#[test]
fn a_promise_is_short_enough_to_be_believed() {
    const LONGEST: usize = 80;
    let promises: Vec<_> = sources("models")
        .into_iter()
        .filter(|(name, _)| name.ends_with("/spec.rs"))
        .collect();
    for (name, text) in promises.iter().filter(|(name, _)| !name.contains("/kit/")) {
        let says = |line: &&str| !line.starts_with("//") && line.contains(char::is_alphanumeric);
        let lines = text.lines().map(str::trim).filter(says).count();
        assert!(
            lines <= LONGEST,
            "{name} has {lines} lines of code that say something"
        );
    }
}

#[test]
fn models_and_cores_have_no_order_of_iteration_that_changes() {
    let both = sources("models")
        .into_iter()
        .chain(sources("impls/cores/src"));
    for (name, text) in both {
        assert!(
            !text.contains("HashMap") && !text.contains("HashSet"),
            "{name}"
        );
    }
}

#[test]
fn sometimes_is_never_called_liveness() {
    for (name, text) in sources("models") {
        assert!(
            !text.contains("::eventually("),
            "{name}: stateright's `eventually` is not liveness"
        );
    }
}

#[test]
fn nothing_is_left_for_later() {
    let marks = ["TO", "FIX"].map(|mark| mark.to_owned() + if mark == "TO" { "DO" } else { "ME" });
    for (name, text) in all() {
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{name}: {mark}");
        }
    }
}

#[test]
fn architecture_maps_every_folder() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("it is there");
    for (name, _) in all() {
        let folder = Path::new(&name)
            .parent()
            .expect("a file has a folder")
            .display()
            .to_string();
        assert!(
            map.contains(&format!("`{folder}/`")),
            "ARCHITECTURE.md does not mention `{folder}/`"
        );
    }
}
