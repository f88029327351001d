import SatchelStorage
package import SatchelSync

/// What a debug build takes from its environment before it does anything else: a fault, a mistake, a clock, patience (`Protocol/cli.md`).
package enum DebugSettings {
    /// Plants what `SATCHEL_FAULT` and `SATCHEL_MUTANT` name, and checks `SATCHEL_NOW` and `SATCHEL_PATIENCE`; an empty variable is as good as none, and
    /// a release build takes none.
    ///
    /// - Throws: ``SatchelSync/SatchelError`` `invalid_request`, for wrong usage, where one cannot be understood.
    package static func take(from environment: (String) -> String?) throws(SatchelError) {
        #if DEBUG
            if let text = environment("SATCHEL_FAULT"), !text.isEmpty { PlantedFault.plant(try PlantedFault(text)) }
            if let text = environment("SATCHEL_MUTANT"), !text.isEmpty {
                do { try Mutant.plant(text) } catch { throw error.asWrongUsage }
            }
            if let text = environment("SATCHEL_PATIENCE"), !text.isEmpty, !((Double(text) ?? 0) > 0) {
                throw SatchelError.wrongUsage(
                    "SATCHEL_PATIENCE is \"\(Excerpt.of(text))\", which is no number above 0.",
                    remedy: "Write it like 0.1.")
            }
            if let text = environment("SATCHEL_NOW"), !text.isEmpty, text.first != "@", SystemClock.Setting(text) == nil
            {
                throw SatchelError.wrongUsage(
                    "SATCHEL_NOW is \"\(Excerpt.of(text))\", which is no instant.",
                    remedy: "Write it like 2026-03-02T08:01:13.120Z, +259200 or @FILE.")
            }
        #endif
    }
}
