import Foundation
import SatchelSync

/// What a machine remembers of its replicas outside their folders: the last own change-set that each was seen with, and where it lay.
///
/// A file that is put back to an earlier day, or copied, does not know that it is older than it should be; this knows. It is written after the database's
/// commit, and never before, so that it is behind the file after a crash, and never ahead of it. Nothing depends on its being there: where it is lost or cannot be written, nobody is suspected.
package struct Witness: Hashable, Sendable {
    private let folder: URL
    /// What names this machine; `nil` where nothing does.
    let machine: String?

    /// A witness that keeps what it knows in a folder.
    package init(folder: String, machine: String? = Self.thisMachine) {
        self.folder = URL(filePath: folder, directoryHint: .isDirectory)
        self.machine = machine
    }

    /// The witness of a user: `$XDG_STATE_HOME/satchel`, else `~/.local/state/satchel`; `nil` for one without a home.
    package static func ofUser(environment: [String: String]) -> Witness? {
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
            return Witness(folder: state + "/satchel/witness")
        }
        guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
        return Witness(folder: home + "/.local/state/satchel/witness")
    }

    /// What systemd names this machine by, hashed as its manual asks; `nil` where it has no name.
    package static var thisMachine: String? {
        let text = FileManager.default.contents(atPath: "/etc/machine-id").map { String(decoding: $0, as: UTF8.self) }
        guard let name = text?.trimmingCharacters(in: .whitespacesAndNewlines), name.utf8.count == 32 else {
            return nil
        }
        return String(Hashing.sha256(Array("satchel machine \(name)".utf8)).hexString.prefix(16))
    }

    /// What is remembered of a home whose first actor was `root`; `nil` where nothing is, or it cannot be read.
    func testimony(of root: ActorID, home: String) -> Testimony? {
        Testimony(file(of: root, home: home)).flatMap { $0.home == home ? $0 : nil }
    }

    /// What is remembered of all homes whose first actor was `root`, the one at `home` left out.
    func otherTestimonies(of root: ActorID, than home: String) -> [Testimony] {
        let place = place(of: root)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
        return names.sorted().compactMap { Testimony(place.appending(path: $0)) }.filter { $0.home != home }
    }

    /// Remembers; what cannot be written is not.
    func keep(_ testimony: Testimony, of root: ActorID) {
        guard let bytes = testimony.bytes else { return }
        let manager = FileManager.default, file = file(of: root, home: testimony.home)
        try? manager.createDirectory(
            at: place(of: root), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let unfinished = file.path + ".new"
        guard manager.createFile(atPath: unfinished, contents: bytes, attributes: [.posixPermissions: 0o600]) else {
            try? manager.removeItem(atPath: unfinished)
            return
        }
        if unsafe rename(unfinished, file.path) != 0 { try? manager.removeItem(atPath: unfinished) }
    }

    /// Forgets what is remembered of a home.
    func forget(_ testimony: Testimony, of root: ActorID) {
        try? FileManager.default.removeItem(at: file(of: root, home: testimony.home))
    }

    private func place(of root: ActorID) -> URL { folder.appending(path: root.description) }

    private func file(of root: ActorID, home: String) -> URL {
        place(of: root).appending(path: String(Hashing.sha256(Array(home.utf8)).hexString.prefix(16)))
    }
}

/// What is remembered of one home.
struct Testimony: Hashable {
    /// Where it lies.
    let home: String
    /// The last own change-set, with its digest; `nil` where it had none.
    let newest: Mark?

    /// A change-set.
    struct Mark: Hashable {
        let dot: Dot
        let digest: [UInt8]
    }

    init(home: String, newest: Mark?) { (self.home, self.newest) = (home, newest) }

    private static let head = "satchel witness 1", end = "end"

    /// Reads what ``bytes`` wrote; `nil` for anything else, such as a file that is not whole.
    init?(_ file: URL) {
        guard let data = FileManager.default.contents(atPath: file.path), data.count < 16_384 else { return nil }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 6, lines[0] == Self.head, lines[4] == Self.end, lines[5].isEmpty, lines[1].hasPrefix("/")
        else { return nil }
        home = String(lines[1])
        if lines[2].isEmpty {
            newest = nil
        } else {
            guard let dot = Dot(String(lines[2])), let digest = [UInt8](hexadecimal: lines[3]), digest.count == 32
            else {
                return nil
            }
            newest = Mark(dot: dot, digest: digest)
        }
    }

    /// The text of a file; `nil` for a home whose path is no line.
    var bytes: Data? {
        guard !home.contains(where: \.isNewline) else { return nil }
        let mark = [newest?.dot.description ?? "", newest?.digest.hexString ?? ""]
        return Data(([Self.head, home] + mark + [Self.end, ""]).joined(separator: "\n").utf8)
    }
}

extension [UInt8] {
    /// Reads pairs of hexadecimal digits.
    fileprivate init?(hexadecimal text: Substring) {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
        self = stride(from: 0, to: digits.count, by: 2).map { UInt8((digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0)) }
    }
}
