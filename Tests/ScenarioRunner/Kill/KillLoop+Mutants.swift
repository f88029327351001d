// Whether the loop has eyes.
extension KillLoop {
    /// Mistakes in the engine that a process which dies brings to light.
    package static let visible = ["retry-under-new-name", "resume-skips-one"]

    /// Strikes where mistakes of the exchange show, over programs that all make this one, until something comes to harm.
    package static func tally(planting mutant: String) async -> KillTally {
        var tally = KillTally()
        do {
            let ground = try await KillGround.make(mutant: mutant)
            for (act, blow) in blows where ground.tally.isSound { try await ground.strike(act, blow) }
            tally = ground.tally
        } catch {
            tally.note(.damaged, "\(error)")
        }
        return tally
    }

    /// Takes an edit that was acknowledged out of a device's file, as a disk that lies would, and checks as after a kill.
    ///
    /// `isBySQL` says what the edit is: two writes of plain SQL that nobody sealed in between, and one change-set.
    package static func tallyOfLoss(isBySQL: Bool) async -> KillTally {
        var tally = KillTally()
        do {
            let ground = try await KillGround.make()
            if isBySQL {
                try await ground.makeShellEdit()
                try await ground.makeShellEdit()
                await ground.checkDevice(after: "two writes by plain SQL")
            } else {
                try await ground.makeEdit()
            }
            let problems = ground.tally.problems.map(\.text)
            guard problems.isEmpty else { throw AcceptanceFailure("Before the loss: \(problems)") }
            try await ground.loseNewestEdit()
            await ground.checkDevice(after: "a loss")
            await ground.checkAll(after: "a loss")
            tally = ground.tally
        } catch {
            tally.note(.damaged, "\(error)")
        }
        return tally
    }

    private static let blows: [(KillAct, Blow)] = [
        (.push, .point("server-committed", 1)), (.sync, .point("stage-kept", 2)),
    ]
}
