internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillReader
internal import ChartmillSystem
internal import ChartmillText
internal import Glibc

extension Flag {
  fileprivate static let users = Flag(
    "users", .file, in: .input,
    "User ids to export, one per line, in any order; '-' is standard input. Default: all users.")
  fileprivate static let campaign = Flag(
    "campaign", in: .output, "Also export the chart of each user's country.")
  static let exportFile = Flag(
    "out", .file, in: .output, "File to write. Default: standard output.")
  static let missingUsers = Flag(
    "missing", .file, in: .output, "Write the ids of listed users without a chart to FILE.")
}

/// `chartmill export`: the charts and countries of a list of users, for a campaign.
struct ExportCommand: ChartmillCommand {
  static let name = "export"
  static let group = CommandGroup.results
  static let summary = "export the charts and countries of a list of users"
  static let usage = ["export --charts DIR [--users FILE] [--campaign] [FLAGS]"]
  static let description = """
    Writes one record per user: the user's chart, the country where the user streamed most, and \
    with --campaign that country's chart. The records are in the order of the user files. Listed \
    users without a chart are counted in the summary. The exit code is 66 if no listed user has a \
    chart.
    """
  static let memory = "at most 64 MiB, with --songs 96 MiB, whatever the files contain."
  static let examples = [
    "export --charts charts --users users.txt --campaign --out campaign.jsonl",
    "export --charts charts --users - --format csv < users.txt > campaign.csv",
  ]
  static let flags: [Flag] = [
    .charts, .publishedDate, .users, .campaign,
    .songFile.explained(
      "Also export names of countries, and the titles in FILE: CSV with the columns "
        + "\(SongTitles.heading), may be gzip."), .exportFile,
    .format.explained("Format of records: jsonl, csv or text. Default: jsonl."), .missingUsers,
    .spillDir.explained(
      "Folder for the spill (temporary) file of a long list. Default: TMPDIR, or /tmp."),
    .quiet, .color,
  ]
  static let leftByFailure: String? = "the export is not complete"
  static let readsCharts = true

  private let folder: String
  private let date: Day?
  private let options: ChartExport.Options
  /// Nil for standard output.
  private let path: String?
  private let missingPath: String?
  private let isQuiet: Bool
  private let color: ColorChoice

  init(_ arguments: ParsedArguments) throws {
    folder = try arguments.requiredPath(.charts)
    date = try arguments.day(.date)
    let out = try arguments.path(.exportFile)
    path = out == "-" ? nil : out
    missingPath = try arguments.path(.missingUsers)
    isQuiet = arguments.has(.quiet)
    color = try arguments.color()
    options = ChartExport.Options(
      users: try arguments.path(.users), songs: try arguments.path(.songFile),
      format: try arguments.choice(.format, ChartFormat.self) ?? .jsonl,
      hasCountryCharts: arguments.has(.campaign),
      spillFolder: try arguments.path(.spillDir) ?? temporaryFolder)
    if missingPath != nil, options.users == nil {
      throw arguments.usageError(
        "--missing has no effect without --users",
        fix: "Add --users FILE, the list of user ids, or leave out --missing.")
    }
    if options.users == "-", options.songs == "-" {
      throw arguments.usageError(
        "both --users and --songs are '-', standard input", fix: "Name a file for one of them.")
    }
    if options.songs != nil, options.format == .text {
      throw arguments.usageError(
        "--format text has no place for the titles of --songs", fix: "Use --format jsonl or csv.")
    }
    if let path, path == missingPath {
      throw arguments.usageError(
        "--out and --missing are the same file, \(quoted(path))", fix: "Name two files.")
    }
  }

  func perform() throws {
    StopRequest.listen()
    let clock = Stopwatch()
    let export = try ChartExport(folder: folder, date: date, options)
    // The files appear only when the export is complete.
    var output: StagedFile?
    var missing: StagedFile?
    if let path { output = try StagedFile(.export, replacing: path, mode: Self.mode) }
    if let missingPath {
      missing = try StagedFile(.missingUsers, replacing: missingPath, mode: Self.mode)
      let heading = "\(SideOutput.missingUsersStart) on \(export.manifest.date)\n"
      try missing?.file.write(Array(heading.utf8))
    }
    let records = try output?.file ?? .standardOutput()
    let summary: ChartExport.Summary
    do {
      summary = try export.write(to: records, missing: missing?.file)
    } catch let error as SystemError where path == nil && error.errno == EPIPE {
      // A reader that closes the pipe has read what it wanted.
      return
    } catch let error as ChartsError {
      // This file is complete, and shows which ids the list holds.
      if case .noListedUser = error { try missing.take()?.publish() }
      throw error
    }
    try missing.take()?.publish()
    try output.take()?.publish()
    if let counts = summary.titles, let songs = options.songs {
      var warnings = Warnings(counts, path: songs)
      if summary.songs > 0, summary.untitled == summary.songs {
        warnings.add(
          Warnings(
            "\(SafeText(songs)): no title for any song in users' charts. Does it hold the song ids "
              + "of the logs?"))
      }
      StandardError.write(warnings.text(.standardError(color)))
    }
    if isQuiet { return }
    let text = self.text(summary, export.manifest.window, seconds: clock.seconds)
    // Standard output gets nothing but the records.
    if path == nil { StandardError.write(text) } else { try StandardOutput.write(text) }
  }

  private func text(
    _ summary: ChartExport.Summary, _ window: Manifest.Window, seconds: Double
  ) -> String {
    var lines = [("window", span(window))]
    if let listed = summary.listed {
      let repeated = summary.repeated
      lines += [
        ("listed", counted(listed, "id") + (repeated > 0 ? ", \(grouped(repeated)) repeated" : "")),
        ("exported", counted(summary.exported, "user")),
        ("missing", "\(counted(summary.missing, "listed user")) without a chart"),
      ]
    } else {
      lines.append(("exported", counted(summary.exported, "user")))
    }
    if let songs = options.songs, let counts = summary.titles {
      let untitled = summary.untitled
      lines.append(
        (
          "titles",
          "\(grouped(counts.songs)) in \(SafeText(songs))"
            + (untitled > 0
              ? "; none for \(grouped(untitled)) of \(counted(summary.songs, "song")) in users' charts"
              : "")
        ))
    }
    lines += [
      ("memory", "peak \(ByteSize.text(ProcessMemory.peakResident))"),
      ("seconds", decimal(seconds, 1)),
    ]
    if let path {
      lines.append(("records", "\(SafeText(path)), \(ByteSize.text(summary.byteCount))"))
    }
    if let missingPath { lines.append(("missing ids", "\(SafeText(missingPath))")) }
    return aligned(lines)
  }

  /// The mode of charts, which hold the same ids.
  private static let mode: mode_t = 0o644
}
