import Foundation
import SatchelClient
import SatchelSync
import SatchelWire

/// The credentials of an inspector, one a server, in a file that nobody else may read.
struct InspectorCredential: Codable {
    /// The token.
    let token: String
    /// By what the server is known, as a replica keeps it.
    let trust: String?

    private static var fileURL: URL {
        let environment = ProcessInfo.processInfo.environment
        let folder = environment["XDG_CONFIG_HOME"] ?? (environment["HOME"] ?? ".") + "/.config"
        return URL(filePath: folder).appending(path: "satchel/inspect.json")
    }

    /// The credential for a server.
    ///
    /// - Throws: ``SatchelError`` `unauthorized` when there is none.
    static func of(_ serverURL: String) throws -> InspectorCredential {
        guard let credential = try read()[serverURL] else {
            throw SatchelError(
                .unauthorized, "There is no credential for \(serverURL).",
                remedy: "Get one with `satchel-inspect enrol \(serverURL) --code CODE`.")
        }
        return credential
    }

    /// Redeems a code and keeps the token, and by what the server is known; returns the user.
    static func enrol(serverURL: String, code: String, name: String, trust: ServerTrust?) async throws -> String {
        var credentials = try read()
        let typed = EnrolmentCode(typed: code)
        let trust = trust ?? typed.key.map { ServerTrust(.key($0)) } ?? .system
        let transport = try HTTPTransport(serverURL: serverURL, trust: trust)
        let reply = try await transport.enrol(EnrolRequest(code: typed.code, deviceName: name))
        credentials[serverURL] = InspectorCredential(token: reply.token, trust: trust.stored)
        try write(credentials)
        return reply.user
    }

    private static func read() throws -> [String: InspectorCredential] {
        guard let data = try? Data(contentsOf: fileURL) else { return [:] }
        do {
            return try JSONDecoder().decode([String: InspectorCredential].self, from: data)
        } catch {
            throw SatchelError(
                .damagedData, "\(fileURL.path) cannot be read.", remedy: "Remove it and enrol again.", cause: error)
        }
    }

    /// Writes beside the file and moves it into place, so that a full disk leaves the old one whole.
    private static func write(_ credentials: [String: InspectorCredential]) throws {
        let manager = FileManager.default
        do {
            try manager.createDirectory(
                at: fileURL.deletingLastPathComponent(), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            let fresh = fileURL.appendingPathExtension("new")
            try? manager.removeItem(at: fresh)
            let data = try JSONEncoder().encode(credentials)
            guard manager.createFile(atPath: fresh.path, contents: data, attributes: [.posixPermissions: 0o600]) else {
                throw CocoaError(.fileWriteUnknown)
            }
            guard unsafe rename(fresh.path, fileURL.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            throw SatchelError(
                .storageFailed, "The credential cannot be kept in \(fileURL.path).",
                remedy: "Check who owns the folder, then ask for another code: this one is spent.", cause: error)
        }
    }
}
