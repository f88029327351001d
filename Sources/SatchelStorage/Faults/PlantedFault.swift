#if DEBUG
    import Foundation
    import GRDB
    package import SatchelSync
    import Synchronization

    /// The one thing that goes wrong in this process: the n-th time that a place is reached.
    package struct PlantedFault: Hashable, Sendable {
        /// What happens there.
        package enum Action: String, CaseIterable, Sendable {
            /// The process kills itself, as `kill -9` does.
            case kill
            /// The disk fails.
            case eio
            /// The disk is full.
            case enospc
            /// The thread stands still until the process is killed.
            case stall
            /// Something goes wrong that no code knows.
            case `throw`
        }

        /// Where.
        package let point: FaultPoint
        /// Which time, from 1.
        package let occurrence: Int
        /// What.
        package let action: Action

        /// Reads `point:n:action`.
        ///
        /// - Throws: ``SatchelError`` `invalid_request`, for wrong usage.
        package init(_ text: String) throws(SatchelError) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3 else { throw Self.refusal("\"\(Excerpt.of(text))\" is not point:n:action.") }
            guard let point = FaultPoint(rawValue: parts[0]) else {
                throw Self.refusal("No fault point is called \"\(Excerpt.of(parts[0]))\".")
            }
            guard let occurrence = Int(parts[1]), occurrence > 0 else {
                throw Self.refusal("\"\(Excerpt.of(parts[1]))\" is not a number above 0.")
            }
            guard let action = Action(rawValue: parts[2]) else {
                let actions = Action.allCases.map(\.rawValue).joined(separator: ", ")
                throw Self.refusal("\"\(Excerpt.of(parts[2]))\" is not one of \(actions).")
            }
            self.point = point
            self.occurrence = occurrence
            self.action = action
        }

        private static func refusal(_ sentence: String) -> SatchelError {
            SatchelError.wrongUsage(
                "SATCHEL_FAULT cannot be understood: \(sentence)",
                remedy: "Write it like replica-commits:1:kill; `satchel faults list` and `satchel-server faults list` "
                    + "name the points.")
        }

        // Set by a program before it does anything else, and never after.
        nonisolated(unsafe) private static var planted: PlantedFault?
        private static let meetings = Mutex(0)

        /// Plants one for the life of the process.
        package static func plant(_ fault: PlantedFault) { unsafe planted = fault }

        /// Does what was planted, where it was planted and its time has come.
        static func meet(_ point: FaultPoint) throws {
            guard let fault = unsafe planted, fault.point == point else { return }
            let count = meetings.withLock { count in
                count += 1
                return count
            }
            if count == fault.occurrence { try fault.act() }
        }

        private func act() throws {
            switch action {
            case .kill:
                kill(getpid(), SIGKILL)
                Self.standStill()
            case .stall: Self.standStill()
            case .eio: throw failure(.SQLITE_IOERR)
            case .enospc: throw failure(.SQLITE_FULL)
            case .throw: throw PlantedError(point: point)
            }
        }

        private static func standStill() -> Never { while true { pause() } }

        private func failure(_ code: ResultCode) -> any Error {
            let error = DatabaseError(resultCode: code, message: "a fault was planted at \(point.rawValue)")
            return point.isInTransaction ? error : StorageFailure.translate(error, path: "the file at hand")
        }
    }

    /// An error that no code knows, as a bug would throw it.
    struct PlantedError: Error, CustomStringConvertible {
        let point: FaultPoint
        var description: String { "an error was planted at \(point.rawValue)" }
    }
#endif
