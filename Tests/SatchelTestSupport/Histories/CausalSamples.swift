package import SatchelSync

/// Generators of the small things of causality, drawn from a few actors so that they meet.
extension ActorID {
    /// A fixed actor for each number, in the order of the numbers.
    package static func sample(_ number: Int) -> ActorID {
        ActorID(high: 0xA000 + UInt64(number), low: 0x1000_0000_0000_0000 + UInt64(number))
    }
}

extension RecordID {
    /// A fixed record for each number, in the order of the numbers.
    package static func sample(_ number: Int) -> RecordID {
        RecordID(high: 0x0195_4FC0_0000_7000 + UInt64(number), low: 0x8000_0000_0000_0000 + UInt64(number))
    }
}

extension ChoiceSource {
    /// One of `count` actors.
    package mutating func actor(of count: Int = 3) -> ActorID { .sample(pick(below: count)) }

    /// A dot of one of `actors` actors with a counter from 1 to `counterMax`.
    package mutating func dot(actors: Int = 3, counterMax: Int = 4) -> Dot {
        Dot(actor(of: actors), UInt64(pick(in: 1...counterMax)))
    }

    /// A vector over `actors` actors with counters from 0 to `counterMax`.
    package mutating func vector(actors: Int = 3, counterMax: Int = 4) -> VersionVector {
        var vector = VersionVector()
        for number in 0..<actors {
            let counter = pick(in: 0...counterMax)
            if counter > 0 { vector.insert(Dot(.sample(number), UInt64(counter))) }
        }
        return vector
    }
}

extension SeededRandom {
    /// An actor out of all that there are; one in four stands for a release.
    package mutating func anyActor() -> ActorID {
        let released = isOnce(in: 4) ? next() % Limits.counterMax + 1 : 0
        return ActorID(high: next(), low: next(), releasedCounter: released)
    }

    /// A text of up to `lengthMax` scalars from everything that Unicode has, NUL and marks that combine included.
    package mutating func anyText(lengthMax: Int = 12) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<pick(in: 0...lengthMax) {
            let kinds: [ClosedRange<UInt32>] = [
                0x20...0x7E, 0x00...0x1F, 0xC0...0x24F, 0x300...0x36F, 0x4E00...0x9FFF, 0x1F300...0x1FAFF,
            ]
            let number = UInt32.random(in: pick(from: kinds), using: &self)
            if let scalar = Unicode.Scalar(number) { text.append(scalar) }
        }
        return String(text)
    }

    /// A field value of any kind.
    package mutating func anyValue() -> FieldValue {
        switch pick(below: 10) {
        case 0: .null
        case 1: .text(UTF8Text(anyText()))
        case 2: .integer(anyInteger())
        case 3: .timestamp(anyTimestamp())
        case 4: .boolean(isOnce(in: 2))
        case 5: DecimalNumber(units: anyInteger(), scale: UInt8(pick(in: 0...9))).map { .decimal($0) } ?? .null
        case 6: CalendarDate(dayNumber: pick(in: CalendarDate.range)).map { .date($0) } ?? .null
        case 7: anyLocation().map { .location($0) } ?? .null
        case 8: .json(UTF8Text(#"{"a":[1,null]}"#))
        default: .reference(RecordID(high: next(), low: next()))
        }
    }

    private mutating func anyInteger() -> Int64 { Int64(bitPattern: next() >> UInt64(pick(below: 64))) }

    private mutating func anyLocation() -> Location? {
        Location(
            latitude: Int64(pick(in: -900_000_000...900_000_000)),
            longitude: Int64(pick(in: -1_800_000_000...1_800_000_000)),
            accuracy: isOnce(in: 3) ? nil : Int64(pick(in: 0...Int(Location.accuracyMax))))
    }

    /// An instant within the years that have a text form.
    package mutating func anyTimestamp() -> Timestamp {
        let range = Timestamp.range.lowerBound.milliseconds...Timestamp.range.upperBound.milliseconds
        return Timestamp(milliseconds: Int64.random(in: range, using: &self))
    }

    /// A change-set with every kind of write, in the form that sealing gives it; its values fit no schema.
    package mutating func anyChangeSet() -> ChangeSet {
        let dot = Dot(anyActor(), next() % Limits.counterMax + 1)
        let changes = (0..<pick(in: 0...3)).map { _ in
            RecordChange(
                type: EntityTypeID(UInt32(pick(in: 1...300))), record: RecordID(high: next(), low: next()),
                context: VersionVector((0..<pick(below: 4)).map { _ in Dot(anyActor(), next() % 1_000 + 1) }),
                life: pick(from: [nil, .create, .delete, .revive]), writes: anyWrites())
        }
        return ChangeSet(
            dot: dot, label: anyText(), author: anyText(), time: anyTimestamp(),
            schemaVersion: UInt32.random(in: 0...(.max), using: &self), fixes: isOnce(in: 4) ? bytes(32) : nil,
            changes: changes)
    }

    private mutating func anyWrites() -> [FieldChange] {
        Set((0..<pick(below: 5)).map { _ in UInt32(pick(in: 1...300)) }).sorted().map { number in
            if isOnce(in: 2) { return FieldChange(FieldID(number), .register(anyValue())) }
            if isOnce(in: 4) { return FieldChange(FieldID(number), .counter(anyInteger())) }
            if isOnce(in: 4) {
                let keys = Set((0..<pick(below: 4)).map { _ in UTF8Text(anyText()) }).sorted()
                return FieldChange(FieldID(number), .map(keys.map { MapWrite($0, anyValue()) }))
            }
            let texts = Set((0..<pick(below: 5)).map { _ in UTF8Text(anyText()) }).sorted()
            let cut = pick(in: 0...texts.count)
            return FieldChange(FieldID(number), .set(add: Array(texts[..<cut]), remove: Array(texts[cut...])))
        }
    }
}
