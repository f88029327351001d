import Foundation

extension [UInt8] {
    /// The bytes of a file.
    init(contentsOf url: URL) throws { self = Array(try Data(contentsOf: url)) }

    /// Whether `bytes` stand somewhere in a row.
    func contains(subsequence bytes: [UInt8]) -> Bool { Data(self).range(of: Data(bytes)) != nil }
}
