//! What an action is to someone who watches the nodes from outside: who acts, and which messages travel. For diagrams; no engine looks at it.

use std::fmt::{Debug, Display};

/// An action, seen from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its kind.
    pub kind: Happening,
    /// Who acts, if somebody does.
    pub actor: Option<String>,
    /// The messages that the actor takes.
    pub receives: Vec<Mail>,
    /// The messages that the actor sends; the one that is lost or repeated, if that is what happens.
    pub sends: Vec<Mail>,
}

/// A kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// Something within a node.
    Local,
    /// A node sends.
    Send,
    /// A node receives, and may answer.
    Receive,
    /// An alarm goes off.
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The other end; `None` if everyone may read it, or if nobody knows who sent it.
    pub peer: Option<String>,
    /// What it says. An arrow goes from where it is sent to where the same is received; where nobody sent it, both happen at once.
    pub says: String,
}

impl Event {
    /// Something that nobody does by itself.
    pub fn of_nobody() -> Self {
        Self {
            kind: Happening::Local,
            actor: None,
            receives: Vec::new(),
            sends: Vec::new(),
        }
    }

    /// Something that `actor` does. Nodes have names as they print; others are `format_args!("coordinator")`.
    pub fn of(actor: impl Debug) -> Self {
        Self {
            actor: Some(format!("{actor:?}")),
            ..Self::of_nobody()
        }
    }

    /// The same as something else than what the messages make of it.
    pub fn as_kind(self, kind: Happening) -> Self {
        Self { kind, ..self }
    }

    /// The same, with a message that the actor takes.
    pub fn receives(mut self, from: impl Debug, says: impl Display) -> Self {
        if matches!(self.kind, Happening::Local | Happening::Send) {
            self.kind = Happening::Receive;
        }
        self.receives.push(mail(Some(&from), says));
        self
    }

    /// The same, with a message that the actor takes, whoever sent it.
    pub fn receives_from_any(mut self, says: impl Display) -> Self {
        if matches!(self.kind, Happening::Local | Happening::Send) {
            self.kind = Happening::Receive;
        }
        self.receives.push(mail(None, says));
        self
    }

    /// The same, with a message that the actor sends.
    pub fn sends(self, to: impl Debug, says: impl Display) -> Self {
        self.sending(mail(Some(&to), says))
    }

    /// The same, with a message that the actor sends to everyone.
    pub fn sends_to_all(self, says: impl Display) -> Self {
        self.sending(mail(None, says))
    }

    fn sending(mut self, mail: Mail) -> Self {
        if self.kind == Happening::Local {
            self.kind = Happening::Send;
        }
        self.sends.push(mail);
        self
    }

    /// What the printed form of an action lets one guess: the first node among its arguments acts; `n1→n2 …` is a message; names such as `Crash`, `Timeout`
    /// and `DropMessage` speak for themselves.
    pub fn guess(action: &impl Debug) -> Self {
        let text = format!("{action:?}");
        let (name, arguments) = text.split_once('(').unwrap_or((&text, ""));
        let kind = kind(name);
        if let Some((from, to, says)) = message(arguments) {
            let lost = matches!(kind, Happening::Lose | Happening::Duplicate);
            return match lost {
                true => Self::of(format_args!("{from}"))
                    .as_kind(kind)
                    .sends(format_args!("{to}"), says),
                false => Self::of(format_args!("{to}")).receives(format_args!("{from}"), says),
            };
        }
        let words = arguments.split(|c: char| !c.is_ascii_alphanumeric());
        let actor = words.into_iter().find(|word| is_node(word));
        Self {
            kind,
            actor: actor.map(str::to_owned),
            ..Self::of_nobody()
        }
    }
}

fn mail(peer: Option<&dyn Debug>, says: impl Display) -> Mail {
    Mail {
        peer: peer.map(|peer| format!("{peer:?}")),
        says: says.to_string(),
    }
}

fn kind(name: &str) -> Happening {
    let begins = |beginnings: &[&str]| beginnings.iter().any(|b| name.starts_with(b));
    if begins(&["Crash", "Fail"]) || name.ends_with("Dies") {
        Happening::Crash
    } else if begins(&["Restart", "Recover"]) {
        Happening::Restart
    } else if begins(&["Timeout", "TimeOut", "Elapse"]) {
        Happening::Timeout
    } else if begins(&["Drop", "Lose"]) {
        Happening::Lose
    } else if begins(&["Duplicate"]) {
        Happening::Duplicate
    } else {
        Happening::Local
    }
}

/// Sender, receiver and what is said, of `n1→n2@2 Granted)`.
fn message(arguments: &str) -> Option<(&str, &str, &str)> {
    let (from, rest) = arguments.split_once('→')?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric())?;
    let (to, says) = rest.split_at(end);
    let says = says.strip_suffix(')').unwrap_or(says);
    (is_node(from) && is_node(to)).then_some((from, to, says.trim()))
}

/// Nodes print as one of these letters with a number, or as the coordinator. Other things that are numbered (values, keys, slots) do not act.
fn is_node(word: &str) -> bool {
    let numbered = |kind: &str| {
        let number = word.strip_prefix(kind);
        number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    word == "coordinator" || ["n", "a", "p", "rm"].into_iter().any(numbered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(text: &str) -> Event {
        Event::guess(&format_args!("{text}"))
    }

    #[test]
    fn the_first_node_acts() {
        assert_eq!(
            guessed("BecomeLeader(n1, {n1, n2})"),
            Event::of(format_args!("n1"))
        );
        assert_eq!(guessed("Execute(a2, s1, c1)").actor.as_deref(), Some("a2"));
        assert_eq!(guessed("Crash(coordinator)").kind, Happening::Crash);
        assert_eq!(guessed("Choose(v1)"), Event::of_nobody());
        assert_eq!(guessed("ManagerTells"), Event::of_nobody());
    }

    #[test]
    fn messages_travel() {
        let arrives = guessed("HandleReply(n2→n1@1 Accepted(1))");
        let expected = Event::of(format_args!("n1")).receives(format_args!("n2"), "@1 Accepted(1)");
        assert_eq!(arrives, expected);
        let lost = guessed("DropMessage(n2→n1@1 Granted)");
        assert_eq!(
            (lost.kind, lost.actor.as_deref()),
            (Happening::Lose, Some("n2"))
        );
        assert_eq!(lost.sends, [mail(Some(&format_args!("n1")), "@1 Granted")]);
    }
}
