import Foundation
import SatchelClient
import SatchelTestSupport
import Testing

/// Pictures of real cameras, and damaged ones, against what others read in them.
@Suite struct RealPhotoTests {
    static let missing: Comment = "the shared photos are not beside this checkout"

    /// A field in which two readers differ, and why.
    struct Difference: Hashable {
        let file: String
        let field: String
    }

    private static func own(_ file: URL) throws -> ToldOfPhoto {
        let bytes = [UInt8](try Data(contentsOf: file))
        return ToldOfPhoto(PhotoMetadata(reading: bytes[...]))
    }

    /// Compares field by field; each difference has to be one that is explained, and each that is explained has to be there.
    private static func compare(
        _ others: [(file: URL, told: ToldOfPhoto)], tolerance: ToldOfPhoto.Tolerance, explained: [Difference: String],
        by reader: String
    ) throws {
        var unseen = Set(explained.keys)
        for (file, told) in others {
            let own = try own(file)
            for field in own.fieldsThatDiffer(from: told, tolerance: tolerance) {
                let difference = Difference(file: file.lastPathComponent, field: field)
                if unseen.remove(difference) == nil {
                    Issue.record(
                        "\(difference): \(own.texts[field] ?? "nothing") here, \(told.texts[field] ?? "nothing") in \(reader)"
                    )
                }
            }
        }
        #expect(unseen.isEmpty, "explained, and the same")
    }

    /// Cameras that had no idea of the time or the place say so in their own way.
    private static let placeholders = [
        Difference(file: "FujiFilm_DX_5.jpg", field: "taken"): "A date of spaces.",
        Difference(file: "FujiFilm_SP_2500.jpg", field: "taken"): "A date of spaces.",
        Difference(file: "Olympus_C860L.jpg", field: "taken"): "A date of zeros.",
        Difference(file: "Samsung_GT_I9000_Galaxy_S_.jpg", field: "latitude"): "No position is written as 0, 0.",
        Difference(file: "Samsung_GT_I9000_Galaxy_S_.jpg", field: "longitude"): "No position is written as 0, 0.",
        Difference(file: "beach.jpg", field: "size"): "A height of 0 says that it stands behind the first scan.",
    ]

    @Test(.enabled(if: PhotoListing.folder != nil, missing)) func `the listings beside real photos say the same`()
        throws
    {
        let listings = try PhotoListing.all()
        #expect(listings.count >= 26)
        try Self.compare(
            listings, tolerance: .init(degrees: 2e-6, metres: 1, direction: 0.006), explained: Self.placeholders,
            by: "the listing")
    }

    @Test(.enabled(if: PhotoListing.folder != nil, missing)) func `the dump of the hard ones says the same`() throws {
        let listings = try PhotoListing.dump()
        #expect(listings.count == 2)
        try Self.compare(
            listings, tolerance: .init(degrees: 1e-7, metres: 1, direction: 0.006), explained: [:], by: "the dump")
    }

    @Test(
        .enabled(if: PhotoListing.folder != nil, missing),
        .enabled(if: ExifTool.path != nil, "needs exiftool, which is not installed; .ci/run installs it"))
    func `exiftool says the same of the real ones`() async throws {
        let files = try PhotoListing.files(in: ["camera", "gps", "hard", "orientation"])
        #expect(files.count == 33)
        var explained = Self.placeholders
        // It takes degrees of which a part is 0/0 for none; the listing reads them, and so does XMP in the same file.
        for field in ["latitude", "longitude"] {
            explained[Difference(file: "Nikon_D5000.jpg", field: field)] = "Minutes with a fraction, then 0/0 seconds."
        }
        try Self.compare(
            try await ExifTool.read(files), tolerance: .init(degrees: 1e-7, metres: 1, direction: 0.006),
            explained: explained, by: "exiftool")
    }

    @Test(.enabled(if: PhotoListing.folder != nil, missing)) func `damaged and fuzzed ones are read without inventing`()
        throws
    {
        let files = try PhotoListing.files(in: ["corrupt"])
        #expect(files.count == 179)
        for file in files {
            var told = try Self.own(file)
            told.texts["format"] = nil
            told.texts["size"] = nil
            // Nothing in them is whole but the headers of some: no time, no place, no camera.
            #expect(told == ToldOfPhoto(), "\(file.lastPathComponent)")
        }
    }

    @Test(
        .enabled(if: PhotoListing.folder != nil, missing),
        .enabled(if: ExifTool.path != nil, "needs exiftool, which is not installed; .ci/run installs it"))
    func `what is read of damaged ones exiftool reads too`() async throws {
        for (file, told) in try await ExifTool.read(try PhotoListing.files(in: ["corrupt"])) {
            let own = try Self.own(file)
            // It does not look into a WebP whose length is not that of the file; the size is the one that the header has.
            if file.lastPathComponent.hasPrefix("crash-ef2965b3"), own.texts == ["format": "image/webp", "size": "1x1"]
            {
                continue
            }
            for (field, value) in own.texts {
                #expect(told.texts[field] == value, "\(file.lastPathComponent): \(field)")
            }
        }
    }
}
