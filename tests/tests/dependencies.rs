//! The direction of dependencies: rules ← models ← engine ← correspond ← checks ← tests, rules ← cores ← harness, cores ← runtime, models ⟂ cores, linearizability knows none of them, and nothing the other way.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Which of our crates each of our crates may depend on, outside of its own tests.
const ARROWS: &[(&str, &[&str])] = &[
    ("concur-rules", &[]),
    ("concur-models", &["concur-rules"]),
    ("concur-cores", &["concur-rules"]),
    ("concur-harness", &["concur-rules", "concur-cores"]),
    ("concur-runtime", &["concur-cores"]),
    ("concur-benches", &["concur-cores"]),
    ("concur-engine", &["concur-models"]),
    ("concur-trace", &[]),
    ("concur-book", &[]),
    ("concur-linearizability", &[]),
    (
        "concur-correspond",
        &[
            "concur-rules",
            "concur-models",
            "concur-cores",
            "concur-harness",
            "concur-engine",
        ],
    ),
    (
        "concur-checks",
        &[
            "concur-rules",
            "concur-models",
            "concur-engine",
            "concur-correspond",
            "concur-trace",
            "concur-book",
        ],
    ),
    (
        "concur-tests",
        &["concur-rules", "concur-models", "concur-checks"],
    ),
];

#[test]
fn each_crate_depends_only_on_what_lies_below_it() {
    let metadata = MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo knows the workspace");
    let ours: BTreeSet<_> = metadata
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let listed: BTreeSet<_> = ARROWS.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        ours, listed,
        "a crate was added or removed: say where it stands"
    );
    for package in &metadata.packages {
        let (_, allowed) = ARROWS
            .iter()
            .find(|(name, _)| *name == package.name.as_str())
            .expect("listed");
        let below = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind != DependencyKind::Development)
            .map(|dependency| dependency.name.as_str())
            .filter(|name| ours.contains(name));
        for name in below {
            assert!(
                allowed.contains(&name),
                "{} depends on {name}",
                package.name
            );
        }
    }
}

#[test]
fn the_rules_depend_on_nothing() {
    let manifest = include_str!("../../models/rules/Cargo.toml");
    assert!(!manifest.contains("dependencies"));
    assert!(include_str!("../../models/rules/src/lib.rs").contains("#![no_std]"));
}
