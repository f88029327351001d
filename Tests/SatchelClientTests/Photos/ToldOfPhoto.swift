import Foundation
import SatchelClient
import SatchelSync

/// What a reader tells of a picture, in words that can be compared.
struct ToldOfPhoto: Equatable {
    /// How far numbers of two readers may be from each other, by how many digits they write.
    struct Tolerance {
        let degrees: Double
        let metres: Double
        let direction: Double
    }

    /// By the name of the field, numbers as texts too; what is not told is not there.
    var texts: [String: String] = [:]

    init() {}

    init(_ read: PhotoMetadata) {
        texts["format"] = read.format?.mediaType
        texts["size"] = read.size.map { "\($0.width)x\($0.height)" }
        texts["orientation"] = read.orientation.map { String($0) }
        texts["make"] = read.make
        texts["model"] = read.model
        texts["taken"] = read.taken?.local.description
        texts["offset"] = read.taken?.offset.map { String($0) }
        texts["latitude"] = read.position.map { String(Double($0.latitude) / 1e7) }
        texts["longitude"] = read.position.map { String(Double($0.longitude) / 1e7) }
        texts["accuracy"] = read.position?.accuracy.map { String($0) }
        texts["direction"] = read.direction.map { String(Double($0.hundredths) / 100) }
        texts["north"] = read.direction?.north?.rawValue
    }

    /// The fields in which the other tells something else, sorted.
    func fieldsThatDiffer(from other: ToldOfPhoto, tolerance: Tolerance) -> [String] {
        Set(texts.keys).union(other.texts.keys).sorted().filter { field in
            let (own, others) = (texts[field], other.texts[field])
            if own == others { return false }
            guard let own = own.flatMap(Double.init), let others = others.flatMap(Double.init) else { return true }
            switch field {
            case "latitude", "longitude": return abs(own - others) > tolerance.degrees
            case "accuracy": return abs(own - others) > tolerance.metres
            case "direction": return abs(own - others) > tolerance.direction
            default: return true
            }
        }
    }

    /// Takes the time as EXIF writes it, `2026:03:02 09:30:07`, and the digits of its fraction.
    mutating func setTaken(_ text: String?, fraction: String?) {
        guard let text else { return }
        let digits = (fraction ?? "").trimmingCharacters(in: .whitespaces).prefix(3)
        let day = text.prefix(10).replacing(":", with: "-")
        let isUnusual = text.utf8.count != 19
        texts["taken"] =
            isUnusual ? text : "\(day)T\(text.suffix(8)).\(digits)\(String(repeating: "0", count: 3 - digits.count))Z"
    }

    /// Takes an offset as EXIF writes it, `+08:00`.
    mutating func setOffset(_ text: String?) {
        guard let text else { return }
        let parts = text.dropFirst().split(separator: ":").compactMap { Int($0) }
        let minutes = parts.count == 2 ? parts[0] * 60 + parts[1] : nil
        texts["offset"] = minutes.map { String(text.hasPrefix("-") ? -$0 : $0) } ?? text
    }

    /// Takes a name, which cameras fill up with spaces.
    mutating func setName(_ field: String, _ text: String?) {
        let name = text?.trimmingCharacters(in: .whitespaces) ?? ""
        texts[field] = name.isEmpty ? nil : name
    }

    /// Takes a size, `0` of which says that it is not known.
    mutating func setSize(_ width: String?, _ height: String?) {
        if let width, let height { texts["size"] = "\(width)x\(height)" }
    }
}
