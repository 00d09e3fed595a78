//! The story: numbered actions, each with what it changes, in the notation that all protocols share.

use std::fmt::Write;

use crate::document::{Behaviour, Step, Trace};
use crate::nodes::Nodes;
use crate::text::notes;

/// How wide the column of actions gets.
const WIDEST: usize = 60;

/// A behaviour as lines: the initial state, then the steps. `n1: term 1 ⇨ 2` is a variable of a node, `messages + m` an element that was added.
pub fn story(behaviour: &Behaviour) -> Vec<String> {
    let nodes = Nodes::of(behaviour);
    let (stem, _) = behaviour.stem_and_cycle();
    let widths = |steps: &[Step]| {
        let widths = steps.iter().map(|step| step.words().chars().count());
        widths.max().unwrap_or(0).min(WIDEST)
    };
    let (once, again) = behaviour.steps.split_at(stem);
    let mut lines = vec![format!("  0  {}", behaviour.initial)];
    let tell = |(number, step): (usize, &Step), width: usize| {
        let line = format!(
            "{number:>3}  {:width$}  {}",
            step.words(),
            effect(step, &nodes)
        );
        line.trim_end().to_owned()
    };
    lines.extend((1..).zip(once).map(|step| tell(step, widths(once))));
    if behaviour.lasso.is_some() {
        lines.push("     and then, again and again:".to_owned());
        lines.extend(
            (stem + 1..)
                .zip(again)
                .map(|step| tell(step, widths(again))),
        );
    }
    lines
}

/// What a step changes, on one line.
pub(crate) fn effect(step: &Step, nodes: &Nodes) -> String {
    if step.panics {
        return "the model panics".to_owned();
    }
    let told: Vec<_> = notes(step, nodes)
        .iter()
        .map(|note| match note.node {
            Some(node) => format!("{node}: {}", note.lines.join(", ")),
            None => note.lines.join("; "),
        })
        .collect();
    told.join("; ")
}

/// The whole document: what broke, the story, and how to see it again.
pub(crate) fn page(trace: &Trace) -> String {
    let mut text = headline(trace) + "\n\n";
    for line in story(&trace.behaviour) {
        let _ = writeln!(text, "{line}");
    }
    text.push('\n');
    text += &closing(trace);
    text
}

/// What broke, in a sentence.
pub(crate) fn headline(trace: &Trace) -> String {
    let about = &trace.about;
    let (stem, cycle) = trace.behaviour.stem_and_cycle();
    let how = match trace.behaviour.lasso {
        Some(_) => format!("is broken by {stem} steps and a cycle of {cycle}"),
        None => format!("fails after {} states", trace.behaviour.states()),
    };
    let without = about.without.as_ref();
    let without = without.map_or_else(String::new, |without| format!(" without {}", without.rule));
    format!("{} {how}: {}{without}", about.broken.property, about.check)
}

/// The same without the check, for a picture that is not wide.
pub(crate) fn title(trace: &Trace) -> String {
    let whole = headline(trace);
    whole.replacen(&format!(": {}", trace.about.check), "", 1)
}

/// How each assumption was kept, what rule was left out, and how to find it again.
fn closing(trace: &Trace) -> String {
    let mut text = String::new();
    for fair in trace.behaviour.lasso.iter().flat_map(|lasso| &lasso.fair) {
        let _ = writeln!(text, "although   {fair}");
    }
    if let Some(without) = &trace.about.without {
        let _ = writeln!(text, "left out   {}: {}", without.rule, without.says);
        if !without.source.is_empty() {
            let _ = writeln!(text, "source     {}", without.source);
        }
    }
    let _ = writeln!(text, "reproduce  {}", trace.about.reproduce);
    text
}
