/// What is going to happen, in the order of virtual time; what falls together happens in the order in which it was planned.
final class Timeline {
    private struct Event {
        let time: Int64
        let number: Int
        let action: () -> Void
    }

    /// Milliseconds since the simulation began.
    private(set) var now: Int64 = 0
    /// A heap: the children of `index` stand at `2 * index + 1` and beside it.
    private var events: [Event] = []
    private var plannedCount = 0

    /// Plans `action` for so many milliseconds from now.
    func plan(in milliseconds: Int64, _ action: @escaping () -> Void) {
        plannedCount += 1
        events.append(Event(time: now + max(milliseconds, 0), number: plannedCount, action: action))
        var index = events.count - 1
        while index > 0, precedes(index, (index - 1) / 2) {
            events.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Lets the next event happen, once `setClock` knows its time; answers whether there was one.
    func step(_ setClock: (Int64) -> Void) -> Bool {
        guard let event = pop() else { return false }
        now = event.time
        setClock(now)
        event.action()
        return true
    }

    private func pop() -> Event? {
        guard let first = events.first else { return nil }
        events.swapAt(0, events.count - 1)
        events.removeLast()
        var index = 0
        while true {
            let children = [2 * index + 1, 2 * index + 2].filter { $0 < events.count }
            guard let child = children.min(by: precedes), precedes(child, index) else { return first }
            events.swapAt(index, child)
            index = child
        }
    }

    private func precedes(_ one: Int, _ other: Int) -> Bool {
        (events[one].time, events[one].number) < (events[other].time, events[other].number)
    }
}
