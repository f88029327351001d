/// What somebody did or saw, one operation of a recorded history.
///
/// Every write has a number of its own and adds it to several registers at once, in one change-set; registers only grow.
package struct HistoryOperation: Sendable {
    package enum Deed: Sendable {
        /// The number was added to these registers. Where it was not acknowledged, it may have been, or not.
        case write(Int, registers: Set<String>, isAcknowledged: Bool)
        /// All registers as they were seen at one moment.
        case read([String: Set<Int>])
    }

    /// Who: one that does one thing after the other.
    package let process: Int
    package let deed: Deed

    package init(process: Int, _ deed: Deed) { (self.process, self.deed) = (process, deed) }
}

/// Something that must not happen in a causally consistent system.
package struct CausalViolation: Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// A process did not see what it had written itself.
        case readYourWrites = "read-your-writes"
        /// A process no longer saw what it had seen before.
        case monotonicReads = "monotonic reads"
        /// Somebody saw a write and not one that its author had seen or made before.
        case writesFollowReads = "writes-follow-reads"
        /// Somebody saw a part of a change-set.
        case partOfAChangeSet = "part of a change-set"
        /// Something was seen before it can have been written.
        case cycle = "cycle"
        /// Something was seen that nobody wrote.
        case fromNowhere = "from nowhere"
    }

    package let kind: Kind
    package let description: String
}

