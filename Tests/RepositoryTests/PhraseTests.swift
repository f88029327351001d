import Foundation
import Testing

/// What `satchel` says to people is there in Chinese too, and nothing is that it does not say.
@Suite struct PhraseTests {
    private static let file = Repository.files(under: ["Sources/SatchelTerminal/Language/zh.txt"]).first?.text ?? ""
    private static let translated = file.matches(of: /(?m)^< (.+)$/).map { String($0.1) }
    private static let said = PhraseSources.said(in: ["Sources/satchel", "Sources/SatchelTerminal"])

    @Test func `every phrase has a translation`() {
        let known = Set(Self.translated)
        #expect(Self.said.count > 300)
        for (template, file) in Self.said where template.contains(where: \.isLetter) && !known.contains(template) {
            Issue.record("\(file) says \"\(template)\", which zh.txt does not have.")
        }
    }

    /// What only programs of the office say, or debug builds.
    private static let untold = [
        "Sources/SatchelStorage/Backup/", "Sources/SatchelStorage/Server/", "Sources/SatchelStorage/Verification/",
        "Sources/SatchelStorage/Faults/", "Sources/SatchelSync/Mutants/", "Sources/SatchelInterchange/CSV/",
        "Sources/SatchelTerminal/Program/DebugSettings.swift",
    ]

    @Test func `every sentence of an error that a rep can meet has a translation`() {
        let known = Set(Self.translated)
        let layers = [
            "SatchelSync", "SatchelStorage", "SatchelClient", "SatchelWire", "SatchelSchemaFile", "SatchelTerminal",
            "SatchelInspection", "SatchelInterchange", "satchel",
        ]
        let errors = PhraseSources.errors(in: layers.map { "Sources/\($0)" }).filter { error in
            !Self.untold.contains { error.file.hasPrefix($0) }
        }
        #expect(errors.count > 300)
        for (template, file) in errors where !known.contains(template) {
            // A sentence that goes on in the next line.
            if template.hasSuffix(" "), known.contains(where: { $0.hasPrefix(template) }) { continue }
            Issue.record("\(file) has the error \"\(template)\", which zh.txt does not have.")
        }
    }

    @Test func `a translation has the places of its phrase, and no space too many`() {
        let pairs = Self.file.matches(of: /(?m)^< (.+)\n> (.+)$/).map { (String($0.1), String($0.2)) }
        #expect(pairs.count > 900)
        for (phrase, translation) in pairs {
            let places = [phrase, translation].map { Set($0.matches(of: /\{[0-9]*\}?/).map { String($0.0) }) }
            #expect(places[0] == places[1], "\"\(translation)\" has other places than \"\(phrase)\".")
            let isSpaced = translation.contains("  ") || translation.contains(/[，。；：、）] | [，。；：、（]/)
            #expect(!isSpaced, "\"\(translation)\" has a space too many.")
            let isHalf = translation.contains(/\p{Han}[,;!?]/) || translation.hasSuffix(" ") != phrase.hasSuffix(" ")
            #expect(!translation.contains("您"), "\"\(translation)\" addresses people otherwise than the rest.")
            #expect(!isHalf, "\"\(translation)\" mixes signs of two scripts, or ends otherwise than its phrase.")
        }
    }

    @Test func `the file has each phrase once, with its translation below`() {
        let twice = Dictionary(grouping: Self.translated, by: \.self).filter { $1.count > 1 }.keys.sorted()
        #expect(twice.isEmpty)
        let lines = Self.file.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where line.hasPrefix("< ") {
            #expect(lines.count > index + 1 && lines[index + 1].hasPrefix("> "), "\(line) has no translation below it.")
        }
    }
}
