import SatchelSync

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A field that has not the form the protocol gives it: its path, and what it takes.
struct FormError: Error {
    let path: String
    let wanted: String
    /// Whether it is only too much of what is right.
    var isTooLarge = false
}

/// Checks the fields of a decoded message before anything is built from them, and knows where it stands.
struct FormReader {
    private struct Step {
        let name: StaticString
        let index: Int?
    }

    /// The message's dictionary of actors.
    private(set) var actors: [ActorID] = []
    private var steps: [Step] = []

    /// What to throw when a field, here or at `name`, is not what it must be.
    func fault(_ name: StaticString? = nil, takes wanted: String) -> FormError {
        var parts = steps.map { step in step.index.map { "\(step.name)[\($0)]" } ?? "\(step.name)" }
        if let name { parts.append("\(name)") }
        return FormError(path: parts.joined(separator: "."), wanted: wanted)
    }

    /// Goes into a field.
    ///
    /// After a throw the reader stays where it was thrown, and is of no further use.
    mutating func inside<Result>(
        _ name: StaticString, _ index: Int? = nil, _ body: (inout FormReader) throws(FormError) -> Result
    ) throws(FormError) -> Result {
        steps.append(Step(name: name, index: index))
        let result = try body(&self)
        steps.removeLast()
        return result
    }

    /// Goes into each message of a repeated field.
    mutating func each<Message, Result>(
        _ name: StaticString, _ messages: [Message],
        _ body: (inout FormReader, Message) throws(FormError) -> Result
    ) throws(FormError) -> [Result] {
        var results: [Result] = []
        results.reserveCapacity(messages.count)
        for (index, message) in messages.enumerated() {
            steps.append(Step(name: name, index: index))
            results.append(try body(&self, message))
            steps.removeLast()
        }
        return results
    }

    /// Takes the message's dictionary of actors, to which the indexes after it refer.
    mutating func readDictionary(_ names: [ProtoActorName]) throws(FormError) {
        let read = try each("actors", names) { (reader, name) throws(FormError) in try reader.actor(name) }
        guard isAscending(read) else { throw fault("actors", takes: "actors in strictly ascending order") }
        actors = read
    }

    func actor(_ name: ProtoActorName) throws(FormError) -> ActorID {
        guard let halves = WireBytes.halves(name.name) else { throw fault("name", takes: "16 bytes") }
        guard name.releasedCounter <= Limits.counterMax else {
            throw fault("released_counter", takes: "at most \(Limits.counterMax)")
        }
        return ActorID(high: halves.high, low: halves.low, releasedCounter: name.releasedCounter)
    }

    func ordinaryActor(_ data: Data, _ name: StaticString) throws(FormError) -> ActorID {
        guard let halves = WireBytes.halves(data) else { throw fault(name, takes: "16 bytes") }
        return ActorID(high: halves.high, low: halves.low)
    }

    func dot(actor index: UInt32, counter: UInt64) throws(FormError) -> Dot {
        guard index < actors.count else { throw fault("actor", takes: "an index below \(actors.count)") }
        return Dot(actors[Int(index)], try self.counter(counter, "counter"))
    }

    func counter(_ value: UInt64, _ name: StaticString) throws(FormError) -> UInt64 {
        guard value >= 1, value <= Limits.counterMax else { throw fault(name, takes: "1 to \(Limits.counterMax)") }
        return value
    }

    func counterOrZero(_ value: UInt64, _ name: StaticString) throws(FormError) -> UInt64 {
        guard value <= Limits.counterMax else { throw fault(name, takes: "0 to \(Limits.counterMax)") }
        return value
    }

    func vector(_ pairs: [UInt64], _ name: StaticString) throws(FormError) -> VersionVector {
        guard pairs.count.isMultiple(of: 2) else { throw fault(name, takes: "pairs of an actor and a counter") }
        try count(pairs.count / 2, name, max: Limits.contextEntriesMax)
        var dots = ContiguousArray<Dot>()
        dots.reserveCapacity(pairs.count / 2)
        var lowestIndex: UInt64 = 0
        for place in stride(from: 0, to: pairs.count, by: 2) {
            guard pairs[place] >= lowestIndex, pairs[place] < actors.count else {
                throw fault(name, takes: "strictly ascending indexes below \(actors.count)")
            }
            lowestIndex = pairs[place] + 1
            dots.append(Dot(actors[Int(pairs[place])], try counter(pairs[place + 1], name)))
        }
        return VersionVector(sortedDots: dots)
    }

    func count(_ count: Int, _ name: StaticString, max: Int) throws(FormError) {
        guard count <= max else {
            var error = fault(name, takes: "at most \(max) entries, got \(count)")
            error.isTooLarge = true
            throw error
        }
    }

    func time(_ milliseconds: Int64, _ name: StaticString) throws(FormError) -> Timestamp {
        let time = Timestamp(milliseconds: milliseconds)
        guard time.milliseconds == milliseconds else { throw fault(name, takes: "an instant of the years 0 to 9999") }
        return time
    }

    /// An instant `delta` milliseconds after `last`, which it then replaces.
    func time(_ delta: Int64, after last: inout Int64, _ name: StaticString) throws(FormError) -> Timestamp {
        let (milliseconds, overflow) = last.addingReportingOverflow(delta)
        guard !overflow else { throw fault(name, takes: "an instant of the years 0 to 9999") }
        last = milliseconds
        return try time(milliseconds, name)
    }

    func epoch(_ data: Data) throws(FormError) -> StoreEpoch {
        guard let halves = WireBytes.halves(data) else { throw fault("epoch", takes: "16 bytes") }
        return StoreEpoch(high: halves.high, low: halves.low)
    }

    func record(_ data: Data, _ name: StaticString = "record") throws(FormError) -> RecordID {
        guard let halves = WireBytes.halves(data) else { throw fault(name, takes: "16 bytes") }
        return RecordID(high: halves.high, low: halves.low)
    }

    func digest(_ data: Data, _ name: StaticString = "digest") throws(FormError) -> [UInt8] {
        guard data.count == WireLimits.digestBytes else {
            throw fault(name, takes: "\(WireLimits.digestBytes) bytes")
        }
        return WireBytes.array(data)
    }

    func opaque(_ data: Data, _ name: StaticString, bytesMax: Int) throws(FormError) -> [UInt8] {
        guard data.count <= bytesMax else { throw fault(name, takes: "at most \(bytesMax) bytes") }
        return WireBytes.array(data)
    }

    func type(_ number: UInt32) throws(FormError) -> EntityTypeID {
        guard number >= 1 else { throw fault("type", takes: "a number from 1") }
        return EntityTypeID(number)
    }

    func field(_ number: UInt32) throws(FormError) -> FieldID {
        guard number >= 1 else { throw fault("field", takes: "a number from 1") }
        return FieldID(number)
    }

    func text(_ text: String, _ name: StaticString, bytes: ClosedRange<Int>) throws(FormError) -> String {
        guard bytes.contains(text.utf8.count) else {
            throw fault(name, takes: "\(bytes.lowerBound) to \(bytes.upperBound) bytes")
        }
        return text
    }

    func isAscending<Element: Comparable>(_ elements: [Element]) -> Bool {
        zip(elements, elements.dropFirst()).allSatisfy { $0 < $1 }
    }
}
