import Foundation
import SatchelTestSupport

/// The program `exiftool`, which knows nothing of our code.
enum ExifTool {
    /// Where it is; `nil` where it is not installed.
    static let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { "\($0)/exiftool" }.first { FileManager.default.isExecutableFile(atPath: $0) }

    private static let tags = [
        "MIMEType", "ImageWidth", "ImageHeight", "IFD0:Orientation", "IFD0:Make", "IFD0:Model",
        "ExifIFD:DateTimeOriginal", "ExifIFD:OffsetTimeOriginal", "ExifIFD:SubSecTimeOriginal",
        "GPS:GPSHPositioningError", "GPS:GPSImgDirection", "GPS:GPSImgDirectionRef", "Composite:GPSLatitude",
        "Composite:GPSLongitude",
    ]

    /// What it tells of some files, in the same order.
    static func read(_ files: [URL]) async throws -> [(file: URL, told: ToldOfPhoto)] {
        guard let path else { return [] }
        let folder = try TemporaryFolder()
        let output = folder["output"]
        try Data().write(to: output)
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments =
            ["-json", "-n", "-G1"] + tags.map { "-\($0)" } + files.map { $0.path(percentEncoded: false) }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        // It ends with 1 where one of the files is damaged; what it says of the others is there.
        _ = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        let told = try JSONSerialization.jsonObject(with: try Data(contentsOf: output)) as? [[String: Any]] ?? []
        guard told.count == files.count else { throw CocoaError(.fileReadCorruptFile) }
        return zip(files, told).map { ($0, tell($1)) }
    }

    private static func tell(_ values: [String: Any]) -> ToldOfPhoto {
        var told = ToldOfPhoto()
        // A name of digits comes as a number.
        func text(_ tag: String) -> String? { values[tag].map { "\($0)" }.flatMap { $0.isEmpty ? nil : $0 } }
        told.texts["format"] = text("File:MIMEType")
        for group in ["File", "PNG", "RIFF", "Meta"] {
            told.setSize(text("\(group):ImageWidth"), text("\(group):ImageHeight"))
        }
        told.texts["orientation"] = text("IFD0:Orientation")
        told.setName("make", text("IFD0:Make"))
        told.setName("model", text("IFD0:Model"))
        told.setTaken(text("ExifIFD:DateTimeOriginal"), fraction: text("ExifIFD:SubSecTimeOriginal"))
        told.setOffset(text("ExifIFD:OffsetTimeOriginal"))
        told.texts["latitude"] = text("Composite:GPSLatitude")
        told.texts["longitude"] = text("Composite:GPSLongitude")
        told.texts["accuracy"] = text("GPS:GPSHPositioningError")
        told.texts["direction"] = text("GPS:GPSImgDirection")
        told.texts["north"] = text("GPS:GPSImgDirectionRef").map { $0 == "T" ? "geographic" : "magnetic" }
        return told
    }
}
