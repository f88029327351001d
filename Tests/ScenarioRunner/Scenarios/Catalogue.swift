/// The scenarios by the names of the catalogue; what nobody plays yet has its name and nothing more.
package enum Catalogue {
    /// All of them, in the catalogue's order.
    package static let all: [Scenario] =
        networkScenarios + deviceScenarios + serverScenarios + semanticScenarios + securityScenarios

    /// Those with this name, or whose names begin so.
    package static func scenarios(named name: String) -> [Scenario] {
        let exact = all.filter { $0.id == name.uppercased() }
        return exact.isEmpty ? all.filter { $0.id.hasPrefix(name.uppercased()) } : exact
    }

    private static let networkScenarios = [
        Scenario("N01", "lost acknowledgement", play: Network.lostAcknowledgement),
        Scenario("N02", "the same batch twice at once", play: Network.twiceAtOnce),
        Scenario("N03", "batches out of order", play: Network.batchesOutOfOrder),
        Scenario("N04", "truncated upload", play: Network.truncatedUpload),
        Scenario("N05", "truncated download", play: Network.truncatedDownload),
        Scenario("N06", "half-open connection", play: Network.halfOpen),
        Scenario("N07", "slow loris", play: Network.slowLoris),
        Scenario("N08", "gzip bomb", play: Network.gzipBomb),
        Scenario("N09", "flapping network", play: Network.flapping),
        Scenario("N10", "a herd after 503", play: Network.herd),
        Scenario("N11", "bit flips", play: Network.bitFlips),
        Scenario("N12", "pages of a pull during writes", play: Network.pagesDuringWrites),
    ]

    private static let deviceScenarios = [
        Scenario("D01", "killed in a local edit", play: Kills.inEdit),
        Scenario("D02", "killed in a push", play: Kills.inPush),
        Scenario("D03", "killed in a pull", play: Kills.inPull),
        Scenario("D04", "power cut", play: Disks.powerCut),
        Scenario("D05", "disk full", play: Devices.diskFull),
        Scenario("D06", "clock three days ahead", play: Devices.clockAhead),
        Scenario("D07", "database copied to a second device", play: Devices.copied),
        Scenario("D08", "database restored from an older backup", play: Devices.putBack),
        Scenario("D09", "corrupt page", play: Devices.corruptPage),
        Scenario("D10", "factory reset with a queue", play: Devices.wiped),
        Scenario("D11", "upgrade with a queue and a new schema"),
        Scenario("D12", "two client processes", play: Devices.twoProcesses),
        Scenario("D13", "photos never block data"),
        Scenario("D14", "90 days offline"),
        Scenario("D15", "poison change-set", play: Poison.amongThousand),
        Scenario("D16", "two users on one tablet"),
        Scenario("D17", "killed between photo and row"),
    ]

    private static let serverScenarios = [
        Scenario("V01", "server killed in a merge", play: Kills.inMerge),
        Scenario("V02", "server restored from an older backup", play: Restored.fromOlderBackup),
        Scenario("V03", "disk full at the server", play: Servers.diskFull),
        Scenario("V04", "two nodes on one PostgreSQL"),
        Scenario("V05", "PostgreSQL killed in a merge"),
        Scenario("V06", "sequence gap", play: Servers.sequenceGap),
        Scenario("V07", "long transaction"),
        Scenario("V08", "fsync fails", play: Disks.failingSync),
        Scenario("V09", "backup under load", play: Stores.backupUnderLoad),
        Scenario("V10", "tombstones collected, and a straggler"),
        Scenario("V11", "webhook receiver down"),
        Scenario("V12", "merge code throws", play: Thrown.inMerge),
        Scenario("V13", "verify and rebuild", play: Stores.verifyAndRebuild),
    ]

    private static let semanticScenarios = [
        Scenario("M01", "edit and delete", play: Semantics.editAndDelete),
        Scenario("M02", "delete of a parent, new children", play: Semantics.deletedParent),
        Scenario("M03", "the same customer made twice"),
        Scenario("M04", "moved to another scope while edited offline"),
        Scenario("M05", "field permission revoked offline"),
        Scenario("M06", "user deactivated"),
        Scenario("M07", "increments sent again and again", play: Network.repeatedIncrements),
        Scenario("M08", "stage going back"),
        Scenario("M09", "added to and removed from a set", play: Semantics.setElement),
        Scenario("M10", "three values, six orders", play: Semantics.threeValues),
        Scenario("M11", "interleaved writers, many siblings", play: Semantics.manyWriters),
        Scenario("M12", "resolution and a new edit", play: Semantics.resolutionAndEdit),
        Scenario("M13", "two inspectors", play: Semantics.twoInspectors),
        Scenario("M14", "different fields", play: Semantics.differentFields),
        Scenario("M15", "the same value", play: Semantics.sameValue),
        Scenario("M16", "exact numbers", play: Semantics.exactNumbers),
        Scenario("M17", "a chain whose root is rejected", play: Poison.rootOfChain),
        Scenario("M18", "mass update and offline edits"),
        Scenario("M19", "consent withdrawn and given"),
    ]

    private static let securityScenarios = [
        Scenario("X01", "forged device"),
        Scenario("X02", "another device's batch"),
        Scenario("X03", "stolen token"),
        Scenario("X04", "dots of another actor"),
        Scenario("X05", "counters of the future"),
        Scenario("X06", "context that claims too much"),
        Scenario("X07", "mass deletion"),
        Scenario("X08", "oversized fields"),
        Scenario("X09", "path in a photo's name"),
        Scenario("X10", "SQL in names"),
        Scenario("X11", "HTML in the console"),
        Scenario("X12", "webhook to inner addresses"),
        Scenario("X13", "forged tokens"),
        Scenario("X14", "password guessing"),
        Scenario("X15", "audit tampered with"),
        Scenario("X16", "lost device"),
        Scenario("X17", "field leaked through siblings"),
        Scenario("X18", "cross-site resolution"),
        Scenario("X19", "stolen backup"),
        Scenario("X20", "inspector without the right"),
    ]
}
