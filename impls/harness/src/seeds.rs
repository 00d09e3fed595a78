//! Which seeds a test of random runs takes, and for how long it goes on.

use std::time::{Duration, Instant};

/// The seeds of a test: `usual` many from 0 on. `CONCUR_SEED` is another first one; with `CONCUR_SECONDS` there are as many as fit into that time, and how many
/// that were is said on standard error.
///
/// # Panics
/// If one of these variables is no number.
pub fn seeds(usual: u64) -> Seeds {
    let first = variable("CONCUR_SEED").unwrap_or(0);
    let time = variable("CONCUR_SECONDS").map(Duration::from_secs);
    Seeds {
        first,
        next: first,
        usual,
        until: time.map(|time| Instant::now() + time),
    }
}

/// An iterator over seeds.
#[derive(Debug)]
pub struct Seeds {
    first: u64,
    next: u64,
    usual: u64,
    until: Option<Instant>,
}

impl Iterator for Seeds {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let seed = self.next;
        let goes_on = match self.until {
            Some(until) => Instant::now() < until,
            None => seed - self.first < self.usual,
        };
        self.next += u64::from(goes_on);
        goes_on.then_some(seed)
    }
}

impl Drop for Seeds {
    fn drop(&mut self) {
        if self.until.is_some() {
            eprintln!("{} seeds from {} on", self.next - self.first, self.first);
        }
    }
}

fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {text}")),
    )
}
