//! What a step is to someone who watches the nodes from outside: who acts, and which messages travel.

use serde::{Deserialize, Serialize};

/// What a step is, seen from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The kind.
    pub kind: Happening,
    /// Who acts; absent if nobody does by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The messages that the actor takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receives: Vec<Mail>,
    /// The messages that the actor sends; that are lost or repeated, if that is what happens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sends: Vec<Mail>,
}

/// A kind of event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Happening {
    /// Something within a node.
    #[default]
    Local,
    /// A node sends.
    Send,
    /// A node receives, and may answer.
    Receive,
    /// An alarm of a node goes off.
    Timeout,
    /// A node stops.
    Crash,
    /// A node comes back.
    Restart,
    /// The network loses a message.
    Lose,
    /// The network repeats a message.
    Duplicate,
}

/// One end of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The other end; absent if everyone may read what is sent, or if nobody knows who sent what is received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// What it says. Where it is sent and where it is received it says the same.
    pub says: String,
}

impl Happening {
    /// A mark for people, where there is something to mark.
    pub(crate) fn mark(self) -> &'static str {
        match self {
            Self::Local | Self::Send | Self::Receive => "",
            Self::Timeout => "◷ ",
            Self::Crash => "† ",
            Self::Restart => "↻ ",
            Self::Lose => "✗ ",
            Self::Duplicate => "⧉ ",
        }
    }
}
