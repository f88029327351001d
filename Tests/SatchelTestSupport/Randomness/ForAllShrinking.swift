/// A case in which a property does not hold, made as small as it goes.
package struct Counterexample: Error, CustomStringConvertible {
    /// What is wrong with the smallest case.
    package let problem: String
    /// The smallest case, as one would paste it into a test.
    package let smallest: String
    /// How to see it again.
    package let replay: Replay

    /// The problem, the case and the command, one a line.
    package var description: String { "\(problem)\n\(smallest)\nReplay with: \(replay)" }
}

/// Checks a property of lists; a list that breaks it is shrunk before it is shown.
///
/// `problem` answers `nil` where the property holds, else a sentence. `simpler` names smaller stand-ins of one element, and
/// `describe` writes a list as a test would.
/// - Throws: ``Counterexample``, for the first seed that breaks the property.
package func forAllShrinking<Element>(
    cases: Int, seed: UInt64 = 1, fileID: String = #fileID,
    generate: (inout SeededRandom) -> [Element],
    simpler: (Element) -> [Element] = { _ in [] },
    describe: ([Element]) -> String = { String(reflecting: $0) },
    problem: ([Element]) -> String?
) throws(Counterexample) {
    for seed in Seeds.forThisRun(cases: cases, first: seed) {
        var random = SeededRandom(seed: seed)
        let list = generate(&random)
        guard let first = problem(list) else { continue }
        let smallest = shrink(list, simpler: simpler) { problem($0) != nil }
        let failure = Counterexample(
            problem: problem(smallest) ?? first, smallest: describe(smallest),
            replay: Replay(seed: seed, fileID: fileID))
        print(failure)
        throw failure
    }
}

/// The smallest list that still fails: runs of elements are left out, halves first, then single elements made simpler
/// (after Zeller, Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 2002).
///
/// `fails` must hold for `list`. At most `attempts` lists are tried.
package func shrink<Element>(
    _ list: [Element], attempts: Int = 4_000, simpler: (Element) -> [Element] = { _ in [] },
    fails: ([Element]) -> Bool
) -> [Element] {
    var smallest = list
    var attemptsLeft = attempts
    func isKept(_ candidate: [Element]) -> Bool {
        guard attemptsLeft > 0 else { return false }
        attemptsLeft -= 1
        guard fails(candidate) else { return false }
        smallest = candidate
        return true
    }
    var hasShrunk = true
    while hasShrunk {
        hasShrunk = false
        var run = max(smallest.count / 2, 1)
        while run >= 1, !smallest.isEmpty {
            var start = 0
            while start < smallest.count {
                var candidate = smallest
                candidate.removeSubrange(start..<min(start + run, candidate.count))
                if isKept(candidate) { hasShrunk = true } else { start += run }
            }
            run /= 2
        }
        for index in smallest.indices {
            for element in simpler(smallest[index]) {
                var candidate = smallest
                candidate[index] = element
                if isKept(candidate) {
                    hasShrunk = true
                    break
                }
            }
        }
    }
    return smallest
}

/// Smaller stand-ins of a number that is not negative: zero, its half, the one below.
package func simplerNumbers(_ number: Int) -> [Int] {
    var numbers: [Int] = []
    for smaller in [0, number / 2, number - 1] where smaller >= 0 && smaller < number && !numbers.contains(smaller) {
        numbers.append(smaller)
    }
    return numbers
}
