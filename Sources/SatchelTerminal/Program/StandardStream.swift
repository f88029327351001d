import SatchelSync

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Nobody reads the output any more: the program ends quietly.
package struct OutputClosed: Error, Sendable {
    /// Says that nobody reads any more.
    package init() {}
}

/// A standard stream, written to at once and with its failures seen: a full disk behind `>` must not look like success.
package enum StandardStream: Sendable {
    /// Results.
    case output
    /// Everything that is not a result.
    case error

    /// Writes the text as it is.
    ///
    /// - Throws: ``OutputClosed`` when the reader is gone; ``SatchelSync/SatchelError`` `storage_failed` or `disk_full` when the
    ///   bytes cannot be written.
    package func write(_ text: String) throws {
        try Self.flushPrinted()
        try Self.write(Array(text.utf8), to: self == .output ? STDOUT_FILENO : STDERR_FILENO)
    }

    /// Writes what `print` has kept back.
    /// - Throws: As ``write(_:)`` does.
    static func flushPrinted() throws {
        errno = 0
        guard fflush(nil) == 0 else { throw failure(errno) }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe posixWrite(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 {
                rest = rest.dropFirst(written)
            } else if errno == EAGAIN {
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = unsafe poll(&wait, 1, -1)
            } else if errno != EINTR {
                throw failure(errno)
            }
        }
    }

    private static func failure(_ number: Int32) -> any Error {
        switch number {
        case EPIPE: return OutputClosed()
        case ENOSPC, EDQUOT:
            return SatchelError(
                .diskFull, "The output could not be written: the disk is full.",
                remedy: "What the command did stands; make room and print it again.")
        default:
            let reason = unsafe String(cString: strerror(number))
            return SatchelError(
                .storageFailed, "The output could not be written: \(reason).",
                remedy: "What the command did stands; print it again elsewhere.")
        }
    }
}

private func posixWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    unsafe write(descriptor, bytes, count)
}
