//! The state machine of a host: registers, and, where hosts keep sessions, what was answered to whom.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use concur_linearizability::specs::Register;
use serde::{Deserialize, Serialize};

use crate::world::{Order, Ticket, Told};

/// What a cluster agrees on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Command {
    pub(crate) ticket: Ticket,
    pub(crate) order: Order,
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {:?}", self.ticket, self.order)
    }
}

impl concur_cores::Command for Command {
    fn bytes(&self) -> usize {
        16
    }
}

/// What a host has applied.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Replica {
    /// Up to where.
    pub(crate) applied: u64,
    registers: BTreeMap<char, u64>,
    sessions: BTreeMap<Ticket, Told>,
}

impl Replica {
    /// Carries out a command; with sessions none twice (Ongaro's thesis, §6.3).
    pub(crate) fn apply(&mut self, command: &Command, sessions: bool) -> Told {
        if let (true, Some(told)) = (sessions, self.sessions.get(&command.ticket)) {
            return told.clone();
        }
        let key = command.order.key;
        let held = self.registers.get(&key).copied();
        let (after, told) = Register::default().serve(&held, &command.order.operation);
        if let Some(after) = after {
            self.registers.insert(key, after);
        }
        self.sessions.insert(command.ticket, told.clone());
        told
    }

    /// What a register holds here, now.
    pub(crate) fn read(&self, key: char) -> Told {
        Told::Value(self.registers.get(&key).copied())
    }

    /// As a snapshot.
    pub(crate) fn encode(&self) -> Arc<[u8]> {
        serde_json::to_vec(self).expect("it is plain").into()
    }

    /// From a snapshot; what is none, as a core without a guard may give it, is an empty one.
    pub(crate) fn decode(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }
}
