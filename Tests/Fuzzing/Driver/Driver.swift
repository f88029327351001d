import Foundation
import FuzzTargets

/// The target that this process fuzzes, named by the environment.
private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["SATCHEL_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        fatalError("SATCHEL_FUZZ_TARGET is one of \(FuzzTarget.allCases.map(\.rawValue)); got \"\(name)\".")
    }
    return target
}()

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    if let problem = target.run(bytes) { fatalError(problem) }
    return 0
}
