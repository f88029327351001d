import SatchelSync
import SatchelTestSupport

/// Applies edits of one record by hand, each with a context that the test writes down.
///
/// The dots are `a(1)`, `b(2)` and so on.
struct RecordScript {
    private(set) var state = RecordState()

    /// Applies one edit.
    ///
    /// The line is the author's earlier dots unless `line` says otherwise.
    mutating func apply(
        _ dot: Dot, seen: [Dot] = [], life: LifeWrite? = nil, _ writes: FieldChange..., at second: Int64 = 0
    ) {
        let line = Lineage().line(of: dot)
        let context = VersionVector(seen).removing(line: line)
        let change = RecordChange(
            type: ItemSchema.type, record: .sample(1), context: context, life: life, writes: writes)
        state.apply(change, dot: dot, time: Timestamp(milliseconds: second * 1_000), line: line)
    }

    /// The values that stand for a register, each with its dot, in dot order.
    func siblings(_ field: FieldID) -> [String] {
        (state.field(field)?.siblings ?? []).map { "\(label($0.dot)) \($0.value.text)" }
    }

    /// The elements of the set, each with the dots that added it.
    var tags: [String] {
        (state.field(ItemSchema.tags)?.elements ?? []).map { element in
            "\(element.value): \(element.dots.map { label($0.dot) }.joined(separator: " "))"
        }
    }

    /// The life pairs, in dot order.
    var life: [String] { state.life.map { "\(label($0.dot)) \($0.isDelete ? "deleted" : "alive")" } }

    private func label(_ dot: Dot) -> String {
        let letters = ["a", "b", "c"]
        for (number, letter) in letters.enumerated() where dot.actor == .sample(number) {
            return "\(letter)\(dot.counter)"
        }
        return dot.description
    }
}

func a(_ counter: UInt64) -> Dot { Dot(.sample(0), counter) }
func b(_ counter: UInt64) -> Dot { Dot(.sample(1), counter) }
func c(_ counter: UInt64) -> Dot { Dot(.sample(2), counter) }

func phone(_ text: UTF8Text) -> FieldChange { FieldChange(ItemSchema.phone, .register(.text(text))) }
func name(_ text: UTF8Text) -> FieldChange { FieldChange(ItemSchema.name, .register(.text(text))) }
func tag(add: [UTF8Text] = [], remove: [UTF8Text] = []) -> FieldChange {
    FieldChange(ItemSchema.tags, .set(add: add, remove: remove))
}
func count(_ delta: Int64) -> FieldChange { FieldChange(ItemSchema.visits, .counter(delta)) }
func put(_ key: UTF8Text, _ value: FieldValue) -> FieldChange {
    FieldChange(ItemSchema.facts, .map([MapWrite(key, value)]))
}
