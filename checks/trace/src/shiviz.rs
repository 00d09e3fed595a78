//! The log that ShiViz reads: each event with a vector clock. <https://bestchai.bitbucket.io/shiviz/>
//!
//! Its parser takes `(?<event>.*)\n(?<host>\S*) (?<clock>{.*})`, which is what it proposes.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::diagram::{Diagram, Fate};
use crate::document::Trace;

/// How many events each host has seen of each host.
type Clock = BTreeMap<String, u64>;

/// The log.
pub(crate) fn shiviz(trace: &Trace) -> String {
    let diagram = Diagram::of(&trace.behaviour);
    let mut log = Log {
        clocks: BTreeMap::new(),
        text: String::new(),
    };
    // What each row knew when it sent.
    let mut sent: BTreeMap<usize, Clock> = BTreeMap::new();
    for (at, row) in diagram.rows.iter().enumerate() {
        let host = row.lane.map_or("model", |lane| &diagram.lanes[lane]);
        let arrives = |arrow: &&crate::diagram::Arrow| arrow.fate == Fate::Arrives;
        for arrow in diagram.ending_in(at).filter(arrives) {
            let from = &diagram.lanes[arrow.from.1];
            let knew = match sent.get(&arrow.from.0) {
                Some(clock) if arrow.from.0 != at => clock.clone(),
                _ if from != host => log.event(from, &format!("sends {}", arrow.says)),
                _ => continue,
            };
            log.learn(host, &knew);
        }
        let again = diagram.again.is_some_and(|again| at >= again);
        let again = if again { " (again and again)" } else { "" };
        let broken = match row.breaks {
            true => format!(" ✗ {}", trace.about.broken.property),
            false => String::new(),
        };
        let words = format!("{}{}{again}{broken}", row.kind.mark(), row.label);
        sent.insert(at, log.event(host, &words));
    }
    log.text
}

struct Log {
    clocks: BTreeMap<String, Clock>,
    text: String,
}

impl Log {
    /// Something happens at `host`; what it knows then.
    fn event(&mut self, host: &str, words: &str) -> Clock {
        let clock = self.clocks.entry(host.to_owned()).or_default();
        *clock.entry(host.to_owned()).or_default() += 1;
        let shown = serde_json::to_string(clock).expect("a map of numbers has a JSON form");
        let _ = writeln!(self.text, "{}\n{host} {shown}", words.replace('\n', " "));
        clock.clone()
    }

    /// `host` comes to know what `other` knew.
    fn learn(&mut self, host: &str, other: &Clock) {
        let clock = self.clocks.entry(host.to_owned()).or_default();
        for (node, count) in other {
            let known = clock.entry(node.clone()).or_default();
            *known = (*known).max(*count);
        }
    }
}
