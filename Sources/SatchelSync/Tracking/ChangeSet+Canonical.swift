/// The canonical bytes of a change-set: what is stored, and what its digest is taken over.
///
/// They hold everything but the dot, so a renamed change-set keeps its bytes. The digest of a change-set is
/// SHA-256(bytes ‖ digest of the one before it in its line), so an equal digest at n means an equal line up to n
/// (causality.md §2). Storage hashes; this module only writes.
extension ChangeSet {
    private static let formatVersion: UInt8 = 1
    /// Bytes of a change-set's digest (SHA-256).
    public static let digestByteCount = 32

    /// Writes the canonical bytes.
    /// - Complexity: O(bytes written).
    public func encode(into sink: inout some ByteSink) {
        sink.write(Self.formatVersion)
        sink.write(text: label)
        sink.write(text: author)
        sink.write(zigzag: time.milliseconds)
        sink.write(varint: UInt64(schemaVersion))
        sink.write(varint: fixes?.count ?? 0)
        sink.write(contentsOf: fixes ?? [])
        sink.write(varint: changes.count)
        for change in changes { change.encode(into: &sink) }
    }

    /// The canonical bytes as a buffer.
    public var canonicalBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        encode(into: &bytes)
        return bytes
    }

    /// Reads canonical bytes back.
    ///
    /// What is read writes the same bytes again: there is one form only, so a digest may be taken over either.
    /// - Throws: ``ByteError`` when `bytes` is not exactly one change-set.
    public init(dot: Dot, canonicalBytes bytes: [UInt8]) throws(ByteError) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.formatVersion else { throw .unexpected(at: 0) }
        let (label, author) = (try reader.text(), try reader.text())
        let time = try reader.timestamp()
        let versionOffset = reader.offset
        guard let schemaVersion = UInt32(exactly: try reader.varint()) else { throw .outOfRange(at: versionOffset) }
        let fixes = try reader.digest()
        let count = try reader.count()
        var changes: [RecordChange] = []
        for _ in 0..<count { changes.append(try RecordChange(from: &reader)) }
        guard reader.isAtEnd else { throw .unexpected(at: reader.offset) }
        self.init(
            dot: dot, label: label, author: author, time: time, schemaVersion: schemaVersion, fixes: fixes,
            changes: changes)
    }
}

extension DraftChange {
    /// The canonical bytes that the edit takes in a change-set, less its context.
    /// - Complexity: O(bytes).
    package var byteCount: Int {
        var bytes: [UInt8] = []
        RecordChange(type: type, record: record, context: VersionVector(), life: life, writes: writes)
            .encode(into: &bytes)
        return bytes.count
    }
}

extension RecordChange {
    fileprivate func encode(into sink: inout some ByteSink) {
        sink.write(varint: UInt64(type.number))
        sink.write(record)
        sink.write(context)
        sink.write(life?.rawValue ?? 0)
        sink.write(varint: writes.count)
        for entry in writes {
            sink.write(varint: UInt64(entry.field.number))
            switch entry.write {
            case .register(let value):
                sink.write(0)
                sink.write(value)
            case .set(let add, let remove):
                sink.write(1)
                sink.write(varint: add.count)
                for element in add { sink.write(text: element.string) }
                sink.write(varint: remove.count)
                for element in remove { sink.write(text: element.string) }
            case .counter(let delta):
                sink.write(2)
                sink.write(zigzag: delta)
            case .map(let writes):
                sink.write(3)
                sink.write(varint: writes.count)
                for write in writes {
                    sink.write(text: write.key.string)
                    sink.write(write.value)
                }
            }
        }
    }

    fileprivate init(from reader: inout ByteReader) throws(ByteError) {
        let type = try reader.entityTypeID()
        let (record, context) = (try reader.record(), try reader.vector())
        let lifeOffset = reader.offset
        let lifeByte = try reader.byte()
        let life = LifeWrite(rawValue: lifeByte)
        guard lifeByte == 0 || life != nil else { throw .unexpected(at: lifeOffset) }
        let count = try reader.count()
        var writes: [FieldChange] = []
        for _ in 0..<count {
            let fieldOffset = reader.offset
            let field = try reader.fieldID()
            if let last = writes.last, last.field > field { throw .unexpected(at: fieldOffset) }
            let tagOffset = reader.offset
            switch try reader.byte() {
            case 0: writes.append(FieldChange(field, .register(try reader.value())))
            case 1: writes.append(FieldChange(field, .set(add: try reader.texts(), remove: try reader.texts())))
            case 2: writes.append(FieldChange(field, .counter(try reader.zigzag())))
            case 3: writes.append(FieldChange(field, .map(try reader.mapWrites())))
            default: throw .unexpected(at: tagOffset)
            }
        }
        self.init(type: type, record: record, context: context, life: life, writes: writes)
    }
}

extension ByteReader {
    /// The number of an entity type, from 1.
    package mutating func entityTypeID() throws(ByteError) -> EntityTypeID {
        let start = offset
        guard let number = UInt32(exactly: try varint()), number >= 1 else { throw .outOfRange(at: start) }
        return EntityTypeID(number)
    }

    /// The number of a field, from 1.
    package mutating func fieldID() throws(ByteError) -> FieldID {
        let start = offset
        guard let number = UInt32(exactly: try varint()), number >= 1 else { throw .outOfRange(at: start) }
        return FieldID(number)
    }

    /// The digest that may stand there: 32 bytes, or none.
    fileprivate mutating func digest() throws(ByteError) -> [UInt8]? {
        let start = offset
        let count = try count()
        guard count == 0 || count == ChangeSet.digestByteCount else { throw .outOfRange(at: start) }
        var bytes: [UInt8] = []
        for _ in 0..<count { bytes.append(try byte()) }
        return count == 0 ? nil : bytes
    }

    fileprivate mutating func mapWrites() throws(ByteError) -> [MapWrite] {
        let count = try count()
        var writes: [MapWrite] = []
        for _ in 0..<count { writes.append(MapWrite(UTF8Text(try text()), try value())) }
        return writes
    }

    fileprivate mutating func texts() throws(ByteError) -> [UTF8Text] {
        let count = try count()
        var texts: [UTF8Text] = []
        for _ in 0..<count { texts.append(UTF8Text(try text())) }
        return texts
    }
}
