/// The schema of the stores that processes are killed over, in as many versions as one likes: each adds a field.
enum KillSchema {
    /// How long a name may be.
    static let nameMax = 80

    static func text(version: Int) -> String {
        let extra = (1..<max(version, 1)).map { "      extra_\($0): { id: \(10 + $0), kind: text }\n" }.joined()
        return """
            schema: \(version)
            types:
              account:
                id: 1
                fields:
                  name: { id: 1, kind: text, max_length: \(nameMax), required: true }
                  city: { id: 2, kind: text }
                  tags: { id: 3, kind: set, max_length: 60 }

            """ + extra
    }
}
