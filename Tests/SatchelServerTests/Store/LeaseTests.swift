import Dispatch
import Foundation
import SatchelStorage
import SatchelSync
import SatchelTestSupport
import Synchronization
import Testing

@Suite struct LeaseTests {
    @Test func `a lease that is refused names the holder and leaves the name there`() throws {
        let folder = try TemporaryFolder()
        let held = try Lease(folder: folder.url, purpose: "holder")
        for _ in 0..<3 {
            #expect {
                _ = try Lease(folder: folder.url, purpose: "second", patience: .zero)
            } throws: { error in
                (error as? SatchelError)?.code == .databaseInUse && "\(error)".contains("(holder)")
            }
        }
        _ = consume held
        let next = try Lease(folder: folder.url, purpose: "next", patience: .zero)
        _ = consume next
    }

    @Test func `a lease is no link to somebody else's file`() throws {
        let folder = try TemporaryFolder(), other = folder["other"]
        try Data("kept".utf8).write(to: other)
        try FileManager.default.createSymbolicLink(at: folder["satchel.lease"], withDestinationURL: other)
        #expect {
            _ = try Lease(folder: folder.url, purpose: "test", patience: .zero)
        } throws: { ($0 as? SatchelError)?.code == .storageFailed }
        #expect(try Data(contentsOf: other) == Data("kept".utf8))
    }

    @Test func `leases that are refused touch no file that others open meanwhile`() throws {
        let folder = try TemporaryFolder()
        let held = try Lease(folder: folder.url, purpose: "holder")
        let damages = Mutex(0)
        let url = folder.url
        DispatchQueue.concurrentPerform(iterations: 8) { worker in
            for round in 0..<500 {
                if worker.isMultiple(of: 2) {
                    do {
                        let lease = try Lease(folder: url, purpose: "refused", patience: .zero)
                        _ = consume lease
                        damages.withLock { $0 += 1 }
                    } catch {
                        continue
                    }
                } else {
                    let file = url.appending(path: "satchel.file\(worker)")
                    let handle = FileManager.default.createFile(atPath: file.path, contents: nil)
                    let isWhole = handle && Self.writeAndReadBack("round \(round)", file)
                    if !isWhole { damages.withLock { $0 += 1 } }
                }
            }
        }
        #expect(damages.withLock { $0 } == 0)
        _ = consume held
    }

    private static func writeAndReadBack(_ text: String, _ url: URL) -> Bool {
        do {
            let handle = try FileHandle(forUpdating: url)
            for _ in 0..<20 { try handle.write(contentsOf: Data(text.utf8)) }
            try handle.seek(toOffset: 0)
            let read = try handle.readToEnd()
            try handle.close()
            return read == Data(String(repeating: text, count: 20).utf8)
        } catch {
            return false
        }
    }
}
