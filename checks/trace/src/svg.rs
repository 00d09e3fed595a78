//! The picture: lifelines, steps, messages as arrows, and in red the step at which something broke.

use std::fmt::Write;

use crate::diagram::{Arrow, Diagram, Fate, Row};
use crate::document::{Behaviour, Trace};
use crate::event::Happening;
use crate::layout::{ARROW, BOX, LINE, Layout, label, note, notes};
use crate::story::title;
use crate::text::{escape, fit};

/// Above the names of the nodes.
const TOP: f64 = 14.0;
/// For the names of the nodes.
const HEAD: f64 = 44.0;
/// For the title, and for what broke.
const TITLE: f64 = 30.0;

/// How it looks. A picture may stand in a page that has other rules, so that all are below the picture's own class.
const STYLE: &str = include_str!("picture.css");

/// The picture of a trace, with what broke above and below it.
pub(crate) fn svg(trace: &Trace) -> String {
    let broken = &trace.about.broken.property;
    draw(&trace.behaviour, Some(&title(trace)), Some(broken))
}

/// The picture for a page that says above it what broke.
pub(crate) fn within(trace: &Trace) -> String {
    draw(&trace.behaviour, None, Some(&trace.about.broken.property))
}

/// The picture of a behaviour in which nothing is known to have broken.
pub fn picture(behaviour: &Behaviour) -> String {
    draw(behaviour, None, None)
}

fn draw(behaviour: &Behaviour, title: Option<&str>, broken: Option<&str>) -> String {
    let mut diagram = Diagram::of(behaviour);
    for row in &mut diagram.rows {
        row.breaks &= broken.is_some();
    }
    let above = TOP + if title.is_some() { TITLE } else { 0.0 };
    let layout = Layout::of(&diagram, above + HEAD);
    let bottom = layout.rows[diagram.rows.len()] + 8.0;
    let below = if broken.is_some() { TITLE } else { 0.0 };
    let (width, height) = (layout.width, bottom + below);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"trace\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\">\n<style>{STYLE}</style>\n<rect class=\"paper\" width=\"{width:.0}\" height=\"{height:.0}\"/>\n"
    );
    if let Some(title) = title {
        let _ = writeln!(text, "<title>{}</title>", escape(title));
        let shown = fit(title, (width / 8.2) as usize);
        let _ = writeln!(
            text,
            "<text class=\"title\" x=\"16\" y=\"26\">{}</text>",
            escape(&shown)
        );
    }
    let figure = Figure {
        diagram: &diagram,
        layout: &layout,
    };
    text += &figure.bands();
    text += &figure.lifelines(above, bottom);
    text += &figure.again();
    for arrow in &diagram.arrows {
        text += &figure.arrow(arrow);
    }
    for (at, row) in diagram.rows.iter().enumerate() {
        text += &figure.step(at, row);
    }
    if let Some(broken) = broken {
        let verdict = match diagram.again {
            Some(_) => format!("✗ for ever: {broken}"),
            None => format!("✗ {broken}"),
        };
        let shown = fit(&verdict, (width / 8.0) as usize);
        let _ = writeln!(
            text,
            "<text class=\"verdict\" data-step=\"{}\" x=\"16\" y=\"{:.0}\">{}</text>",
            diagram.rows.len(),
            bottom + 16.0,
            escape(&shown)
        );
    }
    text + "</svg>\n"
}

struct Figure<'d> {
    diagram: &'d Diagram,
    layout: &'d Layout,
}

