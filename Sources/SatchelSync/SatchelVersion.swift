/// The version of the whole: the three programs, the libraries and the protocol documents move together.
package enum SatchelVersion {
    /// As `--version` prints it (Semantic Versioning 2.0.0).
    package static let current = "0.1.0"
}
