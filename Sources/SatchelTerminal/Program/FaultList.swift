import SatchelStorage
import SatchelSync

/// The fault points of a program, as its `faults list` prints them.
package struct FaultList: Sendable {
    private let points: [FaultPoint]

    /// Those that what works on a device's home can reach.
    package static var device: FaultList { FaultList(points: FaultPoint.all(of: .device)) }
    /// Those that what works on a server's store can reach.
    package static var server: FaultList { FaultList(points: FaultPoint.all(of: .server)) }

    /// Prints them.
    /// - Throws: As ``OutputOptions/show(json:text:)`` does.
    package func show(_ output: OutputOptions) throws {
        var table = TextTable([.init("POINT", isCuttable: false), .init("WHAT STANDS THERE")])
        for point in points { table.add([.init(point.rawValue), .init(point.meaning)]) }
        try output.show(
            json: .array(points.map { .members(["point": .text($0.rawValue), "meaning": .text($0.meaning)]) }),
            text: points.isEmpty
                ? "A release build has no fault points.\n"
                : table.rendered(width: output.width, style: output.style))
    }
}
