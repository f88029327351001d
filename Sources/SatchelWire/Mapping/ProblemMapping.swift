import SatchelSync

extension ProtoProblem {
    init(_ problem: ProblemFrame) {
        self.init()
        detail = problem.message
        code = problem.code
        remedy = problem.remedy ?? ""
        transient = problem.isTransient
        nextCounter = problem.nextCounter ?? 0
    }
}

extension FormReader {
    func problem(_ message: ProtoProblem) throws(FormError) -> ProblemFrame {
        let next = try counterOrZero(message.nextCounter, "next_counter")
        return ProblemFrame(
            code: try text(message.code, "code", bytes: 1...Limits.nameBytesMax), message: message.detail,
            remedy: message.remedy.isEmpty ? nil : message.remedy, isTransient: message.transient,
            nextCounter: next == 0 ? nil : next)
    }
}
