import Synchronization

/// A scenario of the catalogue: what goes wrong, and what must hold all the same.
package struct Scenario: Sendable {
    /// Its name in the catalogue, such as `N04`.
    package let id: String
    /// What it is about, in a few words.
    package let title: String
    /// Plays it; says what was seen.
    ///
    /// `nil` where nobody plays it yet.
    package let play: (@Sendable (Stage) async throws -> String)?

    package init(_ id: String, _ title: String, play: (@Sendable (Stage) async throws -> String)? = nil) {
        (self.id, self.title, self.play) = (id, title, play)
    }
}

/// How much of a scenario is played.
package enum ScenarioSize: String, Sendable {
    /// At most ten seconds or so: counts are cut, and it is said by how much.
    case quick
    /// The catalogue's own counts.
    case full
}

/// A scenario cannot be played here, or not before the product has something.
package struct NotYet: Error {
    let reason: String

    package init(_ reason: String) { self.reason = reason }
}

/// What a scenario is played with: its size, its seed, and what it finds.
package final class Stage: Sendable {
    private struct State {
        var problems: [String] = []
        var cuts: Set<Int> = []
    }

    package let size: ScenarioSize
    /// Where all chance comes from.
    package let seed: UInt64
    private let state = Mutex(State())

    package init(size: ScenarioSize, seed: UInt64) { (self.size, self.seed) = (size, seed) }

    /// The catalogue's count, or a part of it in quick size.
    package func count(_ full: Int, over factor: Int) -> Int {
        guard size == .quick else { return full }
        state.withLock { _ = $0.cuts.insert(factor) }
        return max(1, full / factor)
    }

    /// Notes what does not hold.
    package func expect(_ holds: Bool, _ problem: @autoclosure () -> String) {
        guard !holds else { return }
        let text = problem()
        state.withLock { $0.problems.append(text) }
    }

    /// Notes where two values differ.
    package func expect<Value: Equatable>(_ value: Value, is wanted: Value, _ what: @autoclosure () -> String) {
        expect(value == wanted, "\(what()) is \(value), and not \(wanted)")
    }

    /// What does not hold.
    var problems: [String] { state.withLock { $0.problems } }

    /// The size in words.
    var sizeText: String {
        let cuts = state.withLock { $0.cuts }.sorted()
        guard size == .quick, !cuts.isEmpty else { return size.rawValue }
        return "quick, counts / \(cuts.map(String.init).joined(separator: ", "))"
    }
}
