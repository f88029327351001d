import SatchelSync
import SatchelTestSupport
import Testing

/// Random small patterns against a matcher that tries every way, one after the other.
@Suite struct TextPatternOracleTests {
    /// A pattern as the oracle sees it: it never reads the syntax.
    indirect enum Shape {
        case literal(Unicode.Scalar)
        case any
        case among(low: Unicode.Scalar, high: Unicode.Scalar, isNegated: Bool)
        case letters(isNegated: Bool)
        case sequence([Shape])
        case choice([Shape])
        case repeated(Shape, least: Int, most: Int?)

        /// How the pattern is written.
        var source: String {
            switch self {
            case .literal(let scalar): scalar == "\n" ? #"\n"# : scalar == "." ? #"\."# : String(scalar)
            case .any: "."
            case .among(let low, let high, let isNegated): "[\(isNegated ? "^" : "")\(low)-\(high)]"
            case .letters(let isNegated): isNegated ? #"\P{L}"# : #"\p{L}"#
            case .sequence(let parts): parts.map { $0.grouped(unless: $0.isPiece) }.joined()
            case .choice(let parts): parts.map(\.source).joined(separator: "|")
            case .repeated(let part, 0, nil): part.grouped(unless: part.isAtom) + "*"
            case .repeated(let part, 1, nil): part.grouped(unless: part.isAtom) + "+"
            case .repeated(let part, 0, 1?): part.grouped(unless: part.isAtom) + "?"
            case .repeated(let part, let least, nil): part.grouped(unless: part.isAtom) + "{\(least),}"
            case .repeated(let part, let least, let most?):
                part.grouped(unless: part.isAtom) + (least == most ? "{\(least)}" : "{\(least),\(most)}")
            }
        }

        private var isAtom: Bool {
            switch self {
            case .sequence, .choice, .repeated: false
            default: true
            }
        }

        private var isPiece: Bool { if case .repeated = self { true } else { isAtom } }

        private func grouped(unless isAlone: Bool) -> String { isAlone ? source : "(\(source))" }

        /// Whether `rest` begins with what the shape says and `goesOn` takes what is left, in any way.
        func takes(_ rest: ArraySlice<Unicode.Scalar>, _ goesOn: (ArraySlice<Unicode.Scalar>) -> Bool) -> Bool {
            func one(_ isTaken: (Unicode.Scalar) -> Bool) -> Bool {
                guard let first = rest.first, isTaken(first) else { return false }
                return goesOn(rest.dropFirst())
            }
            switch self {
            case .literal(let scalar): return one { $0 == scalar }
            case .any: return one { $0 != "\n" && $0 != "\r" }
            case .among(let low, let high, let isNegated): return one { (low...high).contains($0) != isNegated }
            case .letters(let isNegated): return one { $0.properties.isAlphabetic != isNegated }
            case .sequence(let parts):
                guard let first = parts.first else { return goesOn(rest) }
                return first.takes(rest) { Shape.sequence(Array(parts.dropFirst())).takes($0, goesOn) }
            case .choice(let parts): return parts.contains { $0.takes(rest, goesOn) }
            case .repeated(let part, let least, let most):
                if least > 0 {
                    return part.takes(rest) {
                        Shape.repeated(part, least: least - 1, most: most.map { $0 - 1 }).takes($0, goesOn)
                    }
                }
                if goesOn(rest) { return true }
                guard most != 0 else { return false }
                // Once more, if that takes anything: a turn that takes nothing leads nowhere new.
                return part.takes(rest) { left in
                    left.count < rest.count
                        && Shape.repeated(part, least: 0, most: most.map { $0 - 1 }).takes(left, goesOn)
                }
            }
        }

        static func any(from random: inout SeededRandom, depth: Int) -> Shape {
            if depth == 0 || random.isOnce(in: 4) {
                switch random.pick(below: 8) {
                case 0: return .any
                case 1:
                    return .among(low: "a", high: random.pick(from: ["a", "b", "é"]), isNegated: random.isOnce(in: 2))
                case 2: return .letters(isNegated: random.isOnce(in: 2))
                default: return .literal(random.pick(from: alphabet))
                }
            }
            switch random.pick(below: 3) {
            case 0: return .sequence((0..<random.pick(in: 0...3)).map { _ in any(from: &random, depth: depth - 1) })
            case 1: return .choice((0..<random.pick(in: 1...3)).map { _ in any(from: &random, depth: depth - 1) })
            default:
                let least = random.pick(in: 0...2)
                let most: Int? = random.isOnce(in: 2) ? nil : least + random.pick(in: 0...2)
                return .repeated(any(from: &random, depth: depth - 1), least: least, most: most)
            }
        }
    }

    static let alphabet: [Unicode.Scalar] = ["a", "a", "a", "b", "b", ".", "é", "\n"]

    @Test func `the machine agrees with trying every way`() throws {
        var (fits, others) = (0, 0)
        try forAll(cases: 3_000) { random, replay in
            let shape = Shape.any(from: &random, depth: 3)
            guard shape.source.utf8.count <= TextPattern.bytesMax else { return }
            let pattern = try TextPattern(shape.source)
            for _ in 0..<12 {
                let text = (0..<random.pick(in: 0...6)).map { _ in random.pick(from: Self.alphabet) }
                let expected = shape.takes(text[...]) { $0.isEmpty }
                var view = String.UnicodeScalarView()
                view.append(contentsOf: text)
                let string = String(view)
                #expect(
                    pattern.matches(UTF8Text(string)) == expected,
                    "\(shape.source.debugDescription) on \(string.debugDescription); \(replay)")
                if expected { fits += 1 } else { others += 1 }
            }
        }
        if Seeds.replayed == nil { #expect(fits > 2_000 && others > 2_000) }
    }
}
