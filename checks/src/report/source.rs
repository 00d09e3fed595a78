//! Where in the source a model says what is claimed of it, for tools that show findings beside the code.

use std::fs;
use std::path::{Path, PathBuf};

use crate::engine::REFINEMENT;

/// The crates that models are in, and the folders of their sources.
const CRATES: &[(&str, &str)] = &[
    ("concur_models", "models/src"),
    ("concur_correspond", "checks/correspond/src"),
];

/// A line of a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, below the root of the project, with `/` between its parts.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// The sources of the project, if it runs inside of it.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    root: Option<PathBuf>,
}

impl Sources {
    /// The sources of the project that `dir` is in, if it is in one.
    pub fn around(dir: &Path) -> Self {
        let is_root = |dir: &&Path| CRATES.iter().all(|(_, folder)| dir.join(folder).is_dir());
        let root = dir.ancestors().find(is_root);
        Self {
            root: root.map(Path::to_path_buf),
        }
    }

    /// Where the model whose type has that path claims the property of that name, or keeps the rule; where the model begins, if neither is found.
    pub fn place(&self, model: &str, name: &str) -> Option<Place> {
        let root = self.root.as_deref()?;
        let module = module(model)?;
        let file = [format!("{module}.rs"), format!("{module}/mod.rs")]
            .into_iter()
            .find(|file| root.join(file).is_file())?;
        let claimed = near(root, &file, &module)
            .into_iter()
            .find_map(|file| line_of(root, &file, name).map(|line| Place { file, line }));
        claimed.or(Some(Place { file, line: 1 }))
    }

    /// The files below a folder whose names end so, in order, with what they say. The folder's name ends in `/`, as theirs begin.
    pub fn files(&self, folder: &str, ending: &str) -> Vec<(String, String)> {
        let Some(root) = &self.root else {
            return Vec::new();
        };
        let entries = fs::read_dir(root.join(folder)).into_iter().flatten();
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<_> = names.map(|name| format!("{folder}{name}")).collect();
        names.sort();
        let read = |name: String| match root.join(&name).is_dir() {
            true => self.files(&format!("{name}/"), ending),
            false if !name.ends_with(ending) => Vec::new(),
            false => fs::read_to_string(root.join(&name))
                .map(|text| vec![(name, text)])
                .unwrap_or_default(),
        };
        names.into_iter().flat_map(read).collect()
    }
}

/// Whether a text has that name in it, and not only as the beginning of a longer one.
pub fn names(text: &str, name: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !after.is_some_and(inside) && (name.starts_with(':') || !before.is_some_and(inside))
    })
}

/// The path of the module that a model's type is in, below the root and without an ending. Of a type that wraps another one, it is the other that says what is claimed.
fn module(model: &str) -> Option<String> {
    let modules: Vec<_> = model
        .split(['<', '>', ',', ' '])
        .filter_map(folder)
        .collect();
    let wraps = |module: &&String| module.contains("/kit/") || module.contains("/cluster");
    let inner = modules.iter().find(|module| !wraps(module));
    inner.or(modules.first()).cloned()
}

/// The same of one type: its crate is a folder.
fn folder(path: &str) -> Option<String> {
    let (module, _) = path.rsplit_once("::")?;
    let (name, rest) = module.split_once("::")?;
    let (_, folder) = CRATES.iter().find(|(known, _)| *known == name)?;
    Some(format!("{folder}/{}", rest.replace("::", "/")))
}

/// The files in which a model's claims may be: its own, those of its folder, and those beside it, which come in order of their names.
fn near(root: &Path, file: &str, module: &str) -> Vec<String> {
    let beside = module.rsplit_once('/').map_or(module, |(folder, _)| folder);
    let mut files = vec![file.to_owned()];
    for folder in [module, beside] {
        let Ok(entries) = fs::read_dir(root.join(folder)) else {
            continue;
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        // Sizes say what is expected of a property, and claim none.
        let claims = |name: &String| name.ends_with(".rs") && !name.contains("configs");
        let mut names: Vec<_> = names.filter(claims).collect();
        names.sort();
        files.extend(names.iter().map(|name| format!("{folder}/{name}")));
    }
    files
}

/// The line that claims the property of that name, or keeps the rule.
fn line_of(root: &Path, file: &str, name: &str) -> Option<usize> {
    let text = fs::read_to_string(root.join(file)).ok()?;
    let mut before = "";
    text.lines()
        .position(|line| says(std::mem::replace(&mut before, line), line, name))
        .map(|index| index + 1)
}

/// Whether `line`, after the line `before`, claims the property of that name, or keeps the rule.
fn says(before: &str, line: &str, name: &str) -> bool {
    if name == REFINEMENT {
        return line.contains(" Refines for ");
    }
    let claims = ["always(", "name: ", "const "];
    let claims = claims.iter().any(|claim| line.contains(claim)) || before.ends_with("always(");
    let rule = line.split_once(&format!("Rule::{name}"));
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    claims && line.contains(&format!("\"{name}\"")) || rule.is_some_and(|(_, rest)| ends(rest))
}
