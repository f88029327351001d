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
    /// `max`, `min` and `precedence` take the value that stands highest, lowest, or last in the list; ties, and the other
    /// policies, the latest by corrected time, then actor, then counter; `immutable` the earliest. Where equal values stand, the
    /// latest of them speaks for all.
    /// - Complexity: O(siblings).
    public static func among(_ siblings: [Sibling], policy: MergePolicy) -> Sibling? {
        if siblings.count < 2 { return siblings.first }
        switch policy {
        case .latest, .manual, .server, .set, .counter, .map: return siblings.max(by: isEarlier)
        case .immutable: return siblings.min(by: isEarlier)
        case .max, .min:
            let sign: Int64 = policy == .max ? 1 : -1
            return siblings.max { left, right in
                let (one, two) = (left.value.magnitude(sign), right.value.magnitude(sign))
                return one != two ? one < two : isEarlier(left, right)
            }
        case .precedence(let order):
            let rank = { (sibling: Sibling) -> Int in
                guard case .text(let text) = sibling.value else { return -1 }
                return order.firstIndex(of: text) ?? -1
            }
            return siblings.max { left, right in
                let (one, two) = (rank(left), rank(right))
                return one != two ? one < two : isEarlier(left, right)
            }
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

extension FieldValue {
    /// Where the value stands among numbers and days, from below or, with the sign −1, from above; no value stands last.
    fileprivate func magnitude(_ sign: Int64) -> Int128 {
        switch self {
        case .integer(let number): Int128(number) * Int128(sign)
        case .decimal(let number): Int128(number.units) * Int128(sign)
        case .date(let day): Int128(day.dayNumber) * Int128(sign)
        case .timestamp(let instant): Int128(instant.milliseconds) * Int128(sign)
        default: Int128.min
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

    /// The number that the plain table shows for a counter: the sum of all parts, brought into 64 bits.
    public func total(of field: Field) -> Int64 {
        guard case .counter(let entries) = self.field(field.id) else { return 0 }
        let sum = entries.reduce(Int128(0)) { $0 + Int128($1.sum) }
        return Int64(clamping: sum)
    }

    /// The keys that the plain table shows for a map, in byte order, each with its latest value.
    public func winningEntries(of field: Field) -> [(key: UTF8Text, value: FieldValue)] {
        guard case .map(let entries) = self.field(field.id) else { return [] }
        return entries.compactMap { entry in
            guard let winner = Winner.among(entry.siblings, policy: .latest), !winner.value.isNull else { return nil }
            return (entry.key, winner.value)
        }
    }
}
