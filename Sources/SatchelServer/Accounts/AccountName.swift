package import SatchelSync

/// The rule for names of users, devices and servers.
package enum AccountName {
    /// Checks a name that a person chose.
    ///
    /// - Throws: `SatchelError` `invalid_request`, worded with `what`.
    package static func check(_ name: String, what: String) throws(SatchelError) {
        let scalars = name.unicodeScalars
        let isPlain = scalars.allSatisfy {
            $0.properties.generalCategory != .control && $0 != "\u{2028}" && $0 != "\u{2029}"
        }
        let isTrimmed =
            scalars.first?.properties.isWhitespace == false && scalars.last?.properties.isWhitespace == false
        guard isPlain, isTrimmed, name.utf8.count <= Limits.nameBytesMax else {
            throw SatchelError(
                .invalidRequest,
                "The name of a \(what) takes 1 to \(Limits.nameBytesMax) bytes without control characters, and no space at its ends.",
                remedy: "Choose another name.")
        }
    }
}
