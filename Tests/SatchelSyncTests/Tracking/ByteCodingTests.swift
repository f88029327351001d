import SatchelSync
import SatchelTestSupport
import Testing

@Suite struct ByteCodingTests {
    private func bytes(_ write: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes: [UInt8] = []
        write(&bytes)
        return bytes
    }

    @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, UInt64.max >> 1, .max])
    func `a varint reads back`(number: UInt64) throws {
        var reader = ByteReader(bytes { $0.write(varint: number) })
        #expect(try reader.varint() == number)
        #expect(reader.isAtEnd)
    }

    @Test(arguments: [0, -1, 1, .min, .max, -64, 63, 64])
    func `a signed number reads back`(number: Int64) throws {
        var reader = ByteReader(bytes { $0.write(zigzag: number) })
        #expect(try reader.zigzag() == number)
        #expect(reader.isAtEnd)
    }

    @Test(arguments: [[0x80, 0x00], [0xFF, 0x80, 0x00], Array(repeating: 0x80, count: 9) + [0x00]] as [[UInt8]])
    func `a number in more bytes than it needs is refused`(bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        #expect(throws: ByteError.outOfRange(at: 0)) { try reader.varint() }
    }

    @Test(
        arguments: [
            Array(repeating: 0xFF, count: 9) + [0x02], Array(repeating: 0xFF, count: 10),
            Array(repeating: 0x80, count: 11),
        ] as [[UInt8]])
    func `a number of more than 64 bits is refused`(bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        #expect(throws: ByteError.outOfRange(at: 0)) { try reader.varint() }
    }

    @Test func `a count larger than the bytes that are left is refused`() {
        var reader = ByteReader([0x05, 1, 2, 3, 4])
        #expect(throws: ByteError.outOfRange(at: 0)) { try reader.count() }
    }

    @Test(
        arguments: [
            [2, 0xC3, 0x28], [3, 0xED, 0xA0, 0x80], [2, 0xC0, 0x80], [1, 0xFF], [4, 0xF4, 0x90, 0x80, 0x80],
        ] as [[UInt8]])
    func `a text that is not UTF-8 is refused`(bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        #expect(throws: ByteError.invalidText(at: 0)) { try reader.text() }
    }

    @Test func `a counter of zero or above the limit is refused`() {
        for counter in [0, Limits.counterMax + 1] {
            var reader = ByteReader(bytes { $0.write(varint: counter) })
            #expect(throws: ByteError.outOfRange(at: 0)) { try reader.counter() }
        }
    }

    @Test func `an instant without a text form is refused`() {
        for milliseconds in [Timestamp.range.lowerBound.milliseconds - 1, .max] {
            let value = bytes {
                $0.write(3)
                $0.write(zigzag: milliseconds)
            }
            var reader = ByteReader(value)
            #expect(throws: ByteError.outOfRange(at: 1)) { try reader.value() }
        }
    }

    @Test func `a vector out of order is refused`() {
        let (low, high) = (Dot(.sample(0), 1), Dot(.sample(1), 1))
        for dots in [[high, low], [low, low]] {
            let vector = bytes {
                $0.write(varint: dots.count)
                for dot in dots { $0.write(dot) }
            }
            var reader = ByteReader(vector)
            #expect(throws: ByteError.unexpected(at: 0)) { try reader.vector() }
        }
    }

    @Test func `values, dots and vectors read back`() throws {
        try forAll(cases: 1_000) { random, replay in
            let value = random.anyValue()
            let dot = Dot(random.anyActor(), random.next() % Limits.counterMax + 1)
            let vector = random.vector(actors: 6)
            let text = random.anyText()
            var reader = ByteReader(
                bytes {
                    $0.write(value)
                    $0.write(dot)
                    $0.write(vector)
                    $0.write(text: text)
                })
            let (valueAgain, dotAgain, vectorAgain) = (try reader.value(), try reader.dot(), try reader.vector())
            let textAgain = try reader.text()
            #expect(valueAgain == value, "\(replay)")
            #expect(dotAgain == dot && vectorAgain == vector, "\(replay)")
            #expect(UTF8Text(textAgain) == UTF8Text(text), "\(replay)")
            #expect(reader.isAtEnd, "\(replay)")
        }
    }

    @Test func `random bytes never stop the program`() {
        var read = 0
        forAll(cases: 3_000) { random, _ in
            var reader = ByteReader(random.bytes(random.pick(below: 60)))
            while !reader.isAtEnd {
                do {
                    switch random.pick(below: 5) {
                    case 0: _ = try reader.value()
                    case 1: _ = try reader.vector()
                    case 2: _ = try reader.dot()
                    case 3: _ = try reader.text()
                    default: _ = try reader.zigzag()
                    }
                    read += 1
                } catch { return }
            }
        }
        #expect(Seeds.replayed != nil || read > 0)
    }
}
