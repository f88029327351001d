import ArgumentParser
import Foundation
import SatchelClient
import SatchelSync
import SatchelTerminal

extension CompletionKind {
    /// The types of the schema of the home that is meant, as the shell asks for them.
    static var recordTypes: CompletionKind {
        .custom { words, _, _ in
            let named = words.lastIndex(of: "--home").map { words[($0 + 1)...].first ?? "" }
            let home = named ?? Replica.defaultHome(environment: ProcessInfo.processInfo.environment)
            // Where no schema can be read there is nothing to offer.
            return (try? Replica(home: home).schema().types.map(\.name)) ?? []
        }
    }
}