impl Figure<'_> {
    /// A band behind each step, by which a page can mark one; red where something broke.
    fn bands(&self) -> String {
        let mut text = String::new();
        for (at, row) in self.diagram.rows.iter().enumerate() {
            let (top, end) = (self.layout.rows[at], self.layout.rows[at + 1]);
            let class = if row.breaks { "band broken" } else { "band" };
            let _ = writeln!(
                text,
                "<rect class=\"{class}\" data-step=\"{}\" x=\"0\" y=\"{:.0}\" width=\"{:.0}\" height=\"{:.0}\"/>",
                at + 1,
                top - 4.0,
                self.layout.width,
                end - top
            );
        }
        text
    }

    fn lifelines(&self, above: f64, bottom: f64) -> String {
        let mut text = String::new();
        for (lane, name) in self.diagram.lanes.iter().enumerate() {
            let x = self.layout.columns[lane];
            let mut from = above + 26.0;
            // A line for each stretch in which the node is up, or down.
            let mut down = false;
            for at in 0..=self.diagram.rows.len() {
                let ends = at == self.diagram.rows.len();
                if !ends && self.diagram.is_down(lane, at) == down {
                    continue;
                }
                let to = if ends {
                    bottom
                } else {
                    self.layout.box_top(self.diagram, at)
                };
                let class = if down { "life down" } else { "life" };
                let _ = writeln!(
                    text,
                    "<line class=\"{class}\" x1=\"{x:.0}\" y1=\"{from:.0}\" x2=\"{x:.0}\" y2=\"{to:.0}\"/>"
                );
                (from, down) = (to, !down);
            }
            let wide = (name.chars().count() as f64 * 8.5 + 24.0).max(52.0);
            let _ = writeln!(
                text,
                "<rect class=\"head\" x=\"{:.0}\" y=\"{above:.0}\" width=\"{wide:.0}\" height=\"26\" rx=\"6\"/><text class=\"name\" x=\"{x:.0}\" y=\"{:.0}\">{}</text>",
                x - wide / 2.0,
                above + 18.0,
                escape(name)
            );
        }
        text
    }

    /// A bracket beside what happens for ever.
    fn again(&self) -> String {
        let Some(first) = self.diagram.again else {
            return String::new();
        };
        let (top, end) = (
            self.layout.rows[first],
            self.layout.rows[self.diagram.rows.len()] - 8.0,
        );
        format!(
            "<path class=\"again\" d=\"M 14 {top:.0} H 6 V {end:.0} H 14\"/><text class=\"again\" x=\"14\" y=\"{:.0}\">↺ again and again</text>\n",
            end + 10.0
        )
    }

    fn step(&self, at: usize, row: &Row) -> String {
        let number = at + 1;
        let top = self.layout.box_top(self.diagram, at);
        let x = row
            .lane
            .map_or_else(|| self.layout.middle(), |lane| self.layout.columns[lane]);
        let (shown, wide) = label(row);
        let kind = if row.breaks {
            "broken"
        } else {
            class(row.kind)
        };
        let middle = top + BOX / 2.0 + 4.0;
        let mut text = format!(
            "<g class=\"step {kind}\" data-step=\"{number}\"><title>{}</title>",
            escape(&whole(row))
        );
        let _ = write!(
            text,
            "<text class=\"number\" x=\"{:.0}\" y=\"{middle:.0}\">{number}</text><rect class=\"box\" x=\"{:.0}\" y=\"{top:.0}\" width=\"{wide:.0}\" height=\"{BOX:.0}\" rx=\"5\"/><text class=\"label\" x=\"{x:.0}\" y=\"{middle:.0}\">{}</text>",
            self.layout.numbers,
            x - wide / 2.0,
            escape(&shown)
        );
        let lanes = (0..self.diagram.lanes.len()).map(Some);
        // What belongs to no node is told where the actor is; and in the middle, where there is none.
        for lane in lanes.chain(row.lane.is_none().then_some(None)) {
            let x = lane.map_or_else(|| self.layout.middle(), |lane| self.layout.columns[lane]);
            for (nth, line) in notes(row, lane).into_iter().enumerate() {
                let y = top + BOX + LINE * (nth + 1) as f64 - 2.0;
                let _ = write!(
                    text,
                    "<text class=\"note\" x=\"{x:.0}\" y=\"{y:.0}\">{}</text>",
                    escape(&note(line))
                );
            }
        }
        text + "</g>\n"
    }

    fn arrow(&self, arrow: &Arrow) -> String {
        let (from, to) = (
            self.layout.columns[arrow.from.1],
            self.layout.columns[arrow.to.1],
        );
        let row = arrow.to.0;
        let nth = self
            .diagram
            .ending_in(row)
            .position(|other| std::ptr::eq(other, arrow));
        let end = self.layout.rows[row] + ARROW * (nth.unwrap_or(0) + 1) as f64 - 4.0;
        let at_once = arrow.from.0 == row;
        let begin = match at_once {
            true => end,
            false => self.layout.box_top(self.diagram, arrow.from.0) + BOX,
        };
        // What does not arrive ends halfway.
        let reach = if arrow.fate == Fate::Arrives {
            1.0
        } else {
            0.5
        };
        let (tip, tip_y) = (from + (to - from) * reach, begin + (end - begin) * reach);
        let mut text = format!(
            "<g class=\"message {}\" data-step=\"{}\">",
            fate(arrow.fate),
            row + 1
        );
        let _ = write!(text, "<title>{}</title>", escape(&arrow.says));
        if arrow.from.1 == arrow.to.1 {
            let _ = write!(
                text,
                "<text class=\"says itself\" x=\"{:.0}\" y=\"{end:.0}\">↩ {}</text>",
                from + 8.0,
                escape(&fit(&arrow.says, 28))
            );
            return text + "</g>\n";
        }
        let _ = write!(
            text,
            "<line x1=\"{from:.0}\" y1=\"{begin:.0}\" x2=\"{tip:.0}\" y2=\"{tip_y:.0}\"/>{}",
            head(arrow, (from, begin), (tip, tip_y))
        );
        let room = ((to - from).abs() / 6.3) as usize;
        // On a slope the words are near the end, where other messages are not.
        let near = if at_once { 0.5 } else { 0.7 };
        let (x, y) = (
            from + (to - from) * near * reach,
            begin + (end - begin) * near * reach - 4.0,
        );
        let _ = write!(
            text,
            "<text class=\"says\" x=\"{x:.0}\" y=\"{y:.0}\">{}</text>",
            escape(&fit(&arrow.says, room.saturating_sub(2).max(6)))
        );
        text + "</g>\n"
    }
}

