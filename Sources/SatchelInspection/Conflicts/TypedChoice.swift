/// What shall stand after a conflict, as people type it.
package enum TypedChoice: Hashable, Sendable {
    /// The value with this number in the report.
    case take(Int)
    /// Another value.
    case value(String)
    /// The record lives.
    case keep
    /// The record goes.
    case delete
}
