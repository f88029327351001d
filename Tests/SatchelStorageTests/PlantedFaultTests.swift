import SatchelStorage
import SatchelSync
import Testing

@Suite struct PlantedFaultTests {
    @Test func `a fault is a point, a number and an action`() throws {
        for point in FaultPoint.allCases {
            for action in PlantedFault.Action.allCases {
                let fault = try PlantedFault("\(point.rawValue):12:\(action.rawValue)")
                #expect(fault.point == point)
                #expect(fault.occurrence == 12)
                #expect(fault.action == action)
            }
        }
    }

    @Test(arguments: [
        "", "replica-commits", "replica-commits:1", "replica-commits:1:kill:", "nowhere:1:kill",
        "replica-commits:0:kill",
        "replica-commits:-1:kill", "replica-commits:x:kill", "replica-commits:1:", "replica-commits:1:KILL",
        "replica-commits:99999999999999999999:kill",
    ])
    func `anything else is wrong usage, and says where the points are named`(text: String) {
        let error = #expect(throws: SatchelError.self) { try PlantedFault(text) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.isWrongUsage == true)
        #expect(error?.remedy?.contains("faults list") == true)
    }

    @Test func `each point has a name in words and hyphens, and a sentence of its own`() {
        let points = FaultPoint.allCases
        #expect(points.allSatisfy { $0.rawValue.wholeMatch(of: /[a-z]+(-[a-z]+)+/) != nil })
        #expect(Set(points.map(\.meaning)).count == points.count)
        #expect(points.allSatisfy { $0.meaning.hasSuffix(".") })
        #expect(Set(FaultPoint.all(of: .device)).union(FaultPoint.all(of: .server)) == Set(points))
        #expect(!FaultPoint.all(of: .device).contains(.mergeLogged))
    }
}
