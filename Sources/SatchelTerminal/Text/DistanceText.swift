/// Distances, as people say them.
package enum DistanceText {
    /// From where on kilometres say more.
    private static let metresMax = 10_000

    /// Such as `1112 m`, and from ten kilometres on `12,633 km`.
    package static func said(_ metres: Int) -> String {
        guard metres >= metresMax else { return SatchelTerminal.said("\(metres) m") }
        let kilometres = metres / 1_000 + (metres % 1_000 >= 500 ? 1 : 0)
        let digits = String(kilometres)
        let grouped = digits.enumerated().map { index, digit in
            index > 0 && (digits.count - index).isMultiple(of: 3) ? ",\(digit)" : "\(digit)"
        }
        return SatchelTerminal.said("\(grouped.joined()) km")
    }
}
