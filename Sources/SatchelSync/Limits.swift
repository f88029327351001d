/// What is accepted from outside, in one place.
///
/// An error that rests on a limit names it.
public enum Limits {
    /// The highest counter of a dot: 2^53 − 1, so that JSON readers keep it exact.
    public static let counterMax: UInt64 = (1 << 53) - 1
    /// Change-sets in one push.
    public static let changeSetsPerPushMax = 1_000
    /// Canonical bytes of one change-set, so that any one fits into a push.
    public static let changeSetBytesMax = 2 * 1024 * 1024
    /// Canonical bytes of the change-sets of one push, beyond the first.
    public static let changeSetBytesPerPushMax = 3 * 1024 * 1024
    /// Bytes of all the values that stand for one record, so that any record fits into a frame.
    public static let recordBytesMax = 8 * 1024 * 1024
    /// Records touched by one change-set.
    public static let changesPerChangeSetMax = 1_000
    /// Fields of one entity type, and so fields written by one change.
    public static let fieldsPerTypeMax = 256
    /// Elements that one change adds to or removes from a set.
    public static let setElementsMax = 1_000
    /// Bytes of one text value.
    public static let textBytesMax = 64 * 1024
    /// Bytes of one element of a set.
    public static let elementBytesMax = 4 * 1024
    /// Bytes of a change-set's label.
    public static let labelBytesMax = 256
    /// Bytes of a user's or a device's name.
    public static let nameBytesMax = 128
    /// Actors in one causal context.
    public static let contextEntriesMax = 4_096
    /// Own parked change-sets that one request asks after.
    public static let parkedPerRequestMax = 1_000
    /// Bytes of a push on the wire.
    public static let bodyBytesMax = 4 * 1024 * 1024
    /// Bytes of a push after inflating.
    public static let inflatedBytesMax = 32 * 1024 * 1024
    /// Inflated bytes for each compressed byte, once ``ratioFreeBytes`` are out.
    public static let inflationRatioMax = 50
    /// Inflated bytes up to which the ratio is not looked at.
    public static let ratioFreeBytes = 256 * 1024
    /// Records in one page of a pull.
    public static let recordsPerPageMax = 1_000
    /// Encoded bytes after which a page of a pull ends.
    public static let pageBytesMax = 1024 * 1024
    /// Entity types in one schema.
    public static let typesMax = 256
    /// Bytes of a schema file.
    public static let schemaBytesMax = 1024 * 1024
}
