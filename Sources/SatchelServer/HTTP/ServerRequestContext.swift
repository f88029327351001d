import Hummingbird
import Logging
import NIOCore
import SatchelStorage
import SatchelSync

/// What the server keeps of a request while it answers: who asks, from where, and under what name it is logged.
struct ServerRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Where the connection comes from; `nil` for the operator's socket.
    let remoteAddress: String?
    /// The connection that it came over.
    let connection: ObjectIdentifier
    /// The request's name in the log and in the answer; our own, since the log's backend may keep no metadata.
    let requestID = Hashing.randomBytes(8).hexString
    /// What the log line says beside method, path and status.
    let notes = RequestNotes()

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        remoteAddress = source.channel.remoteAddress?.ipAddress
        connection = ObjectIdentifier(source.channel)
    }
}
