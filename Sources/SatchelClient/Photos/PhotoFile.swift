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
    /// The media type, by the name's ending; `nil` for one that is not known.
    package let mediaType: String?

    package init(name: String, byteCount: Int, sha256: String, mediaType: String?) {
        self.name = name
        self.byteCount = byteCount
        self.sha256 = sha256
        self.mediaType = mediaType
    }

    /// Describes a file by its name and bytes.
    package init(name: String, bytes: [UInt8]) {
        let types = [
            "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "heic": "image/heic", "webp": "image/webp",
        ]
        let ending = name.lowercased().split(separator: ".").last.map(String.init) ?? ""
        self.init(
            name: name, byteCount: bytes.count, sha256: Hashing.sha256(bytes).hexString, mediaType: types[ending])
    }
}
