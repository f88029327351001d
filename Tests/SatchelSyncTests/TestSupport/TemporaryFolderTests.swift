import Foundation
import SatchelTestSupport
import Testing

@Suite struct TemporaryFolderTests {
    @Test func `a folder is there while it is held and gone with everything in it afterwards`() throws {
        var folder: TemporaryFolder? = try TemporaryFolder()
        let path = try #require(folder?.path)
        try Data("x".utf8).write(to: try #require(folder?["file"]))
        #expect(FileManager.default.fileExists(atPath: path + "/file"))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o700)
        folder = nil
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `two folders are two`() throws {
        let (one, two) = (try TemporaryFolder(), try TemporaryFolder())
        #expect(one.path != two.path)
    }
}
