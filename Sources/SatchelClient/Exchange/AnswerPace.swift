/// Whether an answer comes fast enough to be waited for.
///
/// Silence is bounded by itself, but a byte now and then would keep a dead exchange alive for ever. So time that is spent waiting is owed, and what comes pays for it; a slow line that goes on pays for itself.
package struct AnswerPace: Hashable, Sendable {
    /// What an answer is made of.
    package enum Kind: Hashable, Sendable {
        /// Bytes, of which each pays for what it may take.
        case bytes
        /// Lines, of which each pays for all.
        case lines
    }

    /// What a line has to bring at least: a second pays for so many bytes.
    package static let bytesPerSecond = 64
    /// How much may be owed.
    ///
    /// Less than the silence of thirty seconds after which any line is given up: a byte within the last moment of it buys no second one in full.
    package static let owedMax = Duration.seconds(25)

    private let kind: Kind
    private let owedMax: Duration
    private var owed = Duration.zero

    /// Nothing is owed yet; `patience` is a factor on what may be.
    package init(_ kind: Kind = .bytes, patience: Double = 1) {
        self.kind = kind
        owedMax = Self.owedMax * patience
    }

    /// Something came after it was waited for; returns whether it pays for that.
    ///
    /// Only time in which it was waited for counts: what comes meanwhile waits for us.
    package mutating func pays(_ bytes: [UInt8], after waiting: Duration) -> Bool {
        owed += waiting
        switch kind {
        case .bytes: owed -= .seconds(Double(bytes.count) / Double(Self.bytesPerSecond))
        case .lines: if bytes.contains(UInt8(ascii: "\n")) { owed = .zero }
        }
        owed = max(owed, .zero)
        return owed <= owedMax
    }
}
