import Foundation

/// V12: the code of a merge throws what nobody knows.
enum Thrown {
    /// One of three change-sets makes the server throw; it has to be parked, with the name of the request, and the others go in.
    static func inMerge(_ stage: Stage) async throws -> String {
        struct ParkedForm: Decodable {
            let dot: String
            let code: String?, sentence: String?
        }
        let server = try await ServerProcess.start(in: Site())
        let (ann, bo) = (try await server.enrol("ann"), try await server.enrol("bo"))
        let account = try await ann.new("account", ["name=Aster"])
        try await ann.sync()
        try await server.requireGracefulStop()
        try await server.serve(environment: ["SATCHEL_FAULT=merge-writes:2:throw"])
        for name in ["one", "two", "three"] { try await ann.set("account", account, ["tags+=\(name)"]) }
        let sync = try await ann.run(["sync", "--json"], expecting: [0, 1, 3, 4])
        let parked = try await server.command(["parked", "list", "--json"]).decoded([ParkedForm].self)
        guard let one = parked.first, one.code == "internal_error" else {
            // Nothing is lost by it: the next sync takes all.
            try await server.requireDrained([ann, bo])
            try await server.requireGracefulStop()
            throw NotYet(
                "the push as a whole ended with \(sync.failureCode ?? "no code"), nothing was parked, "
                    + "and the next sync took all")
        }
        stage.expect(parked.count, is: 1, "the number of parked change-sets")
        let status = try await ann.status()
        stage.expect(status.pending.isEmpty, "\(status.pending.count) others were held back")
        stage.expect(
            one.sentence?.contains(/[0-9a-f]{16}/) == true, "no request is named: \(one.sentence ?? "no sentence")")
        // Without the fault it can be let in.
        try await server.requireGracefulStop()
        try await server.serve()
        try await server.command(["parked", "release", one.dot])
        try await server.requireDrained([ann, bo])
        let tags = try await bo.show("account", account).fields["tags"]?.elements
        stage.expect(tags, is: ["one", "two", "three"], "the tags at bo's device")
        try await server.requireGracefulStop()
        return "1 of 3 parked as internal_error with its request's name, 2 applied; released later"
    }
}
