import SatchelSync

extension Schema {
    /// Checks that this schema only adds to `present`: records and devices live on with it.
    ///
    /// Types and fields may come, enum values may come, texts and sets may grow, integers may widen, a policy may change; what is
    /// there keeps its number, its name and its kind.
    /// - Throws: ``SatchelError`` `invalid_schema`, naming everything that does not.
    func requireAdds(to present: Schema) throws(SatchelError) {
        var problems: [String] = []
        if version <= present.version {
            problems.append("Its version is \(version); the store has \(present.version).")
        }
        for old in present.types {
            guard let new = type(old.id) else {
                problems.append("Type \(old.name) is gone.")
                continue
            }
            if new.name != old.name { problems.append("Type \(old.name) is called \(new.name).") }
            for field in old.fields {
                if let problem = new.problem(replacing: field) {
                    problems.append("\(old.name).\(field.name) \(problem)")
                }
            }
            for field in new.fields where field.isRequired && old.field(field.id)?.isRequired != true {
                problems.append("\(new.name).\(field.name) is required now; records without it are there.")
            }
        }
        guard problems.isEmpty else {
            throw SatchelError(
                .invalidSchema, "The schema does not only add to the store's: \(problems.joined(separator: " "))",
                remedy: "Keep what is there, add beside it, and count the version up.")
        }
    }
}

extension EntityType {
    /// What is wrong with the field that takes the place of `old`; `nil` when it fits.
    fileprivate func problem(replacing old: Field) -> String? {
        guard let new = field(old.id) else { return "is gone." }
        if new.name != old.name { return "is called \(new.name)." }
        switch (old.kind, new.kind) {
        case (.text(let before), .text(let after)), (.set(let before), .set(let after)),
            (.map(let before), .map(let after)):
            return after < before ? "is shorter." : nil
        case (.decimal(let before, _), .decimal(let after, _)) where before != after:
            return "has another number of digits behind the point."
        case (.integer(let before), .integer(let after)), (.decimal(_, let before), .decimal(_, let after)):
            return after.contains(before.lowerBound) && after.contains(before.upperBound) ? nil : "is narrower."
        case (.enumeration(let before), .enumeration(let after)):
            return Set(before).isSubset(of: after) ? nil : "has lost a value."
        case (.boolean, .boolean), (.date, .date), (.timestamp, .timestamp), (.counter, .counter),
            (.location, .location), (.json, .json):
            return nil
        case (.reference(let before, _), .reference(let after, _)):
            return before == after ? nil : "refers to another type."
        default: return "is of another kind."
        }
    }
}
