extension RecordState {
    /// Writes what a digest of the record is taken over (causality.md §9).
    ///
    /// That is type, id, life pairs, fields in order, pairs in dot order, value bytes, and the winner's dot of each register:
    /// not the context and not times, which may be pruned or corrected. A record that nothing stands of writes nothing. Fields that the schema does not name keep the policy `latest`.
    /// - Complexity: O(pairs + bytes).
    public func encodeDigest(type: EntityTypeID, record: RecordID, schema: Schema, into sink: inout some ByteSink) {
        guard !life.isEmpty || !fields.isEmpty else { return }
        sink.write(varint: UInt64(type.number))
        sink.write(record)
        sink.write(varint: life.count)
        for pair in life {
            sink.write(pair.dot)
            sink.write(pair.isDelete ? 0 : 1)
        }
        let standing = fields.filter { !$0.state.isEmpty }
        sink.write(varint: standing.count)
        for entry in standing {
            sink.write(varint: UInt64(entry.field.number))
            switch entry.state {
            case .register(let siblings):
                sink.write(0)
                sink.write(siblings)
                let policy = schema.type(type)?.field(entry.field)?.policy ?? .latest
                if let winner = Winner.among(siblings, policy: policy) { sink.write(winner.dot) }
            case .set(let elements):
                sink.write(1)
                sink.write(varint: elements.count)
                for element in elements {
                    sink.write(text: element.value.string)
                    sink.write(varint: element.dots.count)
                    for pair in element.dots { sink.write(pair.dot) }
                }
            case .counter(let entries):
                sink.write(2)
                sink.write(varint: entries.count)
                for entry in entries {
                    sink.write(entry.dot)
                    sink.write(zigzag: entry.sum)
                }
            case .map(let entries):
                sink.write(3)
                sink.write(varint: entries.count)
                for entry in entries {
                    sink.write(text: entry.key.string)
                    sink.write(entry.siblings)
                    if let winner = Winner.among(entry.siblings, policy: .latest) { sink.write(winner.dot) }
                }
            }
        }
    }
}

extension ByteSink {
    fileprivate mutating func write(_ siblings: [Sibling]) {
        write(varint: siblings.count)
        for sibling in siblings {
            write(sibling.dot)
            write(sibling.value)
        }
    }
}
