import SatchelSync
import SatchelTestSupport
import SatchelWire
import Testing

@Suite("Columns")
struct ColumnTests {
    private static let epoch = StoreEpoch(high: 7, low: 8)
    private static let digest = [UInt8](repeating: 0xD1, count: 32)

    private static func schema() throws -> Schema {
        try Schema(
            version: 1,
            types: [
                EntityType(
                    id: EntityTypeID(1), name: "account",
                    fields: [
                        Field(
                            id: FieldID(2), name: "status", kind: .enumeration(["prospect", "customer"]),
                            policy: .latest)
                    ])
            ])
    }

    private static func request(_ changeSets: [OfferedChangeSet], epoch: StoreEpoch = Self.epoch) -> SyncRequest {
        SyncRequest(
            schemaVersion: 1, epoch: epoch, actor: .sample(1), highestCounter: 9, confirmed: nil, forkToken: [],
            checkpoint: nil, deviceTime: Timestamp(milliseconds: 0), changeSets: changeSets)
    }

    private static func request(
        context: VersionVector = VersionVector(), label: String = "edit", writes: [FieldChange]
    ) -> SyncRequest {
        let change = RecordChange(
            type: EntityTypeID(1), record: .sample(1), context: context, life: nil, writes: writes)
        let changeSet = ChangeSet(
            dot: Dot(.sample(1), 1), label: label, author: "lena", time: Timestamp(milliseconds: 0), schemaVersion: 1,
            changes: [change])
        return request([OfferedChangeSet(changeSet: changeSet, digest: Self.digest)])
    }

    @Test func `change-sets come back as they were with and without a dictionary and handles`() throws {
        let dictionary = PresetDictionary(schema: try Self.schema())
        try forAll(cases: 300) { random, replay in
            let changeSets = (0..<random.pick(in: 1...6)).map { _ in random.anyOffered() }
            let sparse = changeSets.enumerated().map { index, offered in
                index == changeSets.count - 1 || random.isOnce(in: 2)
                    ? offered : OfferedChangeSet(changeSet: offered.changeSet, digest: nil)
            }
            let request = Self.request(sparse)
            let records = Set(sparse.flatMap { $0.changeSet.changes.flatMap { [$0.record] + $0.references } })
            var handles: [RecordID: UInt64] = [:]
            for record in records where !random.isOnce(in: 3) { handles[record] = UInt64(handles.count + 1) * 1_000 }
            let named = RecordHandles(epoch: Self.epoch, handles)
            for agreement in [
                .nothing, WireAgreement(dictionary: dictionary), WireAgreement(handles: named),
                WireAgreement(dictionary: dictionary, handles: named),
            ] {
                let bytes = try WireCodec.encode(request, agreement: agreement)
                #expect(try WireCodec.decodeRequest(bytes, agreement: agreement) == request, "\(replay)")
                #expect(try WireCodec.encode(request, agreement: agreement) == bytes, "\(replay)")
            }
        }
    }

    @Test func `records come back as they were, and with the handles that the server names them by`() throws {
        try forAll(cases: 300) { random, replay in
            let frame = SyncFrame.records(random.anyDeltas(isNamed: true))
            var reader = FrameReader()
            reader.append(try WireCodec.encodeFrame(frame))
            #expect(try reader.rest() == [frame], "\(replay)")
        }
    }

    @Test func `a known record costs its handle and not its sixteen bytes`() throws {
        var random = SeededRandom(seed: 3)
        var handles: [RecordID: UInt64] = [:]
        let changeSets = (1...200).map { number in
            let record = RecordID(high: random.next(), low: random.next())
            handles[record] = UInt64(number)
            let change = RecordChange(
                type: EntityTypeID(1), record: record, context: VersionVector(), life: nil,
                writes: [FieldChange(FieldID(2), .register(.text("customer")))])
            let changeSet = ChangeSet(
                dot: Dot(.sample(1), UInt64(number)), label: "edit", author: "lena",
                time: Timestamp(milliseconds: 0), schemaVersion: 1, changes: [change])
            return OfferedChangeSet(changeSet: changeSet, digest: Self.digest)
        }
        let whole = try WireCodec.encode(Self.request(changeSets)).count
        let agreement = WireAgreement(handles: RecordHandles(epoch: Self.epoch, handles))
        let named = try WireCodec.encode(Self.request(changeSets), agreement: agreement).count
        #expect(whole - named > 200 * 14, "\(whole) \(named)")
    }

