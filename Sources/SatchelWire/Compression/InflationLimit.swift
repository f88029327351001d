import SatchelSync

/// How far compressed bytes may grow, counted while they grow.
package struct InflationLimit: Hashable, Sendable {
    /// Inflated bytes, at most.
    package let bytesMax: Int
    /// Inflated bytes for each compressed byte, once ``ratioFreeBytes`` are out.
    package let ratioMax: Int
    /// Inflated bytes up to which the ratio is not looked at: small bodies of repeated words compress well.
    package let ratioFreeBytes: Int

    /// Sets a limit; the ratio is the one of all bodies unless said otherwise.
    package init(
        bytesMax: Int, ratioMax: Int = Limits.inflationRatioMax, ratioFreeBytes: Int = Limits.ratioFreeBytes
    ) {
        self.bytesMax = bytesMax
        self.ratioMax = ratioMax
        self.ratioFreeBytes = ratioFreeBytes
    }

    /// The limit of a push.
    package static let push = InflationLimit(bytesMax: Limits.inflatedBytesMax)
    /// The limit of one frame of a reply, with what is inflated of the next one.
    ///
    /// It has no ratio: what a device holds is bounded by the frame, and a page of records that are much alike, or of one long
    /// line of dashes, is no attack.
    package static let frame = InflationLimit(bytesMax: WireLimits.frameBytesMax + 128 * 1024, ratioMax: .max)

    /// Refuses `inflated` bytes made of `compressed` ones where they are too many.
    func check(inflated: Int, compressed: Int) throws(SatchelError) {
        guard inflated <= bytesMax else {
            throw SatchelError(
                .tooLarge, "The compressed body inflates to more than \(bytesMax) bytes.",
                remedy: "Send less at once; nothing was taken.")
        }
        let (allowed, isUnbounded) = compressed.multipliedReportingOverflow(by: ratioMax)
        guard inflated <= ratioFreeBytes || isUnbounded || inflated <= allowed
        else {
            throw SatchelError(
                .tooLarge, "The compressed body inflates to more than \(ratioMax) times its size.",
                remedy: "Send it without compression; nothing was taken.")
        }
    }
}
