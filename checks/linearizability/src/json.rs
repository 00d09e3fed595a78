//! Histories as text, one JSON document a line, so that they can be recorded by anything and judged here.
//!
//! The order of the lines is the order of time: a line must be written before an operation is sent, and after its answer has arrived. There are three kinds:
//!
//! ```json
//! {"event": "call", "id": 1, "client": 7, "operation": {"put": 5}}
//! {"event": "return", "id": 1, "answer": "done"}
//! {"event": "refused", "id": 1}
//! ```
//!
//! - `id` is any number that no other call of the history has.
//! - `client` is for people only: who calls.
//! - `operation` and `answer` are the specification's. Those of a register ([`specs::Ask`](crate::specs::Ask), [`specs::Answer`](crate::specs::Answer)) are `"get"`,
//!   `{"put": 5}`, `{"cas": {"from": null, "to": 5}}`, `{"append": 5}`, and `{"value": 5}`, `"done"`, `{"swapped": true}`;
//!   of an operation on one of many keys ([`specs::At`](crate::specs::At)) `{"key": "a", "operation": "get"}`.
//! - A call without a `return` never returned: it timed out, or the client is gone. It may have happened, or not.
//! - `refused` says that it is certain that the operation has not happened and will not.
//! - Empty lines, and lines that begin with `#`, are skipped.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{CallId, Fate, History};

/// One line.
#[derive(Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
enum Line<O, A> {
    Call { id: u64, client: u64, operation: O },
    Return { id: u64, answer: A },
    Refused { id: u64 },
}

/// Why a text is no history.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It cannot be read.
    #[error("line {line}: {source}")]
    Io {
        /// The line, from 1 on.
        line: usize,
        /// Why.
        source: io::Error,
    },
    /// A line is not one of the documents above.
    #[error("line {line}: {source}, in {text}")]
    Malformed {
        /// The line, from 1 on.
        line: usize,
        /// What the parser says.
        source: serde_json::Error,
        /// The beginning of what the line says.
        text: String,
    },
    /// A line says what cannot be after the lines before it.
    #[error("line {line}: {what} {id}{}", earlier(*.since))]
    Impossible {
        /// The line, from 1 on.
        line: usize,
        /// What it does.
        what: &'static str,
        /// Of which operation.
        id: u64,
        /// The line that makes it impossible, if there is one.
        since: Option<usize>,
    },
}

fn earlier(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(" (line {line})"))
}

/// Reads a history.
///
/// # Errors
/// If the text cannot be read, or a line of it is malformed or contradicts an earlier one.
pub fn read<O: DeserializeOwned, A: DeserializeOwned>(
    text: impl BufRead,
) -> Result<History<O, A>, ReadError> {
    let mut reader = Reader {
        history: History::new(),
        calls: BTreeMap::new(),
    };
    for (text, line) in text.lines().zip(1..) {
        let text = text.map_err(|source| ReadError::Io { line, source })?;
        let text = text.trim();
        if !text.is_empty() && !text.starts_with('#') {
            reader.line(line, text)?;
        }
    }
    Ok(reader.history)
}

struct Reader<O, A> {
    history: History<O, A>,
    /// By number: the call, its line, and the line at which it ended.
    calls: BTreeMap<u64, (CallId, usize, Option<usize>)>,
}

impl<O: DeserializeOwned, A: DeserializeOwned> Reader<O, A> {
    fn line(&mut self, line: usize, text: &str) -> Result<(), ReadError> {
        let parsed = serde_json::from_str(text).map_err(|source| ReadError::Malformed {
            line,
            source,
            text: text.chars().take(80).collect(),
        })?;
        match parsed {
            Line::Call {
                id,
                client,
                operation,
            } => self.call(line, id, client, operation),
            Line::Return { id, answer } => {
                let call = self.end(line, id)?;
                self.history.returned(call, answer);
                Ok(())
            }
            Line::Refused { id } => {
                let call = self.end(line, id)?;
                self.history.refused(call);
                Ok(())
            }
        }
    }

    fn call(&mut self, line: usize, id: u64, client: u64, operation: O) -> Result<(), ReadError> {
        if let Some((_, since, _)) = self.calls.get(&id) {
            return Err(ReadError::Impossible {
                line,
                what: "there is a call already with the number",
                id,
                since: Some(*since),
            });
        }
        let call = self.history.call(client, operation);
        self.calls.insert(id, (call, line, None));
        Ok(())
    }

    fn end(&mut self, line: usize, id: u64) -> Result<CallId, ReadError> {
        let (what, since) = match self.calls.get_mut(&id) {
            None => ("there is no call with the number", None),
            Some((_, _, Some(since))) => (
                "it has ended already, the call with the number",
                Some(*since),
            ),
            Some((call, _, end)) => {
                *end = Some(line);
                return Ok(*call);
            }
        };
        Err(ReadError::Impossible {
            line,
            what,
            id,
            since,
        })
    }
}

/// Writes a history, so that [`read`] gives the same again.
///
/// # Errors
/// If it cannot be written, or an operation or answer cannot be put into JSON.
pub fn write<O: Serialize, A: Serialize>(
    history: &History<O, A>,
    mut to: impl Write,
) -> io::Result<()> {
    let mut lines: BTreeMap<usize, Line<&O, &A>> = BTreeMap::new();
    for (id, operation) in (0..).zip(history.operations()) {
        let call = Line::Call {
            id,
            client: operation.client,
            operation: &operation.operation,
        };
        lines.insert(operation.called, call);
        match &operation.fate {
            Fate::Open => None,
            Fate::Returned(at, answer) => lines.insert(*at, Line::Return { id, answer }),
            Fate::Refused(at) => lines.insert(*at, Line::Refused { id }),
        };
    }
    for line in lines.values() {
        serde_json::to_writer(&mut to, line)?;
        writeln!(to)?;
    }
    Ok(())
}
