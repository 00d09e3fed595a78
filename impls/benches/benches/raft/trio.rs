//! What each side is asked to do: three servers replicate batches of commands.

/// A command.
pub(crate) type Command = [u8; 16];

/// Three servers, one of which leads.
pub(crate) trait Trio {
    /// With an elected leader; the batches will have that size.
    fn elected(batch: usize) -> Self;
    /// Replicates these commands, and delivers all messages.
    fn replicate(&mut self, commands: Vec<Command>);
    /// Tells all servers what is committed, and gives, for each, how many commands it has applied and the sum of their first bytes.
    fn finish(&mut self) -> [(usize, u64); 3];
}

/// Replicates that many commands, batch by batch.
pub(crate) fn run<T: Trio>(trio: &mut T, commands: usize, batch: usize) -> [(usize, u64); 3] {
    for number in 0..commands / batch {
        trio.replicate(vec![[number as u8; 16]; batch]);
    }
    trio.finish()
}

/// That all servers have applied all of them.
pub(crate) fn check(commands: usize, batch: usize, applied: [(usize, u64); 3]) {
    let count = commands / batch * batch;
    let sum = (0..commands / batch).map(|number| u64::from(number as u8) * batch as u64);
    assert_eq!(applied, [(count, sum.sum()); 3]);
}
