/// A number with the noun that it counts, for people: `1 record`, `2 records`, `0 records`.
package enum Counted {
    /// The number, and the noun in the form that goes with it.
    ///
    /// `plural` is the noun with an `s` where it is not given; both may carry a verb, as in `record waits` and `records wait`.
    package static func text(_ count: some BinaryInteger, _ noun: String, _ plural: String? = nil) -> String {
        "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
    }
}
