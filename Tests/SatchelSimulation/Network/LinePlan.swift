/// What the line does to one exchange; what is left out goes well.
package struct LinePlan: Codable, Hashable, Sendable {
    /// Milliseconds until the request is at the server.
    package var requestDelay: Int64?
    /// The request never arrives.
    package var losesRequest: Bool?
    /// The same bytes arrive again so many milliseconds later.
    package var duplicateAfter: Int64?
    /// Of a request that arrives twice the device hears the second answer.
    package var hearsSecond: Bool?
    /// The same bytes arrive once more so many milliseconds later, when nobody listens any more.
    package var replayAfter: Int64?
    /// Milliseconds until each frame of the reply is at the device.
    package var frameDelay: Int64?
    /// The connection is closed after so many frames.
    package var cutAfter: Int?
    /// After so many frames nothing comes any more, and the device waits until it gives up.
    package var stallAfter: Int?
    /// A proxy answers in the server's place, with a page of its own, and the request gets through all the same.
    package var isAnsweredByProxy: Bool?
    /// Records in a page of the reply.
    package var recordsPerPage: Int?

    package init() {}

    /// The same line, in order.
    var withoutFaults: LinePlan {
        var plan = LinePlan()
        plan.recordsPerPage = recordsPerPage
        return plan
    }
}
