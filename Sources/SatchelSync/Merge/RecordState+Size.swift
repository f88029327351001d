extension RecordState {
    /// The bytes of all the values that stand, with a round sum for each pair's dot and time.
    /// - Complexity: O(pairs).
    package var valueByteCount: Int {
        var count = (life.count + context.count) * Self.pairBytes
        for pair in life {
            if case .deleted(let context) = pair.mark {
                count += (context.vector.count + context.lateDots.count) * Self.pairBytes
            }
        }
        for entry in fields {
            switch entry.state {
            case .register(let siblings):
                for sibling in siblings { count += Self.pairBytes + sibling.value.byteCount }
            case .set(let elements):
                for element in elements {
                    count += element.value.string.utf8.count + element.dots.count * Self.pairBytes
                }
            case .counter(let entries): count += entries.count * Self.pairBytes
            case .map(let entries):
                for entry in entries {
                    count += entry.key.string.utf8.count
                    for sibling in entry.siblings { count += Self.pairBytes + sibling.value.byteCount }
                }
            }
        }
        return count
    }

    private static let pairBytes = 32
}

extension FieldValue {
    fileprivate var byteCount: Int {
        switch self {
        case .text(let text), .json(let text): text.string.utf8.count
        default: 16
        }
    }
}
