import Foundation
import SatchelStorage
import SatchelSync

/// A picture's file, as far as its row tells of it.
package struct PhotoFile: Hashable, Sendable {
    /// The name without its folders.
    package let name: String
    /// How many bytes it has.
    package let byteCount: Int
    /// The SHA-256 of its bytes, in hexadecimal.
    package let sha256: String
    /// What its bytes tell.
    package let metadata: PhotoMetadata

    private static let pieceBytes = 1024 * 1024

    /// Describes a file by its name and bytes.
    package init(name: String, bytes: [UInt8]) {
        self.init(
            name: name, byteCount: bytes.count, sha256: Hashing.sha256(bytes).hexString,
            metadata: PhotoMetadata(reading: bytes[...]))
    }

    private init(name: String, byteCount: Int, sha256: String, metadata: PhotoMetadata) {
        self.name = name
        self.byteCount = byteCount
        self.sha256 = sha256
        self.metadata = metadata
    }

    /// Reads a file in pieces, of which the first few are kept until its metadata are read; `report` is told of each piece.
    ///
    /// - Throws: `SatchelError` `invalid_request` where it is no file or cannot be read.
    package init(path: String, report: (_ byteCount: Int) -> Void = { _ in }) throws {
        guard Self.byteCount(ofFileAt: path) != nil else {
            throw SatchelError(
                .invalidRequest, "There is no file \(Excerpt.of(path)).", remedy: "Check the path and who may read it.")
        }
        var hash = SHA256Sink()
        var head: [UInt8] = []
        var byteCount = 0
        do {
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? file.close() }
            while let piece = try file.read(upToCount: Self.pieceBytes), !piece.isEmpty {
                hash.write(contentsOf: piece)
                if head.count < PhotoMetadata.headBytesMax { head += piece }
                byteCount += piece.count
                report(piece.count)
            }
        } catch {
            throw SatchelError(
                .invalidRequest, "The file \(Excerpt.of(path)) cannot be read.",
                remedy: "Check the path and who may read it.", cause: error)
        }
        self.init(
            name: URL(filePath: path).lastPathComponent, byteCount: byteCount, sha256: hash.finalized().hexString,
            metadata: PhotoMetadata(reading: head[...]))
    }

    /// How many bytes a file has; `nil` for what is no file, such as a folder, or is not there.
    package static func byteCount(ofFileAt path: String) -> Int? {
        let facts = try? FileManager.default.attributesOfItem(
            atPath: URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false))
        guard let facts, facts[.type] as? FileAttributeType == .typeRegular else { return nil }
        return facts[.size] as? Int
    }
}
