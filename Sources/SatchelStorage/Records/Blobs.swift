package import Foundation
package import SatchelSync

/// Names and vectors as SQLite stores them: their canonical bytes.
extension ActorID {
    /// The stored form.
    package var blob: Data {
        var bytes: [UInt8] = []
        bytes.write(self)
        return Data(bytes)
    }

    /// Reads the stored form; `nil` for anything else.
    package init?(blob: Data) {
        var reader = ByteReader(Array(blob))
        guard let actor = try? reader.actor(), reader.isAtEnd else { return nil }
        self = actor
    }
}

extension RecordID {
    /// The stored form, 16 bytes.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        bytes.write(self)
        return bytes
    }

    /// The stored form, 16 bytes.
    package var blob: Data { Data(bytes) }

    /// Reads the stored form; `nil` for anything else.
    package init?(bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard let record = try? reader.record(), reader.isAtEnd else { return nil }
        self = record
    }

    /// Reads the stored form; `nil` for anything else.
    package init?(blob: Data) { self.init(bytes: Array(blob)) }
}

extension LifeStatus {
    /// Reads the stored form; `nil` for anything else.
    init?(stored: Int64) {
        guard let number = UInt8(exactly: stored) else { return nil }
        self.init(rawValue: number)
    }
}

extension StoreEpoch {
    /// Reads the text form from a row.
    package init(stored text: String) throws {
        guard let epoch = StoreEpoch(text) else { throw damaged("a store epoch") }
        self = epoch
    }
}
