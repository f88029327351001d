package import ArgumentParser
package import SatchelSync

/// Options that may stand before the verb, while the argument parser knows them behind it alone.
package enum LeadingOptions {
    /// The arguments with those of `names`, and their values, from before the verb right behind it, so that what stands there anyway goes before.
    ///
    /// Where it `hasLanguages`, a language before the verb goes: it has been spoken since. Where no verb follows, so do the options.
    ///
    /// - Throws: ``SatchelSync/SatchelError`` `invalid_request` for a language that is none of ours, and for an option without a value.
    package static func movedBehindVerb(
        in arguments: [String], of root: any ParsableCommand.Type, names: [String], hasLanguages: Bool
    ) throws(SatchelError) -> [String] {
        var (rest, moved) = (arguments, [String]())
        while let first = rest.first {
            if hasLanguages, first == "--language" || first.hasPrefix("--language=") {
                rest = try Language.droppingFirst(of: rest)
            } else if names.contains(first) {
                guard rest.count > 1 else {
                    throw .wrongUsage("Missing value for '\(first)'.", remedy: "Write it behind the option.")
                }
                moved += rest.prefix(2)
                rest.removeFirst(2)
            } else if names.contains(where: { first.hasPrefix("\($0)=") }) {
                moved.append(rest.removeFirst())
            } else {
                break
            }
        }
        let verb = root.verbCount(in: rest)
        return verb == 0 ? rest : Array(rest.prefix(verb)) + moved + rest.dropFirst(verb)
    }
}
