import Foundation
import SatchelServer
import SatchelSync
import SatchelTestSupport

/// The program `openssl`, which knows nothing of our code.
enum OpenSSL {
    /// Where it is; `nil` where it is not installed.
    static let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { "\($0)/openssl" }.first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Runs it with `input` on its standard input; returns its exit code and what it wrote.
    static func run(_ arguments: [String], input: String = "") async throws -> (code: Int32, output: String) {
        guard let path else { throw SatchelError(.missingData, "There is no openssl.") }
        let folder = try TemporaryFolder()
        try Data(input.utf8).write(to: folder["input"])
        try Data().write(to: folder["output"])
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: folder["input"])
        let output = try FileHandle(forWritingTo: folder["output"])
        process.standardOutput = output
        process.standardError = output
        let code = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return (code, String(decoding: try Data(contentsOf: folder["output"]), as: UTF8.self))
    }

    /// Makes a key and a certificate for this machine that it signs itself.
    static func makeKeys(in folder: TemporaryFolder, name: String = "server") async throws {
        let (code, output) = try await run([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
            "-keyout", folder["\(name).key"].path, "-out", folder["\(name).pem"].path,
        ])
        guard code == 0 else { throw SatchelError(.internalError, "openssl made no certificate: \(output)") }
    }
}
