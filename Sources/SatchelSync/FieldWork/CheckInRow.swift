/// What a row of type `check_in` says of where its author was: what a verdict is made of.
package struct CheckInRow: Hashable, Sendable {
    /// The name of the type whose records are check-ins.
    package static let typeName = "check_in"
    /// The fields that the device itself fills with its verdict; nobody types them.
    package static let computedFields: Set<String> = ["verdict", "distance_m", "radius_m"]

    /// Where the device was; `nil` where it did not say.
    package let position: Location?
    /// How old the position was, in seconds; `nil` where that is not known.
    package let fixAge: Int64?
    /// Whether a program made it up.
    package let isMock: Bool

    /// Reads the fields by their names; `value` answers `.null` for one that has no value or is not there.
    package init(value: (_ field: String) -> FieldValue) {
        position = if case .location(let place) = value("position") { place } else { nil }
        fixAge = if case .integer(let seconds) = value("fix_age") { seconds } else { nil }
        isMock = value("is_mock") == .boolean(true)
    }

    /// The verdict by what is known of the customer's place.
    package func verdict(at site: CheckInSite) -> CheckInVerdict {
        CheckInVerdict(position: position, fixAge: fixAge, isMock: isMock, site: site.place, radius: site.radius)
    }
}

/// Where a customer is, as one replica knows it.
package struct CheckInSite: Hashable, Sendable {
    /// The place; `nil` where nobody knows it.
    package var place: Location?
    /// How far around counts as there, in metres.
    package var radius: Int

    /// The site of a customer of whom nothing is known.
    package init() { (place, radius) = (nil, CheckInVerdict.usualRadius) }

    /// The site by the winning values of a customer's record.
    package init(of customer: RecordState, _ type: EntityType) {
        self.init()
        if let field = type.field(named: "location"), case .location(let place) = customer.winningValue(of: field) {
            self.place = place
        }
        if let field = type.field(named: "checkin_radius"),
            case .integer(let metres) = customer.winningValue(of: field)
        {
            radius = Int(clamping: metres)
        }
    }
}

/// The fields in which a schema keeps the server's own verdict on a check-in.
package struct ServerVerdictFields: Sendable {
    /// The fields' names: the verdict, and what it was made of.
    package static let names = (verdict: "server_verdict", distance: "server_distance_m", radius: "server_radius_m")

    /// The type of check-ins.
    package let type: EntityType
    /// The verdict's field.
    package let verdict: Field

    /// Finds them; `nil` where the schema has none that the server alone writes and that takes every verdict.
    package init?(_ schema: Schema) {
        guard let type = schema.type(named: CheckInRow.typeName), let field = type.field(named: Self.names.verdict),
            field.policy == .server, case .enumeration(let words) = field.kind,
            CheckInVerdict.Word.allCases.allSatisfy({ words.contains(UTF8Text($0.rawValue)) })
        else { return nil }
        self.type = type
        verdict = field
    }

    /// Whether a field of a check-in is one of those in which the server's verdict stands.
    package func holds(_ name: String) -> Bool {
        [Self.names.verdict, Self.names.distance, Self.names.radius].contains(name)
    }

    /// The device's verdict where the server's is another one; `nil` where they are the same, and where one is not there.
    package func deviceVerdict(contradictedIn row: RecordState) -> String? {
        guard let field = type.field(named: "verdict") else { return nil }
        let (device, server) = (row.winningValue(of: field), row.winningValue(of: verdict))
        guard !device.isNull, !server.isNull, device != server else { return nil }
        return device.text
    }

    /// The verdict as writes: distance and radius where the schema has a field for them that takes the number.
    package func writes(_ judged: CheckInVerdict) -> [FieldChange] {
        let numbers = [(Self.names.distance, judged.distance), (Self.names.radius, judged.radius)]
        return [FieldChange(verdict.id, .register(.text(UTF8Text(judged.word.rawValue))))]
            + numbers.compactMap { name, number in
                guard let number, let field = type.field(named: name), field.policy == .server,
                    case .integer(let range) = field.kind, range.contains(Int64(number))
                else { return nil }
                return FieldChange(field.id, .register(.integer(Int64(number))))
            }
    }
}
