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
        case .boolean(let flag): boolean = flag
        case .decimal(let number):
            decimal.units = number.units
            decimal.scale = UInt32(number.scale)
        case .date(let day): date = Int64(day.dayNumber)
        case .location(let place):
            location.latitude = Int64(place.latitude)
            location.longitude = Int64(place.longitude)
            location.accuracyPlusOne = place.accuracy.map { UInt64($0) + 1 } ?? 0
        case .json(let text): json = text.string
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
        case .boolean(let flag): return .boolean(flag)
        case .decimal(let number):
            guard let scale = UInt8(exactly: number.scale), let value = DecimalNumber(units: number.units, scale: scale)
            else { throw fault("decimal.scale", takes: "0 to \(DecimalNumber.scaleMax)") }
            return .decimal(value)
        case .date(let number):
            guard let day = Int(exactly: number).flatMap({ CalendarDate(dayNumber: $0) }) else {
                throw fault("date", takes: "a day of the years 0000 to 9999")
            }
            return .date(day)
        case .location(let place): return .location(try location(place))
        case .json(let text): return .json(UTF8Text(text))
        case nil: throw fault(takes: "one kind of value")
        }
    }

    private func location(_ message: ProtoLocation) throws(FormError) -> Location {
        let metres = message.accuracyPlusOne == 0 ? nil : Int64(exactly: message.accuracyPlusOne - 1)
        guard message.accuracyPlusOne == 0 || metres != nil,
            let place = Location(latitude: message.latitude, longitude: message.longitude, accuracy: metres)
        else { throw fault("location", takes: "degrees in 10^-7 and an accuracy on the earth") }
        return place
    }
}
