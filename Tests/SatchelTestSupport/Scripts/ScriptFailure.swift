/// A script did what its runner does not know, or what no script may do.
package struct ScriptFailure: Error, CustomStringConvertible {
    /// What that is.
    package let description: String
    /// Whether the runner leaves such scripts out.
    package private(set) var isUnsupported = false

    package init(_ description: String) { self.description = description }

    /// What this runner leaves out.
    package static func unsupported(_ reason: String) -> ScriptFailure {
        var failure = ScriptFailure(reason)
        failure.isUnsupported = true
        return failure
    }
}
