package import SatchelStorage
package import SatchelSync

/// What a person asks of a list: conditions and an order, as they are typed.
package struct ListQuestion: Hashable, Sendable {
    /// A condition, such as `amount>=1000`.
    package struct Condition: Hashable, Sendable {
        /// The name of the field, as it is typed.
        package let field: String
        /// How its value has to stand to the one that is typed.
        package let comparison: ListFilter.Comparison
        /// The value as it is typed; empty for a record without one.
        package let value: String

        private static let operators: [(text: String, comparison: ListFilter.Comparison)] = [
            ("!=", .different), ("<=", .atMost), (">=", .atLeast), ("=", .equal), ("<", .below), (">", .above),
            ("~", .contains),
        ]

        package init(field: String, _ comparison: ListFilter.Comparison = .equal, value: String) {
            self.field = field
            self.comparison = comparison
            self.value = value
        }

        /// Reads `field=value`, or another operator in the place of `=`.
        ///
        /// - Throws: `SatchelError` `invalid_request`.
        package init(_ text: String) throws(SatchelError) {
            let name = text.prefix { !"!<>=~".contains($0) }
            let rest = text.dropFirst(name.count)
            guard let last = name.last, last != "+", last != "-",
                let found = Self.operators.first(where: { rest.hasPrefix($0.text) })
            else {
                throw .wrongUsage(
                    "\"\(Excerpt.of(text))\" is not a condition.",
                    remedy: "Write field=value; the operators are = != < <= > >= and ~ (has the text within it).")
            }
            self.init(field: String(name), found.comparison, value: String(rest.dropFirst(found.text.count)))
        }
    }

    /// What all records that are shown meet.
    package var conditions: [Condition] = []
    /// By which fields they are sorted, a minus before those whose last comes first; `id` is the time of making, and in `a/b` the field b
    /// stands in where a has no value.
    package var order: [String] = []
    /// Whether texts stand as Chinese readers look for them, and not by the numbers of their characters.
    package var isBySound = false

    package init(conditions: [Condition] = [], order: [String] = [], isBySound: Bool = false) {
        self.conditions = conditions
        self.order = order
        self.isBySound = isBySound
    }
}

extension ReplicaTransaction {
    /// The records that a question is answered with.
    ///
    /// - Throws: `SatchelError` `unknown_field`, `invalid_value`, `invalid_request`, `unknown_record`, `ambiguous_id`.
    func answer(_ question: ListQuestion, type: EntityType, limit: Int, at now: Timestamp) throws -> [RecordID] {
        let times = TypedTime(now: now)
        let filters = try question.conditions.flatMap { condition in
            let field = try type.requireField(named: condition.field)
            if let span = try times.filters(condition.value, condition.comparison, field: field) { return span }
            let value =
                try condition.comparison == .contains
                ? .text(UTF8Text(condition.value)) : filterValue(condition.value, field: field, times)
            try require(condition.comparison, fits: field)
            return [ListFilter(field: field, condition.comparison, value: value)]
        }
        let orders = try question.order.map { text in
            let name = text.hasPrefix("-") ? String(text.dropFirst()) : text
            guard name != "id" else { return ListOrder(field: nil, isDescending: text.hasPrefix("-")) }
            let names = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return ListOrder(
                field: try type.requireField(named: names[0]),
                orElse: try names.dropFirst().first.map { try type.requireField(named: $0) },
                isDescending: text.hasPrefix("-"))
        }
        return try records.visible(
            type, where: filters, orderedBy: orders, limit: limit, textKey: question.isBySound ? SoundOrder.key : nil)
    }

    private func filterValue(_ text: String, field: Field, _ times: TypedTime) throws -> FieldValue {
        if text.isEmpty { return .null }
        if field.kind.isSet { return .text(UTF8Text(text)) }
        if case .reference(let target, _) = field.kind { return .reference(try resolve(text, type: target)) }
        let text = ChoiceWords.word(typed: text, field: field)
        if case .enumeration(let cases) = field.kind, !cases.contains(UTF8Text(text)) {
            throw SatchelError(
                .invalidValue,
                "Field \"\(field.name)\" takes one of \(cases.map(\.string).joined(separator: ", ")); got \"\(Excerpt.of(text))\".",
                remedy: "Ask for one of these.")
        }
        return try times.value(text, field: field)
    }

    /// Refuses to ask what comes before or behind where nothing does.
    private func require(_ comparison: ListFilter.Comparison, fits field: Field) throws(SatchelError) {
        let isOrdered =
            switch field.kind {
            case .text, .integer, .decimal, .date, .timestamp, .counter: true
            default: false
            }
        switch comparison {
        case .equal, .different, .contains: return
        case .below, .atMost, .above, .atLeast:
            guard !isOrdered else { return }
            throw .wrongUsage(
                "The values of field \"\(field.name)\" have no order.", remedy: "Ask with = or !=.")
        }
    }
}
