extension RecordState {
    /// The bytes of all the values that stand, with a round sum for each pair's dot and time.
    /// - Complexity: O(pairs).
    package var valueByteCount: Int {
        var count = (life.count + context.count) * Self.pairBytes
        for pair in life {
            if case .deleted(let context) = pair.mark { count += context.count * Self.pairBytes }
        }
        for entry in fields {
            switch entry.state {
            case .register(let siblings):
                for sibling in siblings { count += Self.pairBytes + sibling.value.byteCount }
            case .set(let elements):
                for element in elements {
                    count += element.value.string.utf8.count + element.dots.count * Self.pairBytes
                }
            }
        }
        return count
    }

    private static let pairBytes = 32
}

extension FieldValue {
    fileprivate var byteCount: Int {
        if case .text(let text) = self { text.string.utf8.count } else { 16 }
    }
}
