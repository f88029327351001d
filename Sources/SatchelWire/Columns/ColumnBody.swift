import SatchelSync

/// Columns as they stand in a message: a byte for the form, and a zlib stream (RFC 1950).
///
/// A stream that was begun with a preset dictionary names it by its checksum, so that the other end cannot take it with
/// another one.
enum ColumnBody {
    private static let form: UInt8 = 1

    static func encode(
        _ changeSets: [OfferedChangeSet], of actor: ActorID?, _ agreement: WireAgreement
    ) throws(SatchelError) -> [UInt8] {
        var writer = ColumnWriter(actor: actor, handles: agreement.handles)
        try writer.write(changeSets)
        return try close(writer, agreement, limit: .push)
    }

    static func encode(_ deltas: [RecordDelta], _ agreement: WireAgreement) throws(SatchelError) -> [UInt8] {
        var writer = ColumnWriter(actor: nil, handles: agreement.handles)
        try writer.write(deltas)
        return try close(writer, agreement, limit: .frame)
    }

    static func decodeChangeSets(
        _ bytes: [UInt8], of actor: ActorID?, epoch: StoreEpoch?, _ agreement: WireAgreement
    ) throws(SatchelError) -> [OfferedChangeSet] {
        try decode(bytes, actor: actor, epoch: epoch, agreement, limit: .push) { (reader) throws(FormError) in
            try reader.changeSets()
        }
    }

    static func decodeRecords(_ bytes: [UInt8], _ agreement: WireAgreement) throws(SatchelError) -> [RecordDelta] {
        try decode(bytes, actor: nil, epoch: agreement.handles?.epoch, agreement, limit: .frame) {
            (reader) throws(FormError) in
            try reader.records()
        }
    }

    private static func close(
        _ writer: ColumnWriter, _ agreement: WireAgreement, limit: InflationLimit
    ) throws(SatchelError) -> [UInt8] {
        let (dense, rest) = writer.parts
        return [form] + (try Zlib.compress([dense, rest], dictionary: agreement.dictionary, limit: limit))
    }

    private static func decode<Value>(
        _ bytes: [UInt8], actor: ActorID?, epoch: StoreEpoch?, _ agreement: WireAgreement, limit: InflationLimit,
        _ body: (inout ColumnReader) throws(FormError) -> Value
    ) throws(SatchelError) -> Value {
        guard bytes.first == form else { throw malformed("a form of columns that this program knows, 1") }
        let inflated = try Zlib.inflate(bytes, from: 1, dictionary: agreement.dictionary, limit: limit)
        do {
            var reader = try ColumnReader(inflated, actor: actor)
            let handles = try reader.handles()
            if !handles.isEmpty { reader.setHandled(try records(of: handles, epoch: epoch, agreement)) }
            let value = try body(&reader)
            try reader.requireDrained()
            return value
        } catch let error as FormError {
            throw .malformed(error)
        } catch let error as SatchelError {
            throw error
        } catch {
            throw SatchelError(.internalError, "Columns could not be read.", cause: error)
        }
    }

    /// The records that handles stand for; handles of another life of the store stand for nothing.
    private static func records(
        of handles: [UInt64], epoch: StoreEpoch?, _ agreement: WireAgreement
    ) throws(SatchelError) -> [RecordID] {
        guard let known = agreement.handles else { throw malformed("no handles, since none were agreed on") }
        guard known.epoch == epoch else {
            throw SatchelError(
                .epochChanged, "The request names records by the handles of another life of the store.",
                remedy: "Nothing was taken; the device has to send it as to a new store.")
        }
        let records = try known.records(handles)
        guard records.count == handles.count else { throw malformed("handles that the store has given out") }
        var found: [RecordID] = []
        found.reserveCapacity(records.count)
        for record in records {
            guard let record else { throw malformed("handles that the store has given out") }
            found.append(record)
        }
        return found
    }

    private static func malformed(_ wanted: String) -> SatchelError {
        .malformed(FormError(path: "columns", wanted: wanted))
    }
}
