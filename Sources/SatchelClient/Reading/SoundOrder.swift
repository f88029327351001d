/// The order in which Chinese readers look for names: Chinese characters by their sound in Mandarin, as dictionaries and the lists of telephones have them.
///
/// The order of the characters is that of ICU's collation for `zh`, read once by `Scripts/han-order`: ICU itself takes half a minute for what this
/// does in a blink. A character with several readings stands at one of them, as there.
package enum SoundOrder {
    private static let first: UInt32 = 0x4E00
    private static let last: UInt32 = 0x9FFF

    /// By character from ``first`` on, its place among all.
    private static let places: [UInt16] = {
        var places = [UInt16](repeating: 0, count: Int(last - first) + 1)
        let order = String(decoding: PackageResources.han_order_txt, as: UTF8.self).unicodeScalars
        for (place, character) in order.enumerated() where (first...last).contains(character.value) {
            places[Int(character.value - first)] = UInt16(place)
        }
        return places
    }()

    /// Bytes that stand to each other as the texts do: digits and signs first, then Chinese by sound, then letters without regard to case.
    package static func key(of text: String) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(text.utf8.count + 4)
        for character in text.unicodeScalars {
            let value = character.value
            switch value {
            case first...last:
                let place = places[Int(value - first)]
                key.append(0x40 + UInt8(place >> 8))
                key.append(UInt8(truncatingIfNeeded: place))
            case 0x41...0x5A: key += [0xC0, 0, UInt8(value + 0x20)]
            case 0..<0x80 where !(0x61...0x7A).contains(value): key += [0x20, UInt8(value)]
            default:
                key += [
                    0xC0 + UInt8(value >> 16), UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value),
                ]
            }
        }
        return key
    }
}
