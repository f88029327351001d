import SatchelTerminal
import Synchronization
import Testing

/// A clock that a test sets, and what was written.
private final class Stage: Sendable {
    private let time = Mutex(Duration.zero)
    private let text = Mutex("")

    var elapsed: Duration {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }

    var written: String { text.withLock { $0 } }

    func progress(_ mode: Progress.Mode) -> Progress {
        Progress(mode: mode, elapsed: { self.elapsed }, write: { piece in self.text.withLock { $0 += piece } })
    }
}

@Suite struct ProgressTests {
    @Test func `work of less than a second says nothing`() {
        let stage = Stage()
        let progress = stage.progress(.terminal(width: 80))
        progress.report("Sending 1 of 3")
        stage.elapsed = .milliseconds(999)
        progress.report("Sending 2 of 3")
        progress.finish()
        #expect(stage.written.isEmpty)
    }

    @Test func `a terminal has one line that is rewritten, cut and erased`() {
        let stage = Stage()
        let progress = stage.progress(.terminal(width: 10))
        stage.elapsed = .seconds(1)
        progress.report("Sending 1 of 3\u{1B}[2J")
        stage.elapsed = .milliseconds(1_050)
        progress.report("too soon")
        stage.elapsed = .seconds(2)
        progress.report("蓝门咖啡馆")
        progress.finish()
        progress.finish()
        #expect(stage.written == "\r\u{1B}[2KSending …\r\u{1B}[2K蓝门咖啡…\r\u{1B}[2K")
    }

    @Test func `elsewhere a plain line comes every few seconds`() {
        let stage = Stage()
        let progress = stage.progress(.lines)
        for second in 0..<12 {
            stage.elapsed = .seconds(second)
            progress.report("Sending \(second)")
        }
        progress.finish()
        #expect(stage.written == "Sending 1\nSending 6\nSending 11\n")
    }

    @Test func `counted work says how fast it goes, and how long it takes yet where it is known how much there is`() {
        let stage = Stage()
        let progress = stage.progress(.lines)
        for (second, done) in [(0, 0), (2, 700), (8, 3_000)] {
            stage.elapsed = .seconds(second)
            progress.report("\(done) of 10000 read", .init("read", done: done, of: 10_000))
        }
        // Another piece of work has a pace of its own, and nobody knows how much of it there is.
        for (second, done) in [(14, 10), (24, 15), (34, 40)] {
            stage.elapsed = .seconds(second)
            progress.report("\(done) fetched", .init("fetch", done: done, bytes: done * 50_000))
        }
        for (second, done) in [(44, 0), (54, 60_000_000), (64, 100_000_000)] {
            stage.elapsed = .seconds(second)
            progress.report("Picture", .init("photos", done: done, of: 100_000_000, in: .bytes))
        }
        #expect(
            stage.written == """
                700 of 10000 read, 350 a second, about 27 s left
                3000 of 10000 read, 375 a second, about 19 s left
                10 fetched, 500 KB
                15 fetched, 0.5 a second, 750 KB
                40 fetched, 1.5 a second, 2.0 MB
                Picture
                Picture, 6.0 MB/s, about 7 s left
                Picture, 5.0 MB/s

                """)
    }

    @Test func `silence is kept`() {
        let stage = Stage()
        let progress = stage.progress(.silent)
        stage.elapsed = .seconds(60)
        progress.report("Sending")
        progress.finish()
        #expect(stage.written.isEmpty)
    }
}
