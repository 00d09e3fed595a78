//! The program as tests start it: what it prints, the traces that it saves, the Explorer that it serves.

#![allow(dead_code)] // each test uses some of it

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use concur_checks::trace::Trace;

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_concur"))
}

/// A command, not yet started.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = program();
    command.args(args);
    command
}

/// What comes of a command.
pub(crate) fn concur(args: &[&str]) -> Output {
    command(args).output().expect("concur runs")
}

/// All that was printed.
pub(crate) fn said(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(both).expect("concur prints text")
}

/// The path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("it is text")
}

/// The trace in a file.
pub(crate) fn read(file: &Path) -> Trace {
    let text = fs::read_to_string(file).expect("it was written");
    Trace::read(&text).expect("it is a trace")
}

/// The traces that a command saves, in a folder of their own that goes with them.
pub(crate) struct Saved {
    dir: PathBuf,
    pub(crate) files: Vec<PathBuf>,
    pub(crate) printed: String,
}

impl Saved {
    /// Runs a command that is to end with that code. No other test of the workspace may give its traces the same name.
    pub(crate) fn by(name: &str, args: &[&str], code: i32) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("traces-{name}"));
        let _ = fs::remove_dir_all(&dir);
        let output = concur(&[args, &["--save-traces", text(&dir)]].concat());
        let printed = said(&output);
        assert_eq!(output.status.code(), Some(code), "{printed}");
        let entries = fs::read_dir(&dir).into_iter().flatten();
        let files = entries.map(|entry| entry.expect("it can be read").path());
        let mut files: Vec<_> = files.collect();
        files.sort();
        Self {
            dir,
            files,
            printed,
        }
    }

    /// The first one whose name begins so.
    pub(crate) fn file(&self, begins: &str) -> &Path {
        let its = |file: &&PathBuf| {
            let name = file.file_name().expect("it has a name");
            name.to_string_lossy().starts_with(begins)
        };
        let file = self.files.iter().find(its);
        file.unwrap_or_else(|| panic!("{begins}: {:?}", self.files))
    }
}

impl Drop for Saved {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// The Explorer on a free port, as long as this lives.
pub(crate) struct Explorer {
    process: Child,
    pub(crate) addr: String,
    /// What it says that it explores.
    pub(crate) title: String,
    /// The choices that lead to where it opens.
    pub(crate) choices: Vec<String>,
}

impl Explorer {
    pub(crate) fn with(args: &[&str]) -> Self {
        let mut process = program()
            .args(["explore", "--addr", "127.0.0.1:0"])
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .expect("concur runs");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("it is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("it says where");
        let (title, url) = line
            .split_once(" at http://")
            .expect("the address is in the line");
        let (addr, rest) = url.split_once('/').expect("up to the path");
        let place = rest.split(' ').next().unwrap_or_default();
        Self {
            process,
            addr: addr.to_owned(),
            title: title.to_owned(),
            choices: place.split('/').skip(2).map(str::to_owned).collect(),
        }
    }

    /// Where it shows the state to which the first choices lead.
    pub(crate) fn after(&self, choices: usize) -> String {
        let place = self.choices[..choices].join("/");
        format!("http://{}/#/steps/{place}", self.addr)
    }
}

impl Drop for Explorer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
