//! What clients asked for, and what they were told, in the order in which it was seen.

/// What became of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate<A> {
    /// It has not returned: it may have happened at any time after its call, may yet happen, or never.
    Open,
    /// It returned at that event, with that answer.
    Returned(usize, A),
    /// At that event it was refused: it has not happened, and never will.
    Refused(usize),
}

/// An operation that a client called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation<O, A> {
    /// Who called it: for people only. A client may have several operations open.
    pub client: u64,
    /// What was asked for.
    pub operation: O,
    /// Which event the call was.
    pub called: usize,
    /// What became of it.
    pub fate: Fate<A>,
}

impl<O, A> Operation<O, A> {
    /// The answer, if there is one.
    pub fn answer(&self) -> Option<&A> {
        match &self.fate {
            Fate::Returned(_, answer) => Some(answer),
            _ => None,
        }
    }

    /// When it returned: never, if it did not.
    pub fn ended(&self) -> usize {
        match self.fate {
            Fate::Returned(at, _) => at,
            _ => usize::MAX,
        }
    }
}

/// Which operation of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub usize);

/// What clients asked for and were told. Events are numbered from 0 on: of what was seen, the order counts, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History<O, A> {
    operations: Vec<Operation<O, A>>,
    events: usize,
}

impl<O, A> Default for History<O, A> {
    fn default() -> Self {
        Self {
            operations: Vec::new(),
            events: 0,
        }
    }
}

impl<O, A> History<O, A> {
    /// Nothing has happened yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A client calls an operation.
    pub fn call(&mut self, client: u64, operation: O) -> CallId {
        let called = self.event();
        self.operations.push(Operation {
            client,
            operation,
            called,
            fate: Fate::Open,
        });
        CallId(self.operations.len() - 1)
    }

    /// The operation returns with that answer.
    ///
    /// # Panics
    /// If it is not open.
    pub fn returned(&mut self, call: CallId, answer: A) {
        let at = self.event();
        self.end(call, Fate::Returned(at, answer));
    }

    /// The operation is refused: it is certain that it has not happened and will not.
    ///
    /// # Panics
    /// If it is not open.
    pub fn refused(&mut self, call: CallId) {
        let at = self.event();
        self.end(call, Fate::Refused(at));
    }

    fn end(&mut self, call: CallId, fate: Fate<A>) {
        assert!(self.is_open(call), "operation {} has ended already", call.0);
        self.operations[call.0].fate = fate;
    }

    fn event(&mut self) -> usize {
        self.events += 1;
        self.events - 1
    }

    /// Whether that operation has not returned, and was not refused.
    ///
    /// # Panics
    /// If there is no such operation.
    pub fn is_open(&self, call: CallId) -> bool {
        matches!(self.operations[call.0].fate, Fate::Open)
    }

    /// The operations, in the order of their calls. A [`CallId`] is a position here.
    pub fn operations(&self) -> &[Operation<O, A>] {
        &self.operations
    }

    /// How many events there are.
    pub fn events(&self) -> usize {
        self.events
    }
}