/// A recorded history, and what in it contradicts causal consistency.
///
/// As Elle does (Kingsbury and Alvaro, VLDB 2020), it draws edges between operations: `process` from one to the next of the
/// same process; `wr` from a write to a read that saw it; `ww` between writes of a register that one process alone writes; `rw`
/// from a read to a write that it missed. A cycle of the first three, or one with a single `rw` in it, must not be: in every
/// other history all who saw an operation saw what came before it.
package struct CausalHistory: Sendable {
    private struct Edge {
        let from: Int
        let word: String
    }

    private var operations: [HistoryOperation] = []
    /// Where each number was written.
    private var writers: [Int: Int] = [:]
    /// For each operation those that come before it at once.
    private var before: [[Edge]] = []
    private var fromNowhere: [CausalViolation] = []

    /// Takes operations, those of each process in their order.
    package init(_ all: [HistoryOperation]) {
        var seen: Set<Int> = []
        for operation in all {
            if case .read(let registers) = operation.deed { registers.values.forEach { seen.formUnion($0) } }
        }
        // What nobody acknowledged and nobody ever saw did not happen.
        operations = all.filter { operation in
            if case .write(let number, _, false) = operation.deed { seen.contains(number) } else { true }
        }
        for (place, operation) in operations.enumerated() {
            if case .write(let number, _, _) = operation.deed { writers[number] = place }
        }
        before = Array(repeating: [], count: operations.count)
        drawEdges()
    }

    /// How many operations count.
    package var count: Int { operations.count }
    /// How many edges there are.
    package var edgeCount: Int { before.reduce(0) { $0 + $1.count } }

    private mutating func drawEdges() {
        var last: [Int: Int] = [:]
        var lastWrite: [String: (process: Int, place: Int)] = [:]
        var shared: Set<String> = []
        for (place, operation) in operations.enumerated() {
            if let previous = last[operation.process] { before[place].append(Edge(from: previous, word: "process")) }
            last[operation.process] = place
            switch operation.deed {
            case .write(_, let registers, _):
                for register in registers {
                    if let previous = lastWrite[register] {
                        if previous.process == operation.process, !shared.contains(register) {
                            before[place].append(Edge(from: previous.place, word: "ww"))
                        } else {
                            shared.insert(register)
                        }
                    }
                    lastWrite[register] = (operation.process, place)
                }
            case .read(let registers):
                for number in registers.values.reduce(into: Set<Int>(), { $0.formUnion($1) }) {
                    if let writer = writers[number] {
                        before[place].append(Edge(from: writer, word: "wr"))
                    } else {
                        fromNowhere.append(
                            CausalViolation(
                                kind: .fromNowhere, description: "\(name(place)) saw \(number), which nobody wrote"))
                    }
                }
            }
        }
    }

    /// What contradicts causal consistency; empty where nothing does.
    package func violations() -> [CausalViolation] {
        guard let order = order() else { return fromNowhere + [cycle()] }
        // For each operation how many of each process come before it.
        let processes = Array(Set(operations.map(\.process))).sorted()
        let columns = Dictionary(uniqueKeysWithValues: processes.enumerated().map { ($1, $0) })
        var own: [[Int]] = Array(repeating: [], count: processes.count)
        var position = Array(repeating: 0, count: operations.count)
        for (place, operation) in operations.enumerated() {
            guard let column = columns[operation.process] else { continue }
            position[place] = own[column].count
            own[column].append(place)
        }
        var pasts: [[Int]] = Array(repeating: [], count: operations.count)
        var violations = fromNowhere
        for place in order {
            var past = Array(repeating: 0, count: processes.count)
            for edge in before[place] {
                for column in past.indices { past[column] = max(past[column], pasts[edge.from][column]) }
                guard let column = columns[operations[edge.from].process] else { continue }
                past[column] = max(past[column], position[edge.from] + 1)
            }
            pasts[place] = past
            guard case .read(let registers) = operations[place].deed else { continue }
            for column in past.indices {
                for writer in own[column].prefix(past[column]) {
                    if let violation = missing(writer, in: registers, at: place) { violations.append(violation) }
                }
            }
        }
        return violations
    }

    /// What it means that a read lacks something of a write that comes before it; `nil` where it lacks nothing.
    private func missing(_ writer: Int, in registers: [String: Set<Int>], at place: Int) -> CausalViolation? {
        guard case .write(let number, let written, _) = operations[writer].deed else { return nil }
        let lacking = written.filter { registers[$0]?.contains(number) != true }
        guard !lacking.isEmpty else { return nil }
        let kind: CausalViolation.Kind
        if lacking.count < written.count {
            kind = .partOfAChangeSet
        } else if operations[writer].process == operations[place].process {
            kind = .readYourWrites
        } else if hasSeen(number, process: operations[place].process, before: place) {
            kind = .monotonicReads
        } else {
            kind = .writesFollowReads
        }
        return CausalViolation(
            kind: kind,
            description:
                "\(kind.rawValue): \(name(place)) lacks \(number) in \(lacking.sorted().joined(separator: ", "))"
                + ", and \(path(from: writer, to: place)) —rw→ \(name(writer))")
    }

    private func hasSeen(_ number: Int, process: Int, before place: Int) -> Bool {
        operations[..<place].contains { operation in
            guard operation.process == process, case .read(let registers) = operation.deed else { return false }
            return registers.values.contains { $0.contains(number) }
        }
    }

    /// All operations, each behind those that come before it; `nil` where there is a cycle.
    private func order() -> [Int]? {
        var after: [[Int]] = Array(repeating: [], count: operations.count)
        var open = before.map(\.count)
        for (place, edges) in before.enumerated() { for edge in edges { after[edge.from].append(place) } }
        var order = open.indices.filter { open[$0] == 0 }
        var next = 0
        while next < order.count {
            for place in after[order[next]] {
                open[place] -= 1
                if open[place] == 0 { order.append(place) }
            }
            next += 1
        }
        return order.count == operations.count ? order : nil
    }

    /// One of the cycles that there are.
    private func cycle() -> CausalViolation {
        var alive = Set(operations.indices)
        // What nothing alive comes before is on no cycle.
        while let place = alive.first(where: { place in before[place].allSatisfy { !alive.contains($0.from) } }) {
            alive.remove(place)
        }
        var walk: [Int] = [], words: [String] = []
        var place = alive.min() ?? 0
        while !walk.contains(place), let edge = before[place].first(where: { alive.contains($0.from) }) {
            walk.append(place)
            words.append(edge.word)
            place = edge.from
        }
        let start = walk.firstIndex(of: place) ?? 0
        let steps = zip(walk[start...], words[start...]).map { "\(name($0)) ←\($1)— " }.joined() + name(place)
        return CausalViolation(kind: .cycle, description: "cycle: \(steps)")
    }

    /// A shortest way from one operation to a later one.
    private func path(from start: Int, to end: Int) -> String {
        var next: [Int: (place: Int, word: String)] = [:]
        var queue = [end], index = 0
        while index < queue.count, next[start] == nil {
            for edge in before[queue[index]] where edge.from != end && next[edge.from] == nil {
                next[edge.from] = (queue[index], edge.word)
                queue.append(edge.from)
            }
            index += 1
        }
        var text = name(start), place = start
        while place != end, let step = next[place] {
            text += " —\(step.word)→ \(name(step.place))"
            place = step.place
        }
        return text
    }

    private func name(_ place: Int) -> String {
        switch operations[place].deed {
        case .write(let number, _, _): "write \(number) of process \(operations[place].process)"
        case .read: "read \(place) of process \(operations[place].process)"
        }
    }
}
