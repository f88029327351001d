/// How a visit stands.
///
/// The order in which verbs take a visit is theirs, not the store's: what several people said at once is merged like any other field.
package enum VisitStatus: String, CaseIterable, Sendable {
    case planned
    case enRoute = "en_route"
    case onSite = "on_site"
    case done, missed, cancelled

    /// The one table of it: to what a verb brings a visit that stands so.
    ///
    /// Who forgot to begin a visit ends it all the same; who finds nobody there, or has begun at the wrong place, has been there. What was
    /// cancelled or missed is over, as what is done: there is a new visit, or `set` says that it was a mistake.
    package var next: Set<VisitStatus> {
        switch self {
        case .planned: [.enRoute, .onSite, .done, .missed, .cancelled]
        case .enRoute: [.onSite, .done, .missed, .cancelled]
        case .onSite: [.done, .missed, .cancelled]
        case .done, .missed, .cancelled: []
        }
    }
}
