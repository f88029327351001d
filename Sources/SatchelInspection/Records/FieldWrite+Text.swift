package import SatchelSync

extension FieldWrite {
    /// What is written, as people read it: a value, `+added -removed` elements, `+3`, or `key=value` pairs.
    package var text: String {
        switch self {
        case .register(let value): value.text
        case .set(let add, let remove):
            (add.map { "+\($0.string)" } + remove.map { "-\($0.string)" }).joined(separator: " ")
        case .counter(let delta): delta < 0 ? "\(delta)" : "+\(delta)"
        case .map(let writes): writes.map { "\($0.key.string)=\($0.value.text)" }.joined(separator: " ")
        }
    }
}
