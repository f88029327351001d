package import Foundation

/// A track as a phone or a receiver wrote it.
///
/// A small reader for tests: it takes whole points as far as they go, and says where the file broke off.
package struct Track: Sendable {
    /// In the order of the file.
    package private(set) var points: [TrackPoint] = []
    /// Whether the file ends in the midst of something.
    package private(set) var isCut = false

    /// Reads a file by the ending of its name, `gpx` or `csv`.
    package init(file: URL) throws {
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        self = file.pathExtension == "gpx" ? Track(gpx: text) : Track(rows: text)
    }

    /// Reads GPX: points of tracks and routes, and those by themselves.
    package init(gpx text: String) {
        isCut = true
        var open: (latitude: String, longitude: String)?
        var time: String?
        // Each piece is a tag and the text behind it.
        for piece in text.split(separator: "<").dropFirst(text.hasPrefix("<") ? 0 : 1) {
            guard let end = piece.firstIndex(of: ">") else { return }
            let (tag, content) = (piece[..<end], piece[piece.index(after: end)...])
            switch tag.prefix(while: { !$0.isWhitespace }) {
            case "trkpt", "rtept", "wpt":
                (open, time) = (nil, nil)
                if let latitude = Self.attribute("lat", of: tag), let longitude = Self.attribute("lon", of: tag) {
                    open = (latitude, longitude)
                }
            case "time" where open != nil: time = content.trimmingCharacters(in: .whitespacesAndNewlines)
            case "/trkpt", "/rtept", "/wpt":
                if let open {
                    points.append(TrackPoint(latitude: open.latitude, longitude: open.longitude, time: time))
                }
                open = nil
            case "/gpx": isCut = false
            default: break
            }
        }
    }

    /// Reads rows with a head, parted by semicolons; those with too many or too few cells are passed over.
    package init(rows text: String) {
        isCut = !text.hasSuffix("\n")
        let rows = text.split(separator: "\n").dropLast(isCut ? 1 : 0).map {
            $0.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        }
        guard let head = rows.first, let latitude = head.firstIndex(of: "latitude"),
            let longitude = head.firstIndex(of: "longitude")
        else { return }
        func cell(_ name: String, _ row: [String]) -> String? {
            head.firstIndex(of: name).map { row[$0] }.flatMap { $0.isEmpty ? nil : $0 }
        }
        points = rows.dropFirst().filter { $0.count == head.count }.map { row in
            TrackPoint(
                latitude: row[latitude], longitude: row[longitude], accuracy: cell("accuracy", row),
                time: cell("tracked_at", row))
        }
    }

    private static func attribute(_ name: String, of tag: Substring) -> String? {
        guard let start = tag.range(of: " \(name)=\""), let end = tag[start.upperBound...].firstIndex(of: "\"") else {
            return nil
        }
        return String(tag[start.upperBound..<end])
    }
}
