//! Each view of a few traces, as snapshots; and what is no trace.

use std::error::Error;

use concur_trace::{ReadError, Trace, View};

const TRACES: &[(&str, &str)] = &[
    ("two_phase", include_str!("traces/two-phase.json")),
    ("figure_8", include_str!("traces/figure-8.json")),
    ("raft", include_str!("traces/raft.json")),
    ("lasso", include_str!("traces/lasso.json")),
];

fn trace(name: &str) -> Trace {
    let (_, text) = TRACES
        .iter()
        .find(|(known, _)| *known == name)
        .expect("it is there");
    Trace::read(text).expect("it is a trace")
}

fn snapshots(view: View, name: &str) {
    for (trace_name, _) in TRACES {
        let shown = view.show(&trace(trace_name));
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(format!("{trace_name}_{name}"), shown);
        });
    }
}

#[test]
fn stories() {
    snapshots(View::Story, "story");
}

#[test]
fn sequences() {
    snapshots(View::Sequence, "sequence");
}

#[test]
fn tables() {
    snapshots(View::Table, "table");
}

#[test]
fn mermaid_diagrams() {
    snapshots(View::Mermaid, "mermaid");
}

#[test]
fn shiviz_logs() {
    snapshots(View::Shiviz, "shiviz");
}

#[test]
fn pictures_and_pages() {
    for view in [View::Svg, View::Html] {
        let shown = view.show(&trace("two_phase"));
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(format!("two_phase_{view:?}").to_lowercase(), shown);
        });
    }
}

#[test]
fn what_is_written_can_be_read() {
    for (name, text) in TRACES {
        assert_eq!(trace(name).write(), *text, "{name}");
    }
}

#[test]
fn every_tag_that_opens_closes() {
    for (name, _) in TRACES {
        let svg = View::Svg.show(&trace(name));
        for tag in ["g", "text", "svg", "style", "title"] {
            let opens =
                svg.matches(&format!("<{tag} ")).count() + svg.matches(&format!("<{tag}>")).count();
            assert_eq!(
                opens,
                svg.matches(&format!("</{tag}>")).count(),
                "{name}: {tag}"
            );
        }
    }
}

#[test]
fn names_cannot_break_a_page() {
    let mut trace = trace("two_phase");
    trace.about.broken.property = "</title><script>alert('x')</script>".to_owned();
    trace.behaviour.steps[0].action = "A<b>&\"'".to_owned();
    for view in [View::Svg, View::Html] {
        let shown = view.show(&trace);
        assert!(
            !shown.contains("<script>alert") && !shown.contains("A<b>"),
            "{view:?}"
        );
        assert!(shown.contains("A&lt;b&gt;&amp;&quot;&#39;"), "{view:?}");
    }
}

#[test]
fn a_page_needs_nothing_else() {
    let page = View::Html.show(&trace("figure_8"));
    for outside in ["src=", "href=", "url(", "@import", "http://", "https://"] {
        let text = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!text.contains(outside), "{outside}");
    }
}

#[test]
fn what_is_no_trace_is_refused_with_a_reason() {
    let good = TRACES[0].1;
    let refused = |text: &str| Trace::read(text).expect_err("it is no trace");
    assert!(matches!(refused("garbage"), ReadError::Malformed(_)));
    assert!(matches!(refused("{}"), ReadError::Malformed(_)));
    assert!(matches!(refused("[1, 2]"), ReadError::Malformed(_)));
    let other = refused(&good.replace("concur.trace", "concur.check"));
    assert!(matches!(other, ReadError::OtherSchema(schema) if schema == "concur.check"));
    let newer = refused(&good.replace("\"version\": 1", "\"version\": 2"));
    assert!(matches!(newer, ReadError::OtherVersion(2)));
    let cut = &good[..good.len() / 2];
    assert!(matches!(refused(cut), ReadError::Malformed(_)));
}

#[test]
fn what_the_parser_says_is_said_once() {
    let error = Trace::read("garbage").expect_err("it is no trace");
    assert_eq!(error.to_string(), "this is no trace");
    let cause = error.source().expect("the parser says why");
    assert!(cause.to_string().starts_with("expected value"), "{cause}");
}

#[test]
fn a_trace_that_contradicts_itself_is_refused() {
    let mut unfounded = trace("two_phase");
    unfounded.behaviour.steps.remove(0);
    unfounded
        .behaviour
        .steps
        .insert(0, unfounded.behaviour.steps[0].clone());
    let error = Trace::read(&unfounded.write()).expect_err("a step changes what is not there");
    assert!(error.to_string().contains("step 2"), "{error}");
    let mut endless = trace("lasso");
    endless.behaviour.lasso.as_mut().expect("it is one").stem = 99;
    let error = Trace::read(&endless.write()).expect_err("it has no cycle");
    assert!(error.to_string().contains("no step"), "{error}");
    let mut open = trace("lasso");
    open.behaviour.lasso.as_mut().expect("it is one").stem = 0;
    let error = Trace::read(&open.write()).expect_err("it is not closed");
    assert!(error.to_string().contains("where it begins"), "{error}");
}

#[test]
fn file_names_are_plain() {
    for (name, _) in TRACES {
        let file = trace(name).file_name();
        let plain = |c: char| c.is_ascii_alphanumeric() || "=,.-_".contains(c);
        assert!(file.ends_with(".json") && file.chars().all(plain), "{file}");
    }
}
