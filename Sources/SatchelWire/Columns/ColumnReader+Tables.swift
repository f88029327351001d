import SatchelSync

/// What is named by its place once it was met: texts, actors, records, vectors, dots and shapes.
extension ColumnReader {
    mutating func text(_ column: TextColumn) throws(FormError) -> UTF8Text {
        let choice = try number(at: column.choice)
        guard choice == 0 else {
            guard let table = texts[column.choice], choice <= UInt64(table.count) else {
                throw fault(column.choice, takes: "0 or the place of a text before")
            }
            let text = table[Int(choice) - 1]
            try spend(bytes: text.string.utf8.count)
            return text
        }
        guard let length = Int(exactly: try number(at: column.length)) else {
            throw fault(column.length, takes: "a number of bytes")
        }
        guard let string = String(validating: try bytes(length, at: column.bytes), as: UTF8.self) else {
            throw fault(column.bytes, takes: "UTF-8")
        }
        try spend(bytes: length)
        let text = UTF8Text(string)
        texts[column.choice, default: []].append(text)
        return text
    }

    mutating func actor(_ column: Column) throws(FormError) -> ActorID {
        let choice = try number(column)
        guard choice == 0 else {
            guard choice <= UInt64(actors.count) else {
                throw fault(column, takes: "0 or the place of an actor before")
            }
            return actors[Int(choice) - 1]
        }
        let (high, low) = try halves(.actorName)
        let released = try number(.actorRelease)
        guard released <= Limits.counterMax else { throw fault(.actorRelease, takes: "0 to \(Limits.counterMax)") }
        let actor = ActorID(high: high, low: low, releasedCounter: released)
        actors.append(actor)
        return actor
    }

    /// The handles that the body names, in order: to be looked up before anything else is read.
    mutating func handles() throws(FormError) -> [UInt64] {
        let count = remaining(.recordHandle)
        try spend(elements: count, bytes: 16 * count)
        var handles: [UInt64] = []
        handles.reserveCapacity(count)
        for _ in 0..<count { handles.append(try number(.recordHandle)) }
        return handles
    }

    /// Takes the records that the handles stand for.
    mutating func setHandled(_ records: [RecordID]) { handledRecords = records.reversed() }

    mutating func record(at column: Int) throws(FormError) -> RecordID {
        switch try number(at: column) {
        case 0:
            let (high, low) = try halves(.recordID)
            metRecords.append(RecordID(high: high, low: low))
        case 1:
            guard let record = handledRecords.popLast() else { throw fault(.recordHandle, takes: "an entry more") }
            metRecords.append(record)
        case let back:
            guard back - 1 <= UInt64(metRecords.count) else {
                throw fault(column, takes: "how far back a record stands")
            }
            return metRecords[metRecords.count - Int(back - 1)]
        }
        return metRecords[metRecords.count - 1]
    }

    mutating func vector(_ column: Column, first: UInt64 = 1) throws(FormError) -> VersionVector {
        try vector(choice: try number(column), column, first: first)
    }

    /// The vector that a choice names: 0 is a new one, and places count from `first`.
    mutating func vector(choice: UInt64, _ column: Column, first: UInt64) throws(FormError) -> VersionVector {
        guard choice == 0 else {
            guard choice >= first, choice - first < UInt64(vectors.count) else {
                throw fault(column, takes: "0 or the place of a vector before")
            }
            let vector = vectors[Int(choice - first)]
            try spend(elements: vector.count, bytes: 26 * vector.count)
            return vector
        }
        let count = try count(.vectorCount)
        guard count <= Limits.contextEntriesMax else {
            var error = fault(.vectorCount, takes: "at most \(Limits.contextEntriesMax) actors in a vector")
            error.isTooLarge = true
            throw error
        }
        var dots = ContiguousArray<Dot>()
        for _ in 0..<count {
            let actor = try actor(.vectorActor)
            guard dots.last.map({ $0.actor < actor }) ?? true else {
                throw fault(.vectorActor, takes: "actors in strictly ascending order")
            }
            let counter = UInt64(bitPattern: try difference(at: Column.vectorCounter.rawValue))
            dots.append(Dot(actor, try self.counter(counter, .vectorCounter)))
        }
        try spend(bytes: 26 * count)
        let vector = VersionVector(sortedDots: dots)
        vectors.append(vector)
        return vector
    }

    mutating func stamp() throws(FormError) -> Stamp {
        let choice = try number(.stamp)
        let stamp: Stamp
        switch choice {
        case 0:
            guard let usedStamp else { throw fault(.stamp, takes: "a dot before it") }
            stamp = usedStamp
        case 1:
            let actor = try actor(.stampActor)
            let counter = UInt64(bitPattern: try difference(at: Column.stampCounter.rawValue))
            stamp = Stamp(
                dot: Dot(actor, try self.counter(counter, .stampCounter)),
                time: try time(at: Column.stampTime.rawValue))
            stamps.append(stamp)
        default:
            guard choice - 2 < UInt64(stamps.count) else { throw fault(.stamp, takes: "the place of a dot before") }
            stamp = stamps[Int(choice - 2)]
        }
        try spend(elements: 1)
        usedStamp = stamp
        return stamp
    }

    mutating func shape() throws(FormError) -> Shape {
        let choice = try number(.shape)
        guard choice == 0 else {
            guard choice <= UInt64(shapes.count) else { throw fault(.shape, takes: "0 or the place of a shape before") }
            let shape = shapes[Int(choice) - 1]
            try spend(elements: shape.members.count)
            return shape
        }
        guard let type = UInt32(exactly: try number(.shapeType)), type >= 1 else {
            throw fault(.shapeType, takes: "a number from 1")
        }
        let life = try number(.shapeLife)
        var members: [Shape.Member] = []
        var last: UInt32 = 0
        for _ in 0..<(try count(.shapeCount)) {
            let step = try number(.shapeField)
            guard step >= 1, step <= UInt64(UInt32.max - last), let kind = ShapeKind(rawValue: try number(.shapeKind))
            else { throw fault(.shapeField, takes: "fields in strictly ascending order, each with its kind") }
            last += UInt32(step)
            members.append(Shape.Member(field: last, kind: kind))
            _ = try slot(type: type, field: last)
        }
        let shape = Shape(type: type, life: life, members: members)
        shapes.append(shape)
        return shape
    }

    /// The place of a field's columns.
    mutating func slot(type: UInt32, field: UInt32) throws(FormError) -> Int {
        let key = Slot(type: type, field: field)
        if let slot = slots[key] { return slot }
        let slot = slots.count
        guard slot < Limits.typesMax * Limits.fieldsPerTypeMax else {
            var error = fault(.shapeField, takes: "at most \(Limits.typesMax * Limits.fieldsPerTypeMax) fields")
            error.isTooLarge = true
            throw error
        }
        slots[key] = slot
        extendIndexes(to: Column.firstSlot + (slot + 1) * SlotPart.width)
        return slot
    }
}
