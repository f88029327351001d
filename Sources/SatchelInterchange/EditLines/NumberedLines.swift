/// The lines of a file that are not blank, each with its number from 1 and without its end.
package struct NumberedLines: Sequence, IteratorProtocol {
    private var rest: ArraySlice<UInt8>
    private var number = 0

    /// Reads the bytes of a file.
    package init(_ bytes: [UInt8]) { rest = bytes[...] }

    /// The next line; `nil` at the end of the file.
    package mutating func next() -> (number: Int, bytes: ArraySlice<UInt8>)? {
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            let line = rest[..<end]
            rest = rest[end...].dropFirst()
            number += 1
            if !line.allSatisfy(Self.isBlank) { return (number, line) }
        }
        return nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}
