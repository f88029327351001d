package import SatchelSync

/// Whole bodies as one gzip member each.
package enum Gzip {
    /// The word for it in `Content-Encoding` and `Accept-Encoding`.
    package static let contentCoding = "gzip"

    /// Compresses a body into a member that the other end will take; the same bytes give the same member.
    ///
    /// A body that shrinks so well that it would pass for a bomb, such as a few notes of one long line of dashes, is stored in
    /// the member as it is: refused for its ratio it would come back for ever.
    /// - Throws: ``SatchelError`` `internal_error` when there is no memory for it.
    package static func compress(
        _ bytes: [UInt8], level: Int32 = GzipDeflater.defaultLevel
    ) throws(SatchelError) -> [UInt8] {
        var deflater = try GzipDeflater(level: level)
        let compressed = deflater.finish(bytes)
        guard bytes.count > Limits.ratioFreeBytes, level > 0, try passesForBomb(compressed) else { return compressed }
        return try compress(bytes, level: 0)
    }

    /// Whether the ratio is too high at the end or, since it is looked at while inflating, anywhere before.
    private static func passesForBomb(_ compressed: [UInt8]) throws(SatchelError) -> Bool {
        var inflater = try GzipInflater(limit: InflationLimit(bytesMax: .max))
        inflater.append(compressed)
        do {
            while try !inflater.next().isEmpty {}
            return false
        } catch {
            return true
        }
    }

    /// Inflates a body that is exactly one member.
    /// - Throws: ``SatchelError`` `malformed_body` for anything else, `too_large` as soon as the limit is passed.
    package static func inflate(_ bytes: [UInt8], limit: InflationLimit = .push) throws(SatchelError) -> [UInt8] {
        var inflater = try GzipInflater(limit: limit)
        inflater.append(bytes)
        var output: [UInt8] = []
        while true {
            let piece = try inflater.next()
            output.append(contentsOf: piece)
            if piece.isEmpty { break }
        }
        try inflater.requireFinished()
        return output
    }
}
