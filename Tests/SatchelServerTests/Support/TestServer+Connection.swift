import Foundation
import GRDB
import SatchelTestSupport

extension TestServer {
    /// A connection of the test's own to the store's file, as another program may have one.
    func connection() throws -> DatabaseQueue { try Self.connection(to: folder["satchel.sqlite"]) }

    /// The same to any file.
    static func connection(to file: URL) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.allowsUnsafeTransactions = true
        return try DatabaseQueue(path: file.path, configuration: configuration)
    }
}
