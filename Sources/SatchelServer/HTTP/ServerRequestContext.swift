import Hummingbird
import Logging
import NIOCore

/// What the server keeps of a request while it answers: who asks, from where, and under what name it is logged.
struct ServerRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Where the connection comes from; `nil` for the operator's socket.
    let remoteAddress: String?
    /// What the log line says beside method, path and status.
    let notes = RequestNotes()

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        remoteAddress = source.channel.remoteAddress?.ipAddress
    }
}
