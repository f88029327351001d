/// Checks a property of every history of replicas; one that breaks it is shrunk and shown with the way to see it again.
///
/// `problem` answers `nil` where the property holds, else a sentence.
/// - Throws: ``Counterexample``, for the first seed that breaks the property.
package func forAllHistories(
    cases: Int, seed: UInt64 = 1, replicas: Int, steps: ClosedRange<Int>, fileID: String = #fileID,
    problem: (ReplicaGroup) -> String?
) throws(Counterexample) {
    try forAllShrinking(
        cases: cases, seed: seed, fileID: fileID,
        generate: { ReplicaStep.history(replicas: replicas, steps: steps, using: &$0) }, simpler: \.simpler,
        describe: ReplicaStep.pasteable, problem: { problem(ReplicaGroup(replicas: replicas, $0)) })
}
