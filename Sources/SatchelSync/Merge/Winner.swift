/// One distinct value of a register, with every change-set that wrote it: what people see as one sibling.
public struct DistinctValue: Hashable, Sendable {
    /// The value.
    public let value: FieldValue
    /// The change-sets that wrote it and still stand, in dot order; never empty.
    public let siblings: [Sibling]

    /// The latest of the siblings: by corrected time, then actor, then counter.
    public var latest: Sibling {
        siblings.dropFirst().reduce(siblings[0]) { Winner.isEarlier($0, $1) ? $1 : $0 }
    }
}

/// Which value the plain table shows: a total function of the siblings alone, the same on every replica and path.
public enum Winner {
    /// The sibling that the table shows; `nil` when none stands.
    ///
    /// `latest` and `manual` take the latest by corrected time, then actor, then counter. Where equal values stand, the latest
    /// of them speaks for all.
    /// - Complexity: O(siblings).
    public static func among(_ siblings: [Sibling], policy: MergePolicy) -> Sibling? {
        switch policy {
        case .latest, .manual, .set: siblings.max(by: isEarlier)
        }
    }

    /// The order of `latest`: corrected time, then actor, then counter.
    ///
    /// It is total, since no two siblings share a dot.
    static func isEarlier(_ left: Sibling, _ right: Sibling) -> Bool {
        left.time != right.time ? left.time < right.time : left.dot < right.dot
    }

    /// The distinct values among the siblings, the winner's first, the others from latest to earliest.
    public static func distinctValues(of siblings: [Sibling], policy: MergePolicy) -> [DistinctValue] {
        var groups: [FieldValue: [Sibling]] = [:]
        for sibling in siblings { groups[sibling.value, default: []].append(sibling) }
        let values = groups.map { DistinctValue(value: $0.key, siblings: $0.value.sorted { $0.dot < $1.dot }) }
        let winner = among(siblings, policy: policy)?.value
        return values.sorted { left, right in
            if (left.value == winner) != (right.value == winner) { return left.value == winner }
            return isEarlier(right.latest, left.latest)
        }
    }
}

extension RecordState {
    /// The value that the plain table shows for a register; `.null` when none stands.
    public func winningValue(of field: Field) -> FieldValue {
        guard case .register(let siblings) = self.field(field.id) else { return .null }
        return Winner.among(siblings, policy: field.policy)?.value ?? .null
    }

    /// The elements that the plain table shows for a set, in byte order.
    public func winningElements(of field: Field) -> [UTF8Text] {
        guard case .set(let elements) = self.field(field.id) else { return [] }
        return elements.map(\.value)
    }
}
