package import SatchelSync

/// Bytes that are likely to occur in a message, which both ends make of the same schema.
///
/// What compresses a message may point into them, so that the first `negotiation` of a push costs no more than the second.
package struct PresetDictionary: Hashable, Sendable {
    /// The bytes, at most 16 KiB; the likeliest stand last.
    package let bytes: [UInt8]
    /// Their Adler-32 (RFC 1950), the name that a stream and a request give to the dictionary.
    package let checksum: UInt32

    private static let bytesMax = 16 * 1024

    /// Makes the dictionary of a schema: the values of its enums in the order of types, fields and values, one after the other,
    /// then what people and programs write everywhere.
    package init(schema: Schema) {
        var words: [UInt8] = []
        for type in schema.types {
            for field in type.fields {
                guard case .enumeration(let cases) = field.kind else { continue }
                for value in cases { words.append(contentsOf: value.string.utf8) }
            }
        }
        words.append(contentsOf: Self.common.utf8)
        words.append(contentsOf: Self.oneEdit)
        bytes = Array(words.suffix(Self.bytesMax))
        checksum = Self.adler32(bytes)
    }

    /// What no schema says; the order is part of the protocol.
    private static let common = """
        {"name":"value":true,"id":false}{"a":null}[{"type":"title":"text":"count":"Mon":"08:00-12:00","18:00"\
        image/png image/heic image/jpeg http://www.https://www.contact info office sales mail @gmail.com @example.com \
        GmbH AG Ltd Inc SA Group Hotel Pharmacy Stores Supplies Foods Street Road Avenue Str. straße \
        Berlin London Paris Zürich 北京上海深圳广州市区路号有限公司经理先生女士客户联系下周需要价格库存\
        The customer will and for the with to of in a an is at on please call ask wants order offer price \
        sample delivery contract meeting interested follow up next week today tomorrow. \
        buyer owner manager director purchasing technician EUR USD CNY GBP CHF de en fr zh pt es it \
        +44 +49 +86 +1 +33 +41 2025-2026-0none other no yes new open won lost planned done active \
        create delete fix discard resolve import photo check-in check-out visit start visit end edit
        """

    /// The directory and the first entries of a push of one edit of one text, ids and digest left out: what the smallest
    /// messages are mostly made of.
    private static let oneEdit: [UInt8] =
        [
            20, 0, 1, 1, 32, 2, 1, 0, 1, 0, 1, 0, 1, 0, 1, 3, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 3,
            0, 1, 0, 1,
        ]
        + [0, 4, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 30, 1, 3, 1, 0, 1, 0]
        + [1, 2, 0, 1, 1, 0, 1, 1, 0, 4] + Array("edit".utf8) + [1, 0, 2, 1, 0, 1, 0, 1, 0]

    private static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return high << 16 | low
    }
}
