import Dispatch
import Foundation
import SatchelStorage
import Synchronization

/// Notices that a program which could write the database of a home has closed it.
///
/// Satchel's programs close it after every turn. A shell in the middle of its work is left alone until it is done: another
/// connection that writes would be in its way. It asks the kernel (inotify, Linux); elsewhere there is none, and what others did is found by the next turn.
final class HomeWatch: Sendable {
    #if os(Linux)
        private let source: Mutex<any DispatchSourceRead>

        /// Watches from now until it is released; `nil` where the system has no watch to give.
        ///
        /// `onClose` runs on a queue of its own, once for all that happened meanwhile.
        init?(folder: DataFolder, onClose: @escaping @Sendable () -> Void) {
            let descriptor = inotify_init1(CInt(O_NONBLOCK | O_CLOEXEC))
            guard descriptor >= 0 else { return nil }
            guard unsafe inotify_add_watch(descriptor, folder.url.path, UInt32(IN_CLOSE_WRITE)) >= 0 else {
                Glibc.close(descriptor)
                return nil
            }
            let name = folder.databaseURL.lastPathComponent
            let source = DispatchSource.makeReadSource(
                fileDescriptor: descriptor, queue: DispatchQueue(label: "satchel.watch"))
            source.setEventHandler {
                if Self.closedNames(descriptor).contains(name) { onClose() }
            }
            source.setCancelHandler { Glibc.close(descriptor) }
            source.activate()
            self.source = Mutex(source)
        }

        deinit { source.withLock { $0.cancel() } }

        /// The names of the files that were closed by those who could write them, since the last call.
        private static func closedNames(_ descriptor: CInt) -> Set<String> {
            var names: Set<String> = []
            var buffer = [UInt8](repeating: 0, count: 16_384)
            while true {
                let count = unsafe read(descriptor, &buffer, buffer.count)
                guard count > 0 else { return names }
                // The kernel hands over whole events only: a head of 16 bytes that ends with the length of the name behind it.
                var offset = 0
                while offset + headBytes <= count {
                    let length = (0..<4).reduce(0) { $0 | Int(buffer[offset + 12 + $1]) << (8 * $1) }
                    let end = offset + headBytes + length
                    guard end <= count else { break }
                    names.insert(
                        String(decoding: buffer[(offset + headBytes)..<end].prefix { $0 != 0 }, as: UTF8.self))
                    offset = end
                }
            }
        }

        private static let headBytes = 16
    #else
        init?(folder: DataFolder, onClose: @escaping @Sendable () -> Void) { return nil }
    #endif
}
