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

/// Where the byte goes that is read past the end.
nonisolated(unsafe) private var strayByte: UInt8 = 0  // Written by the one thread that fuzzes.

/// Reads the byte behind an input that begins with a word, as no reader may: the fuzzer has to come to it letter by letter, and the
/// address sanitizer has to see it.
private func readPastTheEnd(_ start: UnsafePointer<UInt8>, _ count: Int) {
    for (place, letter) in "oops".utf8.enumerated() {
        guard place < count, unsafe start[place] == letter else { return }
    }
    unsafe strayByte = unsafe start[count]
}

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    if isPlanted {
        unsafe readPastTheEnd(start, count)
        return 0
    }
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    if let problem = target.run(bytes) { fatalError(problem) }
    return 0
}
