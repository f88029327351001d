/// Finds what somebody may have meant by a word that nothing is called by.
package enum NearWord {
    /// The name that is nearest to the word; `nil` where none is near.
    ///
    /// Near is what differs in capitals alone, in no more than a third of its characters and at most two of them, or is the
    /// beginning of just one name. Characters that changed places count as one difference (Damerau, "A technique for computer
    /// detection and correction of spelling errors", CACM 1964). Of equally near names the first in `names` is taken.
    ///
    /// - Complexity: O(names × length²); words of more than 64 characters are near to nothing.
    package static func of(_ word: String, among names: [String]) -> String? {
        guard !word.isEmpty, word.unicodeScalars.prefix(lengthMax + 1).count <= lengthMax else { return nil }
        let typed = Array(word.lowercased().unicodeScalars)
        let ranked = names.map { (name: $0, distance: distance(typed, Array($0.lowercased().unicodeScalars))) }
        if let nearest = ranked.min(by: { $0.distance < $1.distance }),
            nearest.distance <= min(2, max(typed.count, 3) / 3)
        {
            return nearest.name
        }
        let longer = names.filter { $0.hasPrefix(word.lowercased()) }
        return longer.count == 1 ? longer.first : nil
    }

    /// The question that a remedy begins with, such as `Did you mean account? `; empty where nothing is near.
    package static func question(_ word: String, among names: [String]) -> String {
        of(word, among: names).map { "Did you mean \($0)? " } ?? ""
    }

    private static let lengthMax = 64

    private static func distance(_ one: [Unicode.Scalar], _ two: [Unicode.Scalar]) -> Int {
        var rows = [Array(0...two.count)]
        for (place, scalar) in one.enumerated() {
            var row = [place + 1]
            for (other, candidate) in two.enumerated() {
                var cost = min(row[other] + 1, rows[place][other + 1] + 1)
                cost = min(cost, rows[place][other] + (scalar == candidate ? 0 : 1))
                if place > 0, other > 0, scalar == two[other - 1], one[place - 1] == candidate {
                    cost = min(cost, rows[place - 1][other - 1] + 1)
                }
                row.append(cost)
            }
            rows.append(row)
        }
        return rows.last?.last ?? two.count
    }
}
