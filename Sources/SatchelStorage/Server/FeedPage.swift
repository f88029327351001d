package import SatchelSync

/// A run of the feed: records past a sequence as they stand in one view, in sequence order, and where it ends.
package struct FeedPage: Sendable {
    /// The records, each once.
    package var records: [StoredRecord] = []
    /// Bytes of the values in them.
    package var byteCount = 0
    /// The last sequence that is wholly in the page.
    package var last: ServerSequence
    /// Whether nothing follows in this view.
    package var isLast = false
    /// The rows on the way whose record has changed since: nobody needs them any more.
    package var stale: [Row] = []

    /// A row of the feed.
    package struct Row: Hashable, Sendable {
        /// Where it stands.
        package let sequence: ServerSequence
        /// The number of its record.
        package let record: Int64
    }
}
