import SatchelSync

/// A count that SQLite keeps signed.
///
/// - Throws: ``SatchelError`` `damaged_data` where it is below zero: another program wrote it.
func unsigned(_ stored: Int64, _ what: String) throws(SatchelError) -> UInt64 {
    guard let number = UInt64(exactly: stored) else { throw damaged("\(what) is \(stored)") }
    return number
}

extension ServerSequence {
    /// Reads a sequence as it is stored.
    ///
    /// - Throws: ``SatchelError`` `damaged_data`.
    init(stored: Int64) throws(SatchelError) { self.init(try unsigned(stored, "a sequence")) }
}
