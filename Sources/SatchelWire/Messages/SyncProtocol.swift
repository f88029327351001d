import SatchelSync

/// The exchange as this program speaks it.
package enum SyncProtocol {
    /// The version that this program writes, and the newest it reads.
    ///
    /// A field that version 1 does not know makes a body malformed, so a new field comes with a new version.
    package static let version: UInt32 = 1
    /// The header field that binds an answer to its request: a server says again what the request said.
    package static let bindingHeader = "Satchel-Request"
    /// The header field in which a device says how many bytes a reply's body is to have at most, about.
    package static let replyBytesHeader = "Satchel-Reply-Bytes"
    /// Characters that a binding has at most.
    package static let bindingLengthMax = 64
}

/// What is accepted from a wire beside the limits of SatchelSync, which are about content.
///
/// These are about form: what a body may cost to read, before anything is made of it.
package enum WireLimits {
    /// Bytes of a fork token.
    package static let forkTokenBytesMax = 64
    /// Bytes of the proof of a checkpoint.
    package static let proofBytesMax = 64
    /// Former lines of a device in one request.
    package static let linesMax = 1_000
    /// Bytes of a digest, exactly.
    package static let digestBytes = 32
    /// Bytes of one frame, inflated: a page ends after ``Limits/pageBytesMax``, but its last record may be large.
    package static let frameBytesMax = Limits.inflatedBytesMax
    /// Bytes of an enrolment.
    package static let enrolRequestBytesMax = 4 * 1024
    /// Bytes of a problem document.
    package static let problemBytesMax = 64 * 1024
    /// Messages and texts in one body or frame, so that two bytes from outside never cost hundreds here.
    ///
    /// A change-set of 1,000 records with 256 fields each stays below it.
    package static let elementsMax = 1_000_000
    /// Nested objects and lists in a JSON body.
    package static let jsonDepthMax = 32
}
