//! The page: the picture, a slider over the steps, and the state of each node with what changed. One file; it needs nothing else, and shows all states where scripts do not run.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::document::{Behaviour, Trace};
use crate::nodes::Nodes;
use crate::svg::within;
use crate::text::escape;
use crate::value::Value;

/// The page.
pub(crate) fn html(trace: &Trace) -> String {
    let about = &trace.about;
    let last = trace.behaviour.steps.len();
    format!(
        include_str!("page.html"),
        style = include_str!("page.css"),
        script = include_str!("page.js"),
        property = escape(&about.broken.property),
        lead = lead(trace),
        last = last,
        picture = within(trace),
        states = states(&trace.behaviour),
        facts = facts(trace),
    )
}

/// One paragraph: what was checked, and what came of it.
fn lead(trace: &Trace) -> String {
    let about = &trace.about;
    let (stem, cycle) = trace.behaviour.stem_and_cycle();
    let how = match &trace.behaviour.lasso {
        Some(_) => format!("is broken: {stem} steps, and then {cycle} again and again"),
        None => format!("fails after {} states", trace.behaviour.states()),
    };
    let without = about.without.as_ref().map_or_else(String::new, |without| {
        format!(
            " without the rule <b>{}</b>: <q>{}</q> <cite>{}</cite>",
            escape(&without.rule),
            escape(&without.says),
            escape(&without.source)
        )
    });
    format!("<b>{}</b> {how}{without}", escape(&about.broken.property))
}

/// What else there is to know.
fn facts(trace: &Trace) -> String {
    let about = &trace.about;
    let mut facts = vec![
        ("check", about.check.clone()),
        ("claim", about.claim.clone()),
        ("source", about.source.clone()),
    ];
    let parameters = about
        .parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    facts.push(("size", parameters.collect::<Vec<_>>().join(", ")));
    let fair = trace.behaviour.lasso.iter().flat_map(|lasso| &lasso.fair);
    facts.extend(fair.map(|fair| ("although", fair.clone())));
    facts.push(("reproduce", about.reproduce.clone()));
    let mut text = String::new();
    for (name, fact) in facts {
        let fact = match name {
            "reproduce" => format!("<code>{}</code>", escape(&fact)),
            _ => escape(&fact),
        };
        let _ = writeln!(text, "<dt>{name}</dt><dd>{fact}</dd>");
    }
    text
}

/// A section for each state.
fn states(behaviour: &Behaviour) -> String {
    let nodes = Nodes::of(behaviour);
    let every = behaviour.each_state();
    let changing: BTreeSet<&[String]> = behaviour
        .steps
        .iter()
        .flat_map(|step| step.changes.iter().map(|change| change.at.as_slice()))
        .collect();
    let mut text = String::new();
    for (number, state) in every.iter().enumerate() {
        let step = number.checked_sub(1).map(|at| &behaviour.steps[at]);
        let action = step.map_or("the beginning", |step| step.words());
        let actor = step.and_then(|step| step.event.actor.as_deref());
        let mut shown = Vec::new();
        leaves(state, &mut Vec::new(), &mut shown);
        let mut cards: Vec<(Option<&str>, String)> = nodes
            .names()
            .iter()
            .map(|n| (Some(n.as_str()), String::new()))
            .collect();
        cards.push((None, String::new()));
        for (path, value) in shown {
            // The name of a type says nothing, unless the type is what changes.
            let is_head = path.last().is_some_and(String::is_empty);
            let name = value.to_string().chars().all(char::is_alphanumeric);
            if is_head && name && !changing.contains(path.as_slice()) {
                continue;
            }
            let changed = step.and_then(|step| {
                step.changes
                    .iter()
                    .find(|change| path.starts_with(&change.at))
            });
            let before = changed
                .filter(|change| change.at == path)
                .and_then(|change| change.from.as_ref());
            let place = nodes.place(&path, actor.filter(|_| changed.is_some()));
            if let Some((_, card)) = cards.iter_mut().find(|(node, _)| *node == place.node) {
                *card += &line(&place.variable, value, changed.is_some(), before);
            }
        }
        let _ = writeln!(
            text,
            "<section class=\"state\" data-step=\"{number}\"><h2><span>{number}</span> {}</h2>\n<div class=\"cards\">",
            escape(action)
        );
        for (node, lines) in cards.iter().filter(|(_, lines)| !lines.is_empty()) {
            let acts = if node.is_some() && *node == actor {
                " acts"
            } else {
                ""
            };
            let _ = writeln!(
                text,
                "<div class=\"card{acts}\"><h3>{}</h3><dl>{lines}</dl></div>",
                escape(node.unwrap_or("beside them"))
            );
        }
        text += "</div></section>\n";
    }
    text
}

/// A variable, what it was if it has changed, and what it is.
fn line(variable: &str, value: &Value, changed: bool, before: Option<&Value>) -> String {
    let class = if changed { " class=\"changed\"" } else { "" };
    let was = before.map_or_else(String::new, |before| {
        format!("<s>{}</s> ", escape(&before.to_string()))
    });
    let variable = if variable.is_empty() { "is" } else { variable };
    format!(
        "<div{class}><dt>{}</dt><dd>{was}{}</dd></div>",
        escape(variable),
        escape(&value.to_string())
    )
}

/// The parts that have no parts, each by its path.
fn leaves<'v>(value: &'v Value, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, &'v Value)>) {
    if !matches!(value, Value::Fields(_)) {
        found.push((path.clone(), value));
    }
    for (name, part) in value.fields() {
        path.push(name.clone());
        leaves(part, path, found);
        path.pop();
    }
}
