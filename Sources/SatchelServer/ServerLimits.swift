/// What one server takes at most, in one place, beside what the exchange itself limits (`SatchelSync.Limits`).
package enum ServerLimits {
    /// Bytes of a request or a reply on the operator's socket.
    package static let operatorBodyBytesMax = 32 * 1024 * 1024
    /// Lines of one batch of office edits.
    package static let linesPerBatchMax = 1_000
    /// Bytes of the lines of one batch; as a text of JSON a byte takes up to six.
    package static let lineBytesPerBatchMax = 4 * 1024 * 1024
    /// Bytes of records after which a page for an operator or an inspector ends.
    package static let casePageBytesMax = 4 * 1024 * 1024

    /// Bytes of a request to enrol.
    static let enrolBodyBytesMax = 64 * 1024
    /// Bytes of a resolution that comes over HTTP.
    static let resolutionBodyBytesMax = 256 * 1024

    /// Failed attempts to enrol that an address has in an hour.
    static let enrolFailuresPerHourMax = 5
    /// Resolutions that a device may send in a minute.
    package static let resolutionsPerMinuteMax = 120
    /// Change-sets of one device that are parked at once.
    package static let parkedPerDeviceMax = 10_000
    /// How long a device is told to wait for room among them: time to discard some.
    static let parkedPause = Duration.seconds(60)
    /// Change-sets of one record that are looked at, the last ones, for what is told of its news.
    static let newsPartsMax = 64
    /// Bytes of names and labels that are told of one record's news, beside those of its conflicts.
    static let newsBytesMax = 2_048
    /// Devices that are told of news at once.
    static let listenersMax = 16_384
    /// Lines on which one device is told.
    static let listenersPerDeviceMax = 2
    /// Addresses or devices that a bucket of tokens remembers.
    static let rateKeysMax = 10_000
}
