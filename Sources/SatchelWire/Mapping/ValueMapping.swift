import SatchelSync

extension ProtoValue {
    init(_ value: FieldValue) {
        self.init()
        switch value {
        case .null: none = true
        case .text(let text): self.text = text.string
        case .integer(let number): integer = number
        case .timestamp(let instant): timestamp = instant.milliseconds
        case .reference(let record): reference = WireBytes.id(record.high, record.low)
        }
    }
}

extension FormReader {
    func value(_ message: ProtoValue) throws(FormError) -> FieldValue {
        switch message.kind {
        case .none?:
            guard message.none else { throw fault("none", takes: "true") }
            return .null
        case .text(let text): return .text(UTF8Text(text))
        case .integer(let number): return .integer(number)
        case .timestamp(let milliseconds): return .timestamp(try time(milliseconds, "timestamp"))
        case .reference(let data): return .reference(try record(data, "reference"))
        case nil: throw fault(takes: "one kind of value")
        }
    }
}
