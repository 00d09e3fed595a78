//! A headless browser, where one is installed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// The page at `url` after its scripts have run, or `None`, with a message, if there is no browser.
pub(crate) fn dom(url: &str) -> Option<String> {
    let page = run(&["--virtual-time-budget=5000", "--dump-dom", url])?;
    Some(String::from_utf8_lossy(&page.stdout).into_owned())
}

/// A picture of the page at `url`, as PNG.
#[allow(dead_code)] // not every test that has a browser takes pictures
pub(crate) fn screenshot(url: &str, file: &Path, size: (u32, u32)) -> Option<Vec<u8>> {
    let size = format!("--window-size={},{}", size.0, size.1);
    let to = format!("--screenshot={}", file.display());
    run(&[
        "--virtual-time-budget=5000",
        "--hide-scrollbars",
        &size,
        &to,
        url,
    ])?;
    Some(std::fs::read(file).expect("the browser wrote it"))
}

/// Where a picture stays after the tests, for people: `target/tmp/screens`.
#[allow(dead_code)] // not every test that has a browser takes pictures
pub(crate) fn kept(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screens");
    std::fs::create_dir_all(&folder).expect("there is room for pictures");
    folder.join(name)
}

fn run(args: &[&str]) -> Option<Output> {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let installed = [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];
    let Some(browser) = installed.into_iter().find(|path| Path::new(path).exists()) else {
        eprintln!("skipped: Chromium is not installed (Debian: apt-get install chromium)");
        return None;
    };
    let nth = RUNS.fetch_add(1, Ordering::Relaxed);
    let name = format!("concur-browser-{}-{nth}", std::process::id());
    let profile = std::env::temp_dir().join(name);
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
        ])
        .args(["--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(args)
        .output()
        .expect("Chromium runs");
    let _ = std::fs::remove_dir_all(profile);
    Some(output)
}
