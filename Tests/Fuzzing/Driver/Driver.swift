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

/// Whether this process makes a mistake on purpose, to see it found.
private let isPlanted = ProcessInfo.processInfo.environment["SATCHEL_FUZZ_PLANTED"] == "1"

/// Reads the byte behind an input that begins with a word, as no reader may: the fuzzer has to come to it letter by letter, and the
/// address sanitizer has to see it.
///
/// - Returns: The byte, so that nobody optimises the reading away; `nil` for any other input.
private func readPastTheEnd(_ start: UnsafePointer<UInt8>, _ count: Int) -> UInt8? {
    for (place, letter) in "oops".utf8.enumerated() {
        guard place < count, unsafe start[place] == letter else { return nil }
    }
    return unsafe start[count]
}

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    if isPlanted {
        // To libFuzzer -1 says that an input is not worth keeping.
        return unsafe readPastTheEnd(start, count) == 0xFF ? -1 : 0
    }
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    if let problem = target.run(bytes) { fatalError(problem) }
    return 0
}
