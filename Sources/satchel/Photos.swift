import ArgumentParser
import SatchelClient
import SatchelSync
import SatchelTerminal

struct Photo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Record pictures."), subcommands: [PhotoAdd.self, PhotoList.self])
}

/// The record that pictures are about.
struct PhotoSubjectOptions: ParsableArguments {
    @Option(
        name: .customLong("of"),
        help: .said("The id of the visit or account, or a unique ending of it.", name: "id"))
    var about: String
}

struct PhotoAdd: ParsableCommand, StoppableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: said("Record pictures of a visit or an account, with what their files tell of them."),
        discussion: HelpText.flowing(
            """
            A row each: name, size and SHA-256 of the file and, from its bytes, format, pixels, camera, time and place. The rows sync like every
            other; the files stay where they are. A picture that the record has already is not added again. Where a file gives a time without a
            time zone, this device's is taken, and the row says so. What you assign goes before what the files say. Without --of they are of the
            visit that is under way.

            Examples:
              satchel photo add shelf.jpg caption="Aisle 3"
              satchel photo add *.jpg --of 77c1
            """))

    @Argument(
        help: .said(
            "The files, and field=value for all of them. Write ./a=b.jpg for a file with such a name.", name: "file"),
        completion: .file())
    var words: [String]
    @Option(
        name: .customLong("of"),
        help: .said(
            "The id of the visit or account, or a unique ending of it; the visit under way when not given.", name: "id")
    )
    var about: String?
    @Flag(help: .said("Record files, too, that are no JPEG, PNG, WebP or HEIC picture."))
    var any = false
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    private var paths: [String] { words.filter { !Self.isAssignment($0) } }

    /// Whether a word is `field=value` and not the name of a file: before the sign stands nothing but what a field's name has.
    private static func isAssignment(_ word: String) -> Bool {
        word.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_.]*[+-]?=.*/.dotMatchesNewlines()) != nil
    }

    func validate() throws {
        guard !paths.isEmpty else { throw ValidationError(said("Name at least one file.")) }
    }

    var stopped: String {
        said(
            "Stopped. The pictures recorded so far are kept; the same command records the others and passes over those."
        )
    }

    func run() throws {
        let assignments = try words.filter(Self.isAssignment).map { try Assignment(argument: $0) }
        let replica = replicaOptions.replica
        // Before hundreds of files are read in vain.
        let about = try about ?? replica.visitUnderWay().description
        try replica.requirePhotoSubject(about)
        var tally = PhotoTally()
        try PhotoBatches(paths, takesAny: any, progress: Progress(output)).forEach { batch in
            let files = batch.compactMap { try? $0.file.get() }
            var added = try replica.addPhotos(files, about: about, assignments: assignments)[...]
            for entry in batch {
                switch entry.file {
                case .success(let file):
                    guard let result = added.popFirst() else { continue }
                    tally.count(file, result)
                    if output.json {
                        try StandardStream.output.write(OutputOptions.line(result.json(path: entry.path)))
                    }
                case .failure(let error): try refuse(entry.path, error, &tally)
                }
            }
        }
        if !output.json { try StandardStream.output.write(tally.text) }
        if tally.refusedCount > 0 { throw ExitCode(1) }
    }

    /// Says that a file was not read; where it is the only one, that is all there is to say.
    private func refuse(_ path: String, _ error: SatchelError, _ tally: inout PhotoTally) throws {
        guard paths.count > 1 else { throw error }
        tally.refusedCount += 1
        if output.json {
            try StandardStream.output.write(
                OutputOptions.line(
                    .members([
                        "dot": .null, "records": .array([]), "settled": .array([]), "file": .text(path),
                        "duplicate_of": .null, "error": error.json["error"] ?? .null,
                    ])))
        } else {
            try StandardStream.error.write("satchel: \(SafeText.line(error.said))\n")
        }
    }
}

/// The files of a command, read a few at a time: each few become rows before the next are read.
private struct PhotoBatches {
    struct Entry {
        let path: String
        let file: Result<PhotoFile, SatchelError>
    }

    private static let filesMax = 32
    private static let bytesMax = 64 * 1024 * 1024

    private let paths: [String]
    private let takesAny: Bool
    private let progress: Progress

    init(_ paths: [String], takesAny: Bool, progress: Progress) {
        self.paths = paths
        self.takesAny = takesAny
        self.progress = progress
    }

    func forEach(_ body: ([Entry]) throws -> Void) throws {
        defer { progress.finish() }
        let total = paths.reduce(0) { $0 + (PhotoFile.byteCount(ofFileAt: $1) ?? 0) }
        var (batch, batchBytes, doneBytes): ([Entry], Int, Int) = ([], 0, 0)
        for (index, path) in paths.enumerated() {
            let file = read(path) { count in
                batchBytes += count
                doneBytes += count
                progress.report(
                    PhotoText.progress(file: index + 1, of: paths.count, bytes: doneBytes, ofBytes: total),
                    .init("photos", done: doneBytes, of: total, in: .bytes))
            }
            batch.append(Entry(path: path, file: file))
            if batch.count == Self.filesMax || batchBytes >= Self.bytesMax || index == paths.count - 1 {
                try body(batch)
                (batch, batchBytes) = ([], 0)
            }
        }
    }

    private func read(_ path: String, report: (Int) -> Void) -> Result<PhotoFile, SatchelError> {
        do {
            let file = try PhotoFile(path: path, report: report)
            guard takesAny || file.metadata.format != nil else {
                throw SatchelError(
                    .invalidRequest, "The file \(Excerpt.of(path)) is no JPEG, PNG, WebP or HEIC picture.",
                    remedy: "Say --any to record it all the same.")
            }
            return .success(file)
        } catch let error as SatchelError {
            return .failure(error)
        } catch {
            return .failure(SatchelError(.invalidRequest, "The file \(Excerpt.of(path)) cannot be read.", cause: error))
        }
    }
}

struct PhotoList: ParsableCommand, LimitedCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: said("List the pictures of a visit or an account, and how far from the check-in they were taken."),
        discussion: HelpText.flowing(
            """
            Beside each stands the check-in that is nearest in time: of the visit, and where that has none with a position, of the account.
            Far away is no mistake: nothing is refused for it.

            Examples:
              satchel photo list --of 77c1
              satchel photo list --of 3f2a --json | jq '.[] | [.file_name, .distance_m]'
            """))

    @OptionGroup var subject: PhotoSubjectOptions
    @Option(parsing: .unconditional, help: .said("Show at most this many.", name: "n"))
    var limit = NumberOption(1_000)
    @OptionGroup var replicaOptions: ReplicaOptions
    @OptionGroup var output: OutputOptions

    static let limitMax = 1_000_000

    func run() throws {
        let count = try count()
        let page = ListPage(
            try replicaOptions.replica.photos(about: subject.about, limit: count + 1), limit: count)
        try output.show(
            json: .array(page.shown.map(\.json)),
            text: PhotoText.table(page.shown, style: output.style, width: output.width))
        output.say(about: page, limitMax: Self.limitMax)
    }
}
