import Foundation
import SatchelClient

/// The photos beside the checkout, and the listings of other programs that lie beside them.
enum PhotoListing {
    /// Where they are: in `SATCHEL_SHARED`, else in a folder `shared` beside the checkout; `nil` when there are none.
    static let folder: URL? = {
        let named = ProcessInfo.processInfo.environment["SATCHEL_SHARED"].map { URL(filePath: $0) }
        let beside = URL(filePath: #filePath).appending(path: "../../../../../shared").standardizedFileURL
        let folder = (named ?? beside).appending(path: "data/photos")
        return FileManager.default.fileExists(atPath: folder.path(percentEncoded: false)) ? folder : nil
    }()

    /// The pictures in some of its folders, in the order of names.
    static func files(in names: [String]) throws -> [URL] {
        guard let folder else { return [] }
        return try names.flatMap { name in
            try FileManager.default.contentsOfDirectory(
                at: folder.appending(path: name), includingPropertiesForKeys: nil
            ).filter { $0.pathExtension != "txt" }.sorted { $0.path < $1.path }
        }
    }

    /// Each picture with a listing of its own (metadata-extractor), and what that tells.
    static func all() throws -> [(file: URL, told: ToldOfPhoto)] {
        try files(in: ["camera", "gps"]).map { file in
            // Some values in them are bytes as they were.
            let listing = try Data(
                contentsOf: file.deletingLastPathComponent().appending(path: "\(file.lastPathComponent).expected.txt"))
            return (file, told(by: values(in: String(decoding: listing, as: UTF8.self))))
        }
    }

    /// The first value under each of the keys, such as `Exif IFD0 - 0x0112`.
    private static func values(in listing: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in listing.split(whereSeparator: \.isNewline) where line.hasPrefix("[") {
            guard let end = line.firstIndex(of: "]"), let equals = line.range(of: " = ", range: end..<line.endIndex)
            else {
                continue
            }
            let key = String(line[line.index(after: line.startIndex)..<end])
            if values[key] == nil { values[key] = String(line[equals.upperBound...]) }
        }
        return values
    }

    private static let orientations = [
        "Top, left side (Horizontal / normal)", "Top, right side (Mirror horizontal)",
        "Bottom, right side (Rotate 180)",
        "Bottom, left side (Mirror vertical)", "Left side, top (Mirror horizontal and rotate 270 CW)",
        "Right side, top (Rotate 90 CW)", "Right side, bottom (Mirror horizontal and rotate 90 CW)",
        "Left side, bottom (Rotate 270 CW)",
    ]

    private static func told(by values: [String: String]) -> ToldOfPhoto {
        var told = ToldOfPhoto()
        func first(_ key: String) -> String? { values[key].map { String($0.prefix { $0 != " " }) } }
        told.texts["format"] = values["File Type - 0x0003"]
        told.setSize(first("JPEG - 0x0003"), first("JPEG - 0x0001"))
        told.texts["orientation"] = values["Exif IFD0 - 0x0112"].map { text in
            orientations.firstIndex(of: text).map { String($0 + 1) } ?? text
        }
        told.setName("make", values["Exif IFD0 - 0x010f"])
        told.setName("model", values["Exif IFD0 - 0x0110"])
        told.setTaken(values["Exif SubIFD - 0x9003"], fraction: values["Exif SubIFD - 0x9291"])
        told.texts["latitude"] = degrees(values["GPS - 0x0002"])
        told.texts["longitude"] = degrees(values["GPS - 0x0004"])
        told.texts["accuracy"] = first("GPS - 0x001f")
        told.texts["direction"] = first("GPS - 0x0011")
        told.texts["north"] = values["GPS - 0x0010"].map { $0 == "True direction" ? "geographic" : "magnetic" }
        return told
    }

    /// Reads `-3° 20' 16.2"`.
    private static func degrees(_ text: String?) -> String? {
        guard let text else { return nil }
        let parts = text.split { "°'\" ".contains($0) }.compactMap { Double($0) }
        guard parts.count == 3 else { return text }
        let sum = abs(parts[0]) + parts[1] / 60 + parts[2] / 3_600
        return String(text.hasPrefix("-") ? -sum : sum)
    }

    /// The pictures of the one listing of several (exif-py), and what it tells.
    static func dump() throws -> [(file: URL, told: ToldOfPhoto)] {
        guard let folder = folder?.appending(path: "hard") else { return [] }
        let dump = try String(contentsOf: folder.appending(path: "expected-dump.txt"), encoding: .utf8)
        return try dump.components(separatedBy: "Opening: ").dropFirst().map { section in
            let lines = section.split(whereSeparator: \.isNewline)
            let file = folder.appending(path: URL(filePath: String(lines.first ?? "")).lastPathComponent)
            var values: [String: String] = [:]
            for line in lines {
                // `EXIF FNumber (Ratio): 45`
                guard let colon = line.range(of: "): "), let kind = line.range(of: " (") else { continue }
                values[String(line[..<kind.lowerBound])] = String(line[colon.upperBound...])
            }
            // The listing tells of EXIF alone; type and size stand elsewhere in the file.
            let read = ToldOfPhoto(PhotoMetadata(reading: [UInt8](try Data(contentsOf: file))[...]))
            var told = ToldOfPhoto()
            for field in ["format", "size"] { told.texts[field] = read.texts[field] }
            fill(&told, from: values)
            return (file, told)
        }
    }

    private static func fill(_ told: inout ToldOfPhoto, from values: [String: String]) {
        told.texts["orientation"] = values["Image Orientation"].map { $0 == "Horizontal (normal)" ? "1" : $0 }
        told.setName("make", values["Image Make"])
        told.setName("model", values["Image Model"])
        told.setTaken(values["EXIF DateTimeOriginal"], fraction: values["EXIF SubSecTimeOriginal"])
        for (field, tag) in [("latitude", "GPS GPSLatitude"), ("longitude", "GPS GPSLongitude")] {
            // `[51, 1, 30]` and `N`
            let parts = (values[tag] ?? "").split { "[], ".contains($0) }.compactMap { Double($0) }
            guard parts.count == 3 else { continue }
            let sum = parts[0] + parts[1] / 60 + parts[2] / 3_600
            told.texts[field] = String(["S", "W"].contains(values[tag + "Ref"]) ? -sum : sum)
        }
        let direction = (values["GPS GPSImgDirection"] ?? "").split(separator: "/").compactMap { Double($0) }
        if direction.count == 2 { told.texts["direction"] = String(direction[0] / direction[1]) }
        told.texts["north"] = values["GPS GPSImgDirectionRef"].map { $0 == "T" ? "geographic" : "magnetic" }
    }
}