    @Test func `a handle that names no record is malformed, and one of another life of the store says so`() throws {
        let request = Self.request(writes: [])
        let known = RecordHandles(epoch: Self.epoch, [.sample(1): 5])
        let bytes = try WireCodec.encode(request, agreement: WireAgreement(handles: known))
        let unknown = RecordHandles(epoch: Self.epoch, [:])
        let other = RecordHandles(epoch: StoreEpoch(high: 1, low: 1), [.sample(1): 5])
        let cases: [(WireAgreement, SatchelError.Code)] = [
            (.nothing, .malformedBody), (WireAgreement(handles: unknown), .malformedBody),
            (WireAgreement(handles: other), .epochChanged),
        ]
        for (agreement, code) in cases {
            let error = #expect(throws: SatchelError.self) {
                try WireCodec.decodeRequest(bytes, agreement: agreement)
            }
            #expect(error?.code == code)
        }
    }

    @Test func `columns that begin from a dictionary are read with that one only`() throws {
        let dictionary = PresetDictionary(schema: try Self.schema())
        let request = Self.request(writes: [FieldChange(FieldID(2), .register(.text("prospect")))])
        let bytes = try WireCodec.encode(request, agreement: WireAgreement(dictionary: dictionary))
        #expect(bytes.count < (try WireCodec.encode(request).count))
        let other = PresetDictionary(schema: try ItemSchema.make())
        #expect(other.checksum != dictionary.checksum)
        for agreement in [.nothing, WireAgreement(dictionary: other)] {
            let error = #expect(throws: SatchelError.self) { try WireCodec.decodeRequest(bytes, agreement: agreement) }
            #expect(error?.code == .malformedBody)
            #expect(error?.message.contains("dictionary of another schema") == true)
        }
    }

    @Test func `a dictionary holds the values of its schema and is named by its Adler-32`() throws {
        let dictionary = PresetDictionary(schema: try Self.schema())
        #expect(dictionary.bytes.starts(with: Array("prospectcustomer".utf8)))
        var (low, high) = (1, 0)
        for byte in dictionary.bytes {
            low = (low + Int(byte)) % 65_521
            high = (high + low) % 65_521
        }
        #expect(Int(dictionary.checksum) == high << 16 | low)
    }

    @Test func `a vector takes as many actors as its limit, and no more`() throws {
        for count in [Limits.contextEntriesMax - 1, Limits.contextEntriesMax] {
            let request = Self.request(
                context: VersionVector((1...count).map { Dot(.sample($0), 1) }), writes: [])
            #expect(try WireCodec.decodeRequest(try WireCodec.encode(request)) == request)
        }
        let request = Self.request(
            context: VersionVector((1...(Limits.contextEntriesMax + 1)).map { Dot(.sample($0), 1) }), writes: [])
        let error = #expect(throws: SatchelError.self) {
            try WireCodec.decodeRequest(try WireCodec.encode(request))
        }
        #expect(error?.code == .tooLarge)
    }

    @Test func `a text that is named again and again counts with its length each time`() throws {
        // 128 bytes, named until they would come to 32 MiB, label and author with them: exactly, and one byte more.
        let text = UTF8Text(String(repeating: "x", count: 128))
        let uses = Limits.inflatedBytesMax / 128 - 1
        let write = FieldChange(FieldID(2), .set(add: [UTF8Text](repeating: text, count: uses), remove: []))
        let atLimit = Self.request(label: String(repeating: "l", count: 124), writes: [write])
        #expect(try WireCodec.decodeRequest(try WireCodec.encode(atLimit)) == atLimit)
        let above = Self.request(label: String(repeating: "l", count: 125), writes: [write])
        let error = #expect(throws: SatchelError.self) { try WireCodec.decodeRequest(try WireCodec.encode(above)) }
        #expect(error?.code == .tooLarge)
        #expect(error?.message.contains("spelt out") == true)
    }

    @Test func `the elements of a body are counted before they are made`() throws {
        // One change-set of 244 changes whose context names 4,096 actors, and a set: a million elements, and one more.
        let context = VersionVector((1...Limits.contextEntriesMax).map { Dot(.sample($0), 1) })
        func request(_ elements: Int) -> SyncRequest {
            let changes = (1...244).map { number in
                let texts = [UTF8Text](repeating: "", count: elements - 244 * 4_096 - 1 - 244 - 1)
                return RecordChange(
                    type: EntityTypeID(1), record: .sample(number), context: context, life: nil,
                    writes: number > 1 ? [] : [FieldChange(FieldID(2), .set(add: texts, remove: []))])
            }
            let changeSet = ChangeSet(
                dot: Dot(.sample(1), 1), label: "edit", author: "lena", time: Timestamp(milliseconds: 0),
                schemaVersion: 1, changes: changes)
            return Self.request([OfferedChangeSet(changeSet: changeSet, digest: Self.digest)])
        }
        let most = try WireCodec.decodeRequest(try WireCodec.encode(request(WireLimits.elementsMax)))
        #expect(most.changeSets.first?.changeSet.changes.count == 244)
        let error = #expect(throws: SatchelError.self) {
            try WireCodec.decodeRequest(try WireCodec.encode(request(WireLimits.elementsMax + 1)))
        }
        #expect(error?.code == .tooLarge)
    }

    @Test func `columns that would inflate without end stop at their limit`() throws {
        let bytes = try WireCodec.encode(Self.request(writes: []))
        var deflater = try GzipDeflater(level: 9)
        // The raw stream of a gzip member, with the two bytes before it that zlib wants.
        let member = deflater.finish([UInt8](repeating: 0, count: 64 << 20))
        let bomb: [UInt8] = [1, 0x78, 0x9C] + member.dropFirst(10).dropLast(8)
        let error = #expect(throws: SatchelError.self) {
            try WireCodec.decodeRequest(try ColumnSurgery.request(bytes, withBody: bomb))
        }
        #expect(error?.code == .tooLarge)
        #expect(error?.message == "The compressed body inflates to more than 50 times its size.")
    }

    @Test func `an honest push that shrinks like a bomb is stored, and taken`() throws {
        let dashes = UTF8Text(String(repeating: "-", count: 60_000))
        let writes = (1...9).map { FieldChange(FieldID(UInt32($0)), .register(.text(dashes))) }
        let request = Self.request(writes: writes)
        #expect(try WireCodec.decodeRequest(try WireCodec.encode(request)) == request)
    }

    @Test func `rows are not taken in protobuf, nor columns in JSON`() throws {
        let bytes = try WireCodec.encode(Self.request(writes: []))
        let rows = #expect(throws: SatchelError.self) { try WireCodec.decodeRequest(bytes + [0x72, 0x00]) }
        #expect(rows?.message.contains("SyncRequest has no field 14") == true)
        let json = #"{"protocol_version":1,"epoch":"AAAAAAAAAAAAAAAAAAAAAQ==","columns":"AQ=="}"#
        let columns = #expect(throws: SatchelError.self) {
            try WireCodec.decodeRequest(Array(json.utf8), format: .json)
        }
        #expect(columns?.message.contains("columns takes nothing in JSON") == true)
    }

    @Test(arguments: WireFormat.allCases)
    func `a push whose last change-set bears no digest is malformed`(format: WireFormat) throws {
        var random = SeededRandom(seed: 9)
        let (one, two) = (random.anyOffered(), random.anyOffered())
        let bare = [one, OfferedChangeSet(changeSet: two.changeSet, digest: nil)]
        let bytes = try WireCodec.encode(Self.request(bare), format: format)
        let error = #expect(throws: SatchelError.self) { try WireCodec.decodeRequest(bytes, format: format) }
        #expect(error?.code == .malformedBody)
        let first = Self.request([OfferedChangeSet(changeSet: one.changeSet, digest: nil), two])
        let read = try WireCodec.decodeRequest(try WireCodec.encode(first, format: format), format: format)
        #expect(read == first)
    }

    @Test func `a push keeps the digest of its last change-set alone`() {
        var random = SeededRandom(seed: 5)
        let changeSets = [random.anyOffered(), random.anyOffered(), random.anyOffered()]
        #expect(changeSets.withLastDigest.map(\.digest) == [nil, nil, changeSets[2].digest])
        #expect(changeSets.withLastDigest.map(\.changeSet) == changeSets.map(\.changeSet))
    }
}
