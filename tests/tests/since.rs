//! `concur check --since`: every file is mapped to the checks that depend on it; what is not known means everything.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use concur_checks::registry::RUNGS;
use concur_checks::selector::{Only, select};
use concur_checks::since::{Affects, FOLDERS, Since, SinceError, affects};
use concur_checks::temporal::LIVES;
use concur_models::kit::Tier;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The Rust files below a folder.
fn sources(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("it is a folder");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let below = |path: PathBuf| match path.is_dir() {
        true => sources(&path),
        false => vec![path],
    };
    paths.flat_map(below).collect()
}

/// The folders of models, the kit aside.
fn folders() -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("models/src")).expect("there are models");
    let entries = entries.map(|entry| entry.expect("it can be read"));
    entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().expect("a name"))
        .filter(|name| name != "kit")
        .collect()
}

#[test]
fn every_folder_of_models_is_mapped_with_the_folders_that_it_uses() {
    let known: BTreeSet<String> = FOLDERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(known, folders());
    for (folder, used) in FOLDERS {
        let mut found = BTreeSet::new();
        for file in sources(&root().join("models/src").join(folder)) {
            let text = fs::read_to_string(file).expect("it is text");
            let others = FOLDERS.iter().map(|(other, _)| *other);
            found.extend(others.filter(|other| {
                let path = |end: &str| text.contains(&format!("crate::{other}{end}"));
                other != folder && (path("::") || path(";"))
            }));
        }
        assert_eq!(found, used.iter().copied().collect(), "{folder}");
    }
}

#[test]
fn every_protocol_has_a_folder() {
    let rungs = RUNGS.iter().map(|rung| rung.about().protocol);
    let lives = LIVES.iter().map(|live| live.about().protocol);
    for protocol in rungs.chain(lives) {
        let folder = protocol.replace('-', "_");
        assert!(folders().contains(&folder), "{protocol}");
        let own = affects(&format!("models/src/{folder}/mod.rs"));
        let Affects::Only(protocols) = own else {
            panic!("{protocol}: {own:?}");
        };
        assert!(protocols.contains(protocol));
    }
}

fn only(protocols: &[&str]) -> Affects {
    Affects::Only(protocols.iter().map(|&name| name.to_owned()).collect())
}

#[test]
fn a_model_affects_its_protocol_and_what_uses_it() {
    assert_eq!(affects("models/src/raft/durable/mod.rs"), only(&["raft"]));
    let of_commit = only(&["paxos-commit", "two-phase"]);
    assert_eq!(affects("models/src/two_phase/spec.rs"), of_commit);
    assert_eq!(
        affects("models/src/paxos/mod.rs"),
        only(&["paxos", "paxos-commit"])
    );
    assert_eq!(
        affects("models/src/paxos_commit/state.rs"),
        only(&["paxos-commit"])
    );
    assert_eq!(affects("impls/cores/src/ring/mod.rs"), only(&["ring"]));
}

#[test]
fn what_all_models_share_and_what_is_unknown_affects_everything() {
    for path in [
        "models/src/kit/bag.rs",
        "models/src/lib.rs",
        "models/src/another_protocol/mod.rs",
        "models/rules/src/raft.rs",
        "models/Cargo.toml",
        "checks/engine/src/explore/mod.rs",
        "checks/src/suite/mod.rs",
        "checks/another_crate/src/lib.rs",
        "impls/cores/src/protocol.rs",
        "Cargo.lock",
        "rust-toolchain.toml",
        "a file that nobody knows",
    ] {
        assert_eq!(affects(path), Affects::Everything, "{path}");
    }
}

#[test]
fn documents_tests_and_benchmarks_affect_nothing() {
    for path in [
        "README.md",
        "models/README.md",
        "reports/zoo.md",
        "LICENSE-MIT",
        "tests/tests/since.rs",
        "checks/tests/cli.rs",
        "checks/engine/benches/search.rs",
        "models/tests/paxos_zoo.rs",
        "impls/runtime/src/lib.rs",
    ] {
        assert_eq!(affects(path), Affects::Nothing, "{path}");
    }
}

/// A work tree of git that is thrown away.
struct Tree(PathBuf);

impl Tree {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("concur-since-{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).expect("there is room");
        Self(dir)
    }

    fn git(&self, args: &[&str]) {
        let run = Command::new("git")
            .args([
                "-c",
                "user.name=n",
                "-c",
                "user.email=e",
                "-c",
                "init.defaultBranch=main",
            ])
            .args(args)
            .current_dir(&self.0)
            .output();
        let output = run.expect("git runs");
        assert!(output.status.success(), "{args:?}: {output:?}");
    }

    fn write(&self, path: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("it has one")).expect("there is room");
        fs::write(path, "text").expect("there is room");
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn protocol(id: &str) -> String {
    id.split('/').next().unwrap_or_default().to_owned()
}

#[test]
fn changes_are_those_of_the_work_tree_whether_committed_or_not() {
    let tree = Tree::new("changes");
    tree.git(&["init", "--quiet"]);
    tree.write("README.md");
    tree.git(&["add", "."]);
    tree.git(&["commit", "--quiet", "-m", "first"]);
    tree.write("models/src/ring/committed.rs");
    tree.git(&["add", "."]);
    tree.git(&["commit", "--quiet", "-m", "second"]);
    tree.write("models/src/raft/not followed.rs");

    let since = Since::of("HEAD~1", &tree.0).expect("it is a revision");
    let paths: Vec<_> = since.changes.iter().map(|c| c.path.as_str()).collect();
    let expected = [
        "models/src/raft/not followed.rs",
        "models/src/ring/committed.rs",
    ];
    assert_eq!(paths, expected);

    let all = select(&[], Tier::Small, &[], Only::Everything).expect("there are checks");
    let kept = all.iter().filter(|target| since.concerns(target));
    let kept: BTreeSet<_> = kept.map(|target| protocol(&target.id())).collect();
    assert_eq!(kept, BTreeSet::from(["raft".to_owned(), "ring".to_owned()]));
    let told = since.explain(&all).join("\n");
    assert!(told.contains("runs raft"), "{told}");
    assert!(told.contains("leaves out two-phase"), "{told}");
}

#[test]
fn what_git_does_not_know_is_said() {
    let tree = Tree::new("errors");
    let nowhere = Since::of("HEAD", &tree.0);
    assert!(
        matches!(nowhere, Err(SinceError::NoWorkTree(_))),
        "{nowhere:?}"
    );
    tree.git(&["init", "--quiet"]);
    for revision in ["HEAD", "no-such-branch", "--all"] {
        let unknown = Since::of(revision, &tree.0);
        assert!(
            matches!(unknown, Err(SinceError::UnknownRevision(_))),
            "{unknown:?}"
        );
    }
}
