//! Counterexamples as documents, and the views that show them. Nothing here knows a model, a check or an engine, so that it compiles in seconds.
//!
//! A [`Trace`] says what was checked, what broke, and how: the initial state as a [`Value`], and steps, each with its [`Event`] and with what it
//! changes. [`Trace::read`] and [`Trace::write`] are its JSON form, which `TRACE.md` describes. A [`View`] turns it into text, a diagram or a page.

mod change;
mod diagram;
mod document;
mod event;
mod html;
mod layout;
mod mermaid;
mod nodes;
mod parse;
mod sequence;
mod shiviz;
mod story;
mod svg;
mod table;
mod text;
mod value;
mod view;

pub use change::{Change, changes};
pub use document::{About, Behaviour, Broken, BrokenKind, Lasso, ReadError, Step, Trace, Without};
pub use event::{Event, Happening, Mail};
pub use story::story;
pub use svg::picture;
pub use value::Value;
pub use view::View;
