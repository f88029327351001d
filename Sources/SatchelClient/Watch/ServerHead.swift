import Foundation
package import SatchelSync

/// Where a server's store stands, as it announces it.
package struct ServerHead: Hashable, Sendable {
    /// The life of the store.
    package let epoch: StoreEpoch
    /// Its last commit.
    package let sequence: ServerSequence

    package init(epoch: StoreEpoch, sequence: ServerSequence) {
        self.epoch = epoch
        self.sequence = sequence
    }

    /// Reads the data of an event; `nil` for what is none.
    init?(json: String) {
        struct Form: Decodable { let epoch: String, sequence: UInt64 }
        guard let form = try? JSONDecoder().decode(Form.self, from: Data(json.utf8)),
            let epoch = StoreEpoch(form.epoch), form.sequence <= Limits.counterMax
        else { return nil }
        self.init(epoch: epoch, sequence: ServerSequence(form.sequence))
    }
}

/// How a server tells its news: HTTP, or a script in tests.
package protocol HeadNews: Sendable {
    /// Listens until the line ends, and hands over each head that is announced; the first comes at once.
    ///
    /// - Throws: `SatchelError` where it ends otherwise than by the server's wish, or is silent for too long.
    func heads(token: String, onHead: @Sendable (ServerHead) -> Void) async throws
}
