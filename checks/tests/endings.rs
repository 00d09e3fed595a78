//! How commands end: where nobody reads what they print, where a search is cut short, where a folder cannot be used.

mod program;

use std::process::Stdio;

use crate::program::{command, said};

/// The exit code where the reader of standard output, or of standard error, is gone from the start.
fn unread(args: &[&str], output: bool) -> Option<i32> {
    let gone = || {
        let (reader, writer) = std::io::pipe().expect("there are pipes");
        drop(reader);
        Stdio::from(writer)
    };
    let mut command = command(args);
    match output {
        true => command.stdout(gone()).stderr(Stdio::null()),
        false => command.stdout(Stdio::null()).stderr(gone()),
    };
    let status = command.status().expect("concur runs");
    status.code()
}

#[test]
fn what_only_prints_succeeds_where_nobody_reads_on() {
    for args in [&["list", "two-phase"][..], &["completions", "bash"]] {
        assert_eq!(unread(args, true), Some(0), "{args:?}");
    }
}

#[test]
fn what_judges_does_not_succeed_where_nobody_reads_on() {
    let size = "two-phase/two-phase/rms=3";
    for args in [
        &["check", size][..],
        &["check", size, "--max-depth", "3", "--format", "json"],
        &["rule", "PrepareWorking"],
        &["omit", "two-phase/tcommit"],
        &["zoo", "CH06"],
    ] {
        assert_eq!(unread(args, true), Some(141), "{args:?}");
    }
}

#[test]
fn an_error_that_nobody_reads_is_an_error() {
    assert_eq!(unread(&["check", "nosuch"], false), Some(2));
}

#[test]
#[cfg(target_os = "linux")]
fn a_script_that_cannot_be_written_is_an_error() {
    let full = std::fs::File::create("/dev/full").expect("it is there");
    let mut command = command(&["completions", "bash"]);
    let output = command.stdout(full).output().expect("concur runs");
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).starts_with("error: "), "{}", said(&output));
}
