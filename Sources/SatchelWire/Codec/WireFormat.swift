/// How messages are written: as protobuf between programs, or as its JSON mapping for people.
package enum WireFormat: Hashable, Sendable, CaseIterable {
    /// Protobuf; frames are preceded by their length as a varint.
    case protobuf
    /// The JSON mapping of protobuf with field names as in `sync.proto`; a frame is a line.
    case json

    /// The media type.
    package var contentType: String {
        switch self {
        case .protobuf: "application/x-protobuf"
        case .json: "application/json"
        }
    }

    /// The format that a `Content-Type` or an `Accept` names, in any case, parameters left aside; `nil` for another one.
    package init?(contentType: some StringProtocol) {
        let name = contentType.prefix { $0 != ";" }.lowercased().filter { $0 != " " && $0 != "\t" }
        guard let format = Self.allCases.first(where: { $0.contentType == name }) else { return nil }
        self = format
    }
}
