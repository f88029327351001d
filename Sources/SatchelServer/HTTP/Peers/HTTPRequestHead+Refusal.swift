import NIOHTTP1

extension HTTPRequestHead {
    /// Why this head is not taken; `nil` where it is.
    ///
    /// What can be read in two ways is refused: a proxy in front may have read it in the other one.
    func refusal(_ limits: PeerLimits) -> Refusal? {
        sizeRefusal(limits) ?? framingRefusal(limits)
    }

    /// Whether nothing that follows on this connection is a request of ours any more.
    var isLast: Bool { !isKeepAlive || method == .CONNECT || headers.contains(name: "upgrade") }

    private func sizeRefusal(_ limits: PeerLimits) -> Refusal? {
        guard uri.utf8.count <= limits.targetBytesMax else { return .longTarget(limits.targetBytesMax) }
        guard headers.count <= limits.headerFieldsMax else { return .largeHead(limits) }
        var total = 0
        for (name, value) in headers {
            let size = name.utf8.count + value.utf8.count
            guard size <= limits.headerFieldBytesMax else { return .largeHead(limits) }
            total += size
        }
        return total <= limits.headerBytesMax ? nil : .largeHead(limits)
    }

    private func framingRefusal(_ limits: PeerLimits) -> Refusal? {
        let hosts = headers["host"]
        guard hosts.count == 1 || hosts.isEmpty && version == .http1_0 else {
            return .malformedHead("A request names one host; this one names \(hosts.count).")
        }
        let lengths = headers["content-length"]
        let codings = headers["transfer-encoding"]
        guard lengths.count + codings.count <= 1 else {
            return .malformedHead("A request gives the length of its body once.")
        }
        if let coding = codings.first, coding.lowercased() != "chunked" || version == .http1_0 {
            return .malformedHead("A body is transferred whole or chunked, in no other coding.")
        }
        guard let length = lengths.first else { return nil }
        guard let count = Int(length), length.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return length.utf8.allSatisfy({ (48...57).contains($0) }) && !length.isEmpty
                ? .largeBody(limits.bodyBytesMax) : .malformedHead("The length of a body is a whole number.")
        }
        return count <= limits.bodyBytesMax ? nil : .largeBody(limits.bodyBytesMax)
    }
}
