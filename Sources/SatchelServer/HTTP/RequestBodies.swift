import Hummingbird
import SatchelSync
import SatchelWire

extension Request {
    /// The body, inflated where it is compressed, counted while it comes.
    ///
    /// - Throws: `SatchelError` `too_large` as soon as a limit is passed, `malformed_body`, `invalid_request`.
    func wireBody(bytesMax: Int = Limits.bodyBytesMax) async throws -> [UInt8] {
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > bytesMax {
            throw Self.tooLarge(bytesMax)
        }
        var bytes: [UInt8] = []
        for try await buffer in body {
            guard bytes.count + buffer.readableBytes <= bytesMax else { throw Self.tooLarge(bytesMax) }
            bytes.append(contentsOf: buffer.readableBytesView)
        }
        switch headers[.contentEncoding]?.lowercased() {
        case nil, "identity": return bytes
        case Gzip.contentCoding: return try Gzip.inflate(bytes)
        case let coding?:
            throw SatchelError(
                .invalidRequest, "A body comes plain or as gzip, not as \"\(Excerpt.of(coding))\".",
                remedy: "Leave the body as it is, or compress it with gzip.")
        }
    }

    /// The format that the body is in.
    ///
    /// - Throws: `SatchelError` `invalid_request` for any other than our two.
    func wireFormat() throws -> WireFormat {
        guard let format = headers[.contentType].flatMap({ WireFormat(contentType: $0) }) else {
            throw SatchelError(
                .invalidRequest, "A body is \(WireFormat.protobuf.contentType) or \(WireFormat.json.contentType).",
                remedy: "Say which one in Content-Type.")
        }
        return format
    }

    /// The format that the answer is wanted in; without a wish the one of the body.
    func replyFormat(otherwise format: WireFormat) -> WireFormat {
        let wishes = headers[.accept]?.split(separator: ",") ?? []
        return wishes.lazy.compactMap { WireFormat(contentType: $0) }.first ?? format
    }

    /// Whether the answer may be compressed.
    var acceptsGzip: Bool {
        (headers[.acceptEncoding] ?? "").split(separator: ",").contains { wish in
            let parts = wish.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
            return parts.first == Gzip.contentCoding && !parts.dropFirst().contains("q=0")
        }
    }

    /// How many bytes the body of a reply is to have at most, about; `nil` where the device does not say, or says what is no number.
    var replyBytesMax: Int? {
        HTTPFields.Element.Name(SyncProtocol.replyBytesHeader).flatMap { headers[$0] }.flatMap { text in
            UInt64(decimalDigits: text.utf8).map { Int(clamping: $0) }
        }
    }

    /// The secret of an `Authorization: Bearer` header.
    ///
    /// - Throws: `SatchelError` `unauthorized`.
    func bearerToken() throws -> String {
        let words = (headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer", words[1].utf8.count <= 128 else {
            throw Self.unauthorized
        }
        return String(words[1])
    }

    /// The credential is missing or wrong; nothing says which.
    static let unauthorized = SatchelError(
        .unauthorized, "The server does not know this device's credential.",
        remedy: "Enrol the device again beside the old home; the work in it is kept.")

    private static func tooLarge(_ bytesMax: Int) -> SatchelError {
        SatchelError(
            .tooLarge, "A body takes at most \(bytesMax) bytes on the wire.",
            remedy: "Send less at once; nothing was taken.")
    }
}
