//! The page in a headless browser: its slider shows one state at a time.

mod chromium;

use std::fs;
use std::path::PathBuf;

use concur_trace::{Trace, View};

/// The page of Figure 8, in a file, with a script behind it.
fn page(name: &str, script: &str) -> PathBuf {
    let trace = Trace::read(include_str!("traces/figure-8.json")).expect("it is a trace");
    let page = View::Html.show(&trace);
    let script = format!("<script>{script}</script></body>");
    let file = std::env::temp_dir().join(format!("concur-page-{}-{name}.html", std::process::id()));
    fs::write(&file, page.replace("</body>", &script)).expect("there is room for a page");
    file
}

fn url(file: &std::path::Path) -> String {
    format!("file://{}", file.display())
}

/// The numbers of the sections that are shown.
fn shown(dom: &str) -> Vec<&str> {
    let sections = dom
        .split("<section class=\"state now\" data-step=\"")
        .skip(1);
    sections
        .filter_map(|section| section.split('"').next())
        .collect()
}

#[test]
fn the_slider_shows_one_state_at_a_time() {
    let moved = "const s = document.getElementById('slider'); s.value = 3; s.dispatchEvent(new Event('input'));";
    for (name, script, step) in [
        ("end", "", "8"),
        ("slider", moved, "3"),
        ("back", "document.getElementById('back').click();", "7"),
        ("first", "document.getElementById('first').click();", "0"),
        (
            "click",
            "document.querySelector('g.step[data-step=\"5\"]').dispatchEvent(new MouseEvent('click', {bubbles: true}));",
            "5",
        ),
    ] {
        let file = page(name, script);
        let Some(dom) = chromium::dom(&url(&file)) else {
            return;
        };
        fs::remove_file(file).expect("it was written");
        assert_eq!(shown(&dom), [step], "{name}");
        assert!(dom.contains(&format!("step {step} of 8")), "{name}");
    }
}

#[test]
fn another_step_is_another_picture() {
    let file = page("picture", "");
    let picture = |step: u32| {
        let png = chromium::kept(&format!("page-{step}.png"));
        chromium::screenshot(&format!("{}#{step}", url(&file)), &png, (1200, 900))
    };
    let (Some(second), Some(last)) = (picture(2), picture(8)) else {
        return;
    };
    assert!(second.starts_with(b"\x89PNG") && last.starts_with(b"\x89PNG"));
    assert!(second != last, "the slider changes nothing that one sees");
    assert!(
        last.len() > 20_000,
        "{} bytes are no picture of this",
        last.len()
    );
    fs::remove_file(file).expect("it was written");
}