/// The head of an arrow, or a mark where it ends.
fn head(arrow: &Arrow, from: (f64, f64), tip: (f64, f64)) -> String {
    if arrow.fate != Fate::Arrives {
        let mark = if arrow.fate == Fate::Lost {
            "✗"
        } else {
            "…"
        };
        return format!(
            "<text class=\"mark\" x=\"{:.0}\" y=\"{:.0}\">{mark}</text>",
            tip.0,
            tip.1 + 5.0
        );
    }
    let (dx, dy) = (tip.0 - from.0, tip.1 - from.1);
    let long = dx.hypot(dy).max(1.0);
    let (ux, uy) = (dx / long, dy / long);
    let corner = |side: f64| {
        let (x, y) = (
            tip.0 - 9.0 * ux - side * 4.0 * uy,
            tip.1 - 9.0 * uy + side * 4.0 * ux,
        );
        format!("{x:.1},{y:.1}")
    };
    format!(
        "<polygon points=\"{:.1},{:.1} {} {}\"/>",
        tip.0,
        tip.1,
        corner(1.0),
        corner(-1.0)
    )
}

/// All that a step says, for whoever points at it.
fn whole(row: &Row) -> String {
    let notes = row.notes.iter().flat_map(|(_, lines)| lines);
    std::iter::once(&row.label)
        .chain(notes)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n")
}

fn class(kind: Happening) -> &'static str {
    match kind {
        Happening::Local => "local",
        Happening::Send => "send",
        Happening::Receive => "receive",
        Happening::Timeout => "timeout",
        Happening::Crash => "crash",
        Happening::Restart => "restart",
        Happening::Lose => "lose",
        Happening::Duplicate => "duplicate",
    }
}

fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Arrives => "arrives",
        Fate::Lost => "lost",
        Fate::InFlight => "flies",
    }
}
