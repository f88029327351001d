import GRDB

/// What the one connection that writes keeps from transaction to transaction: the actors it met, and its statements.
///
/// Only closures that run on that connection's queue use it, one at a time.
final class WriterDesk: @unchecked Sendable {
    let actors = ActorTable()
    private var shelf: StatementShelf?

    /// The connection's statements.
    func shelf(of db: Database) -> StatementShelf {
        if let shelf { return shelf }
        let made = StatementShelf(db)
        shelf = made
        return made
    }

    /// Ends the statements, as SQLite wants it before the connection closes.
    func clear() {
        shelf = nil
        actors.reset()
    }
}
