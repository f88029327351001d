import Foundation
import SatchelClient
import SatchelSync
import SatchelTestSupport
import Testing

struct UserUnitTests {
    private func unit(
        program: String = "/usr/bin/satchel", home: String = "/home/ann/.local/share/satchel", user: String = "ann",
        device: String = "tablet"
    ) -> UserUnit {
        UserUnit(program: program, home: home, user: user, device: device, actor: .sample(1))
    }

    @Test func `it runs satchel sync --watch for the home, and is named by the user and the actor`() {
        let unit = unit()
        #expect(unit.name == "satchel-ann-\(ActorID.sample(1).description.prefix(8)).service")
        #expect(
            unit.text.contains(
                "ExecStart=\"/usr/bin/satchel\" sync --watch --home \"/home/ann/.local/share/satchel\"\n"))
        #expect(unit.text.contains("Restart=on-failure") && unit.text.contains("WantedBy=default.target"))
    }

    @Test func `what systemd would replace, and what would end a line, stands as it is`() {
        let unit = unit(
            program: "/opt/a b/satchel", home: "/home/ann/100% \"$HOME\"\\x\nExecStart=/bin/sh é", user: "Ann/../Ö %n",
            device: "50%\nExecStart=/bin/sh")
        let lines = unit.text.split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("ExecStart=") } == 1)
        #expect(
            lines.contains(
                "ExecStart=\"/opt/a b/satchel\" sync --watch --home "
                    + "\"/home/ann/100%% \\\"$$HOME\\\"\\\\x\\x0aExecStart=/bin/sh \\xc3\\xa9\""))
        #expect(lines.first { $0.hasPrefix("Description=") }?.contains("50%%") == true)
        #expect(unit.name.hasPrefix("satchel-Ann_______") && !unit.name.contains("/"))
    }

    @Test func `it lies among the units of the user`() throws {
        #expect(UserUnit.folder(environment: ["HOME": "/home/ann"]) == "/home/ann/.config/systemd/user")
        let elsewhere = ["HOME": "/home/ann", "XDG_CONFIG_HOME": "/etc/ann"]
        #expect(UserUnit.folder(environment: elsewhere) == "/etc/ann/systemd/user")
        #expect(
            UserUnit.folder(environment: ["HOME": "/h", "XDG_CONFIG_HOME": "relative"]) == "/h/.config/systemd/user")
        let folder = try TemporaryFolder()
        let path = try unit().write(into: folder["a/b"].path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == unit().text)
        let error = #expect(throws: SatchelError.self) { _ = try unit().write(into: path) }
        #expect(error?.code == .storageFailed)
    }
}
