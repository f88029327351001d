/// Plants a mistake, to prove that the oracle sees it.
enum PlantedFault: CaseIterable {
    /// A form edit claims to have seen what was pulled after the form was opened.
    case formSeesThePresent
    /// An edit claims to have seen nothing but its line.
    case nothingSeen
    /// The line does not count as seen.
    case lineForgotten
    /// A change counts as having seen all that it meets where it arrives.
    case lastWriterWins
    /// What comes late enters although an applied edit had seen it.
    case lateRuleForgotten
    /// Released work does not count as seen by those who stand after it in its line.
    case releaseUnseen
    /// A fix stands at its own dot instead of the place of what it fixes.
    case fixOutOfPlace
    /// A delete does not keep what came late and its author had seen.
    case lateDotForgotten
    /// Parked work enters under its own dot.
    case parkedDotReused
    /// Counters are joined by adding instead of by the higher counter.
    case countersAdded
    /// A remove takes all adds, also those that its author had not seen.
    case removeTakesAll
}
