//! The calls and returns of one object's operations in the order of time, as a list from which operations are taken out and put back.

/// A doubly linked list of events. Node 0 stands before the first, and the last node behind the last.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    next: Vec<u32>,
    before: Vec<u32>,
    events: Vec<Event>,
    /// For each operation the nodes of its call and of its return.
    nodes: Vec<(u32, u32)>,
}

/// An event of the operation of that number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Call(usize),
    Return(usize),
    /// The list ends here.
    End,
}

impl Timeline {
    /// Of operations that were called, and returned, at these times.
    pub(crate) fn of(operations: &[(usize, usize)]) -> Self {
        let ends = operations.iter().enumerate();
        let mut events: Vec<(usize, Event)> = ends
            .flat_map(|(number, (called, returned))| {
                let (call, end) = (Event::Call(number), Event::Return(number));
                [(*called, call), (*returned, end)]
            })
            .collect();
        events.sort_by_key(|(time, _)| *time);
        let mut nodes = vec![(0, 0); operations.len()];
        for (node, (_, event)) in (1..).zip(&events) {
            match event {
                Event::Call(number) => nodes[*number].0 = node,
                Event::Return(number) => nodes[*number].1 = node,
                Event::End => {}
            }
        }
        let last = events.len() as u32 + 1;
        let inner = events.into_iter().map(|(_, event)| event);
        Self {
            next: (1..=last).chain([last]).collect(),
            before: [0].into_iter().chain(0..last).collect(),
            events: [Event::End]
                .into_iter()
                .chain(inner)
                .chain([Event::End])
                .collect(),
            nodes,
        }
    }

    /// The first event that is in the list, with its node.
    pub(crate) fn first(&self) -> (u32, Event) {
        self.behind(0)
    }

    /// The event behind the call of that operation.
    pub(crate) fn behind_call(&self, operation: usize) -> (u32, Event) {
        self.behind(self.nodes[operation].0)
    }

    /// The event behind that node.
    pub(crate) fn behind(&self, node: u32) -> (u32, Event) {
        let next = self.next[node as usize];
        (next, self.events[next as usize])
    }

    /// The operation that returns first of those that are in the list.
    pub(crate) fn first_return(&self) -> Option<usize> {
        let mut at = self.first();
        loop {
            match at {
                (node, Event::Call(_)) => at = self.behind(node),
                (_, Event::Return(operation)) => return Some(operation),
                (_, Event::End) => return None,
            }
        }
    }

    /// Takes an operation out.
    pub(crate) fn take_out(&mut self, operation: usize) {
        let (call, end) = self.nodes[operation];
        for node in [call, end] {
            let (before, next) = (self.before[node as usize], self.next[node as usize]);
            self.next[before as usize] = next;
            self.before[next as usize] = before;
        }
    }

    /// Puts an operation back, of those that are out the one that was taken out last.
    pub(crate) fn put_back(&mut self, operation: usize) {
        let (call, end) = self.nodes[operation];
        for node in [end, call] {
            let (before, next) = (self.before[node as usize], self.next[node as usize]);
            self.next[before as usize] = node;
            self.before[next as usize] = node;
        }
    }
}
