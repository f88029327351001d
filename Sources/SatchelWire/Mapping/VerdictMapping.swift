import SatchelSync

extension ProtoVerdicts {
    init(_ entries: [VerdictEntry]) {
        self.init()
        var last: Int64 = 0
        verdicts = entries.map { entry in
            var message = ProtoVerdictEntry()
            message.counter = entry.counter
            message.verdict =
                switch entry.verdict {
                case .applied: .applied
                case .appliedWithConflicts: .appliedWithConflicts
                case .held: .held
                case .rejected: .rejected
                case .reissued: .reissued
                }
            message.correctedTimeDelta = entry.correctedTime.milliseconds - last
            last = entry.correctedTime.milliseconds
            if let rejection = entry.verdict.rejection { message.rejection = ProtoRejection(rejection) }
            if let former = entry.formerActor { message.formerActor = WireBytes.id(former.high, former.low) }
            message.timeError = UInt64(entry.timeErrorMilliseconds ?? 0)
            message.isReleased = entry.isReleased
            if let original = entry.original {
                message.originalActor = WireBytes.id(original.actor.high, original.actor.low)
                message.originalCounter = original.counter
            }
            return message
        }
    }
}

extension ProtoRejection {
    fileprivate init(_ rejection: Rejection) {
        self.init()
        code = rejection.code
        if let record = rejection.record { self.record = WireBytes.id(record.high, record.low) }
        field = rejection.field?.number ?? 0
        sentence = rejection.sentence
    }
}

extension FormReader {
    /// A length of time; `nil` for 0.
    func milliseconds(_ number: UInt64, _ name: StaticString) throws(FormError) -> Int64? {
        let number = try counterOrZero(number, name)
        return number == 0 ? nil : Int64(number)
    }

    mutating func verdicts(_ message: ProtoVerdicts) throws(FormError) -> [VerdictEntry] {
        var last: Int64 = 0
        return try each("verdicts", message.verdicts) { (reader, entry) throws(FormError) in
            VerdictEntry(
                counter: try reader.counter(entry.counter, "counter"), verdict: try reader.verdict(entry),
                correctedTime: try reader.time(entry.correctedTimeDelta, after: &last, "corrected_time_delta"),
                formerActor: try entry.formerActor.isEmpty
                    ? nil : reader.ordinaryActor(entry.formerActor, "former_actor"),
                timeErrorMilliseconds: try reader.milliseconds(entry.timeError, "time_error"),
                isReleased: try reader.isReleased(entry), original: try reader.original(entry))
        }
    }

    private func original(_ message: ProtoVerdictEntry) throws(FormError) -> Dot? {
        guard !message.originalActor.isEmpty || message.originalCounter != 0 else { return nil }
        guard message.rejection.code == SatchelError.Code.duplicate.word || message.verdict == .reissued else {
            throw fault("original_actor", takes: "nothing where the verdict is neither duplicate nor reissued")
        }
        return Dot(
            try ordinaryActor(message.originalActor, "original_actor"),
            try counter(message.originalCounter, "original_counter"))
    }

    private func isReleased(_ message: ProtoVerdictEntry) throws(FormError) -> Bool {
        guard !message.isReleased || message.verdict == .reissued else {
            throw fault("is_released", takes: "true only where the verdict is reissued")
        }
        return message.isReleased
    }

    private mutating func verdict(_ message: ProtoVerdictEntry) throws(FormError) -> Verdict {
        let rejection = try !message.hasRejection ? nil : rejection(message.rejection)
        switch (message.verdict, rejection) {
        case (.applied, nil): return .applied
        case (.appliedWithConflicts, nil): return .appliedWithConflicts
        case (.reissued, nil): return .reissued
        case (.held, let rejection?): return .held(rejection)
        case (.rejected, let rejection?): return .rejected(rejection)
        case (.applied, _), (.appliedWithConflicts, _), (.reissued, _):
            throw fault("rejection", takes: "nothing where the verdict is neither held nor rejected")
        case (.held, nil), (.rejected, nil): throw fault("rejection", takes: "the reason")
        case (.unspecified, _), (.UNRECOGNIZED, _):
            throw fault("verdict", takes: "applied, applied with conflicts, held, rejected or reissued")
        }
    }

    private mutating func rejection(_ message: ProtoRejection) throws(FormError) -> Rejection {
        try inside("rejection") { (reader) throws(FormError) in
            Rejection(
                code: try reader.text(message.code, "code", bytes: 1...Limits.nameBytesMax),
                record: try message.record.isEmpty ? nil : reader.record(message.record),
                field: try message.field == 0 ? nil : reader.field(message.field), sentence: message.sentence)
        }
    }
}
