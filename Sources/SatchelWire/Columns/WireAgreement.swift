/// What both ends know before a message: it goes without saying then.
package struct WireAgreement: Sendable {
    /// What messages begin from; `nil` where the ends do not know the same schema.
    package let dictionary: PresetDictionary?
    /// The short names of records; `nil` where there are none.
    package let handles: RecordHandles?

    /// Nothing: a message that speaks for itself.
    package static let nothing = WireAgreement()

    /// States what both ends know.
    package init(dictionary: PresetDictionary? = nil, handles: RecordHandles? = nil) {
        self.dictionary = dictionary
        self.handles = handles
    }
}
