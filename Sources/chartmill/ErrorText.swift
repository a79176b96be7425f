internal import Chartmill
internal import Glibc

extension Failure {
  /// What standard error says, with its line ends: the problem, then what to do about it.
  func text(_ context: ErrorContext = ErrorContext()) -> String {
    switch self {
    case .usage(let error):
      let help = error.command.map { "chartmill \($0.rawValue) --help" } ?? "chartmill --help"
      return "chartmill: \(error.problem)\n  \(error.fix)\n  See '\(help)'.\n"
    case .job(let error):
      return ErrorText(error, context).lines
    case .charts(let error):
      return error.lines
    case .metrics(let error):
      return "chartmill: \(ErrorText.reason(error))\n"
        + "  The charts were published; only the metrics were not written.\n"
    case .standardOutput(let code):
      return "chartmill: standard output: \(String(cString: strerror(code)))\n"
    }
  }
}

/// What was asked for, as far as the words of an error depend on it.
struct ErrorContext {
  private let command: Command?
  private let namesSpillFolder: Bool

  /// - Parameter flags: nil when they could not be understood.
  init(_ flags: RawFlags? = nil) {
    command = flags?.command
    namesSpillFolder = flags?.has(.spillDir) ?? false
  }

  /// What a failure leaves, where that is worth to know: for a command that publishes or keeps
  /// something.
  var outcome: String? {
    switch command {
    case .run, .assemble: "nothing was published"
    case .backfill: "dates that were charted before stay"
    case .digest: "days that were digested before stay"
    case .synth: "logs that were not complete were removed"
    default: nil
    }
  }

  func takes(_ flag: Flag) -> Bool { command.map { flag.use(in: $0) != nil } ?? false }

  /// What to do on a full disk.
  var makeRoom: String {
    takes(.spillDir) && !namesSpillFolder
      ? "Make room, or put spill files on another disk with --spill-dir" : "Make room"
  }

  /// Another disk for spill files, for a command that takes one.
  var otherSpillDisk: String {
    takes(.spillDir) ? ", or use another for spill files with --spill-dir" : ""
  }

  /// The outcome as a sentence, then `advice`.
  func after(_ advice: String?) -> String? {
    guard let outcome else { return advice }
    return outcome.prefix(1).uppercased() + outcome.dropFirst() + "."
      + (advice.map { " " + $0 } ?? "")
  }
}

/// A job's error for a person: which file, where in it, which limit, and what to do.
struct ErrorText {
  private let problem: String
  private let advice: String?

  static let whyLeastMemory =
    "the program, its stacks, gzip states and sort buffers alone need most of that"

  var lines: String {
    "chartmill: \(problem)\n" + (advice.map { "  \($0)\n" } ?? "")
  }

  init(_ error: JobError, _ context: ErrorContext = ErrorContext()) {
    (problem, advice) =
      switch error {
      case .input(let error):
        (Self.reason(error), Self.inputAdvice(error, context))
      case .output(let error):
        (Self.reason(error), Self.outputAdvice(error, context))
      case .cannotCreate(let error):
        (
          "cannot create: " + Self.reason(error),
          Self.creationAdvice(error)
        )
      case .noLogs(let folder, let window, let overlooked):
        (
          "no logs" + (window.map { " of \(Self.dates($0))" } ?? "")
            + (folder.isEmpty ? "" : " in \(quoted(folder))"),
          (overlooked.map { Self.capitalized($0.text) + "." } + [Self.logNames])
            .joined(separator: "\n  ")
        )
      case .chartsInsteadOfLogs(let folder):
        (
          "no logs in \(quoted(folder)), but published charts",
          "--logs is the folder that is read, --out the one that is written: were they swapped?"
        )
      case .notAFolder(let path):
        (
          "\(SafeText(path)): a file, where --logs takes a folder",
          "Name the file without --logs."
        )
      case .noLogOfLastDay(let day, let folder):
        (
          "no log of \(day), the last day of the window"
            + (folder.isEmpty ? "" : ", in \(quoted(folder))"),
          "Correct the date, wait for the log, or write \(Flag.allowMissingLastDay.spelling) to chart "
            + "the days before it under that date."
        )
      case .skippedDates(let count, let first):
        (
          "\(counted(count, "date")) skipped, without a log or an accepted row: "
            + Self.named(first, of: count),
          "All other dates are finished. Add the logs and run the same command again, or write "
            + "\(Flag.allowMissingLastDay.spelling) to chart dates without a log of their own."
        )
      case .windowBeforeCalendar(let last, let days):
        (
          "a window of \(counted(days, "day")) that ends with \(last) begins before year 1",
          "Write fewer --days, or a later --date."
        )
      case .daysWithoutRows(let empty):
        (
          "no accepted row in the log of \(days(empty))",
          "Correct the logs, or leave out --require-all-days to chart the days there are."
        )
      case .noAcceptedRows(let window, let rejected):
        (
          "no row of \(Self.dates(window)) was accepted: "
            + (rejected == 0
              ? "the logs are empty" : "\(counted(rejected, "bad row")), and no good one"),
          "'chartmill check' shows what the logs hold."
        )
      case .undatedLog(let path):
        Self.undated(path)
      case .notARegularFile(let path):
        (
          "\(SafeText(path)): not a regular file",
          "If it is a folder of logs, write --logs \(shellWord(path)). Otherwise move it away: pipes and "
            + "devices are not read."
        )
      case .duplicateDay(let day, let paths):
        (
          "\(day) is there twice and would count twice: "
            + paths.map { SafeText($0).description }.joined(separator: ", "),
          "Remove one of them, or name the files to read."
        )
      case .missingDays(let missing):
        (
          "no log for \(days(missing))",
          "Add the logs, or leave out --require-all-days to chart the days there are."
        )
      case .corruptGzip(let path, let offset, let problem):
        (
          "\(SafeText(path)): \(problem.text), at byte \(offset) of the file",
          context.after(Self.gzipAdvice(path, offset, problem))
        )
      case .nothingRead(let path):
        (
          "\(SafeText(path)): standard input ended before its first byte",
          "Did the command before the pipe fail? Nothing was kept."
        )
      case .notText(let path, let finding):
        FormatText(finding, path: path).lines
      case .changedWhileRead(let path):
        (
          "\(SafeText(path)): changed while it was read",
          context.after("Run again when the log is complete.")
        )
      case .tooManyBadRows(let day):
        (
          "\(day.day): \(grouped(day.rejected)) of \(grouped(day.rows)) rows are bad "
            + "(\(percent(day.rejected, of: day.rows))), over the limit of \(day.limit)"
            + (day.otherDays > 0 ? "; so are \(counted(day.otherDays, "other day"))" : ""),
          Self.advice(day)
        )
      case .reservedName(let path, let kind):
        (
          "\(kind.flag) \(quoted(path)) is a log, a chart or a kept digest, or named like one",
          "Write another name, for example \(kind.flag) \(kind.example)."
        )
      case .notOwnFile(let path, let kind):
        (
          "\(kind.flag) \(quoted(path)): that file is there and was not made by \(kind.flag)",
          "It was left as it is. Name another file, or move that one away."
        )
      case .countryFile(let path, let line, let problem):
        (
          "\(SafeText(path)):\(line): \(problem)",
          "A file for --countries holds up to 256 codes such as FR or T1, one per line."
        )
      case .memoryTooSmall(let budget, let least):
        (
          "a budget of \(ByteSize.text(budget)) is below the \(ByteSize.text(least)) this run "
            + "needs: \(Self.whyLeastMemory)",
          "Write --memory \(ByteSize.text(least)) or more; fewer --threads need less."
        )
      case .corruptSpill(let path, let offset):
        (
          "\(SafeText(path)): a spill file does not hold what was written to it, "
            + "at byte \(offset)",
          context.after("Check the disk\(context.otherSpillDisk).")
        )
      case .locked(let path, let holder):
        (
          "another run"
            + (holder.isEmpty ? "" : " (process \(SafeText(holder)))")
            + " is writing in this folder: it holds \(SafeText(path))",
          "Wait until it is done\(context.takes(.wait) ? ", with --wait for example" : ""), "
            + "or choose another folder."
        )
      case .diskTooSmall(let need):
        (
          need.folders.map { SafeText($0).description }.joined(separator: ", ")
            + ": about \(ByteSize.text(need.bytes)) needed, "
            + "\(ByteSize.text(need.freeBytes ?? 0)) free",
          "Nothing was written. \(context.makeRoom); "
            + "with --spill-limit this estimate is not made."
        )
      case .spillLimit(let limit):
        (
          "the spill files would grow beyond --spill-limit \(ByteSize.text(limit))",
          context.after(
            "Raise the limit" + (context.takes(.days) ? ", or take fewer --days at once." : "."))
        )
      case .unusableDigest(let path, let problem):
        (
          "\(SafeText(path)): \(problem.rawValue.prefix { $0 != ";" }), and its log is not there",
          "Bring the log back, or remove the digest to chart without that day."
        )
      case .stateIsOutput(let path):
        (
          "--state and --out are the same folder, \(SafeText(path))",
          "Keep digests in a folder of their own."
        )
      case .logExists(let path):
        (
          "\(SafeText(path)): that log is there already, and synth never writes over one",
          "Nothing was written. Choose another folder, or other days with --date and --days."
        )
      case .noDigests(let folder):
        (
          "no digests in \(quoted(folder))",
          "Kept digests are named day-YYYYMMDD.digest.gz; 'run', 'digest' and 'backfill' make them "
            + "with --state."
        )
      case .damagedDigest(let path):
        (
          "\(SafeText(path)): the kept digest is damaged or of another version",
          "Remove it, or run again while its log is there: the day is then digested again."
        )
      case .frames(let problem, let offset):
        (
          "standard input: \(problem.text), in the frame at byte \(offset)",
          "Frames come from 'chartmill digest --frames' and 'chartmill chart', whole, and go by "
            + "their destination."
        )
      case .parts(let problem):
        (problem.text, context.after(nil))
      case .interrupted(let signal):
        (
          "stopped by \(Self.name(ofSignal: signal))" + (context.outcome.map { "; \($0)" } ?? ""),
          nil
        )
      }
  }

  static func reason(_ error: SystemError) -> String {
    "\(SafeText(error.path)): \(error.call): \(error.reason)"
  }

  private static func inputAdvice(_ error: SystemError, _ context: ErrorContext) -> String? {
    if error.isNotFound { return "Check the name." }
    if error.isPermission { return "Let this user read it." }
    return limitAdvice(error) ?? context.after("Check the disk it is on.")
  }

  private static func outputAdvice(_ error: SystemError, _ context: ErrorContext) -> String? {
    if error.isFileTooLarge {
      return context.after(
        "Raise the limit of the size of a file (ulimit -f), or use a file system that takes larger "
          + "ones.")
    }
    if error.isNoSpace { return context.after("\(context.makeRoom).") }
    return limitAdvice(error) ?? context.after(nil)
  }

  private static func gzipAdvice(
    _ path: String, _ offset: Int, _ problem: GzipProblem
  ) -> String {
    if problem == .badHeader, offset == 0 {
      return "Its name says gzip and its content does not: rename it if it is plain text, "
        + "or fetch it again."
    }
    return "Fetch the log again; 'gzip -t' checks it."
  }

  private static func creationAdvice(_ error: SystemError) -> String? {
    if error.errno == ENOENT { return "Make the folder above it first." }
    if error.errno == ENOTDIR { return "A file is in its place: choose another folder." }
    if error.errno == EEXIST {
      return "The name is taken by something else: move that away, or choose another folder."
    }
    if error.isPermission { return "Let this user write there, or choose another folder." }
    return limitAdvice(error)
  }

  /// For a limit that the system has set to the process.
  private static func limitAdvice(_ error: SystemError) -> String? {
    if error.errno == EMFILE || error.errno == ENFILE {
      return "Raise the limit of open files (ulimit -n)."
    }
    if error.isNoMemory {
      return "Lower --memory, or raise the limit of the process (ulimit -v, or its container's)."
    }
    if error.call == "pthread_create" {
      return "Lower --threads, or raise the limit of processes (ulimit -u)."
    }
    return nil
  }

  private static let logNames =
    "Logs are named listen-YYYYMMDD.log or listen-YYYYMMDD.log.gz; "
    + "--date and --days choose the window."

  /// What to look at first: which rows of which log, and the command that shows more.
  private static func advice(_ day: BadDay) -> String {
    var lines: [String] = []
    if let reason = day.reason {
      var line =
        "Most of them: \(SafeText(reason.name)), \(grouped(reason.rows)) "
        + "(\(percent(min(reason.rows, day.rejected), of: day.rejected)))"
      if let sample = day.sample {
        line +=
          "; the first is \(shown(sample.file)):\(sample.line)"
          + (sample.text.isEmpty ? "" : ": \(shown(sample.text))")
      } else {
        line += ", in \(SafeText(day.log))"
      }
      lines.append(line)
    }
    if let path = day.rejectsFile {
      lines.append("All of them: the bad rows are in \(SafeText(path))")
    }
    if let path = day.path { lines.append("More: chartmill check \(shellWord(path))") }
    lines.append(
      "Correct the log, try --repair, or raise --max-bad-rows. Charts published before are as they "
        + "were.")
    return lines.joined(separator: "\n  ")
  }

  /// What a sample holds. It is safe to show unless somebody altered the digest that it is from; its
  /// backslashes are not doubled again.
  private static func shown(_ text: String) -> String {
    SafeText(text).description.replacing(#"\\"#, with: #"\"#)
  }

  /// A file whose name does not say which day it is of.
  private static func undated(_ path: String) -> (String, String) {
    let name = LogNameHint(path)
    if let compression = name.compression {
      return (
        "\(SafeText(path)): compressed with \(compression.name), which is not read",
        "Convert it: \(compression.command) \(shellWord(path)) | gzip > "
          + "listen-\(name.day.map { "\($0)" } ?? "YYYYMMDD").log.gz"
      )
    }
    return (
      "\(SafeText(path)): no date in its name, as listen-YYYYMMDD.log has it",
      "Say which day it is of, for example --date \(name.day.map { "\($0)" } ?? "20260705"), "
        + "or rename it to listen-YYYYMMDD.log or listen-YYYYMMDD.log.gz."
    )
  }

  private static func dates(_ window: ClosedRange<Day>) -> String {
    window.lowerBound == window.upperBound
      ? "\(window.lowerBound)" : "\(window.lowerBound) to \(window.upperBound)"
  }

  /// The problem alone, for a line of its own.
  var shortReason: String { problem }

  private static func capitalized(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst()
  }

  /// The first of `count` days, by name.
  private static func named(_ first: [Day], of count: Int) -> String {
    let more = count - first.count
    return first.map(\.description).joined(separator: ", ")
      + (more > 0 ? " and \(grouped(more)) more" : "")
  }

  private static func name(ofSignal signal: Int32) -> String {
    switch signal {
    case SIGINT: "SIGINT"
    case SIGTERM: "SIGTERM"
    case SIGHUP: "SIGHUP"
    default: "signal \(signal)"
    }
  }
}

extension OwnFile {
  fileprivate var flag: String {
    switch self {
    case .metrics: Flag.metrics.spelling
    case .report: Flag.html.spelling
    case .rejects: Flag.rejects.spelling
    case .userCountries: Flag.homes.spelling
    case .counts: Flag.counts.spelling
    }
  }

  fileprivate var example: String {
    switch self {
    case .metrics: "chartmill.prom"
    case .report: "week.html"
    case .rejects: "rejects.gz"
    case .userCountries: "homes"
    case .counts: "counts"
    }
  }
}

extension GzipProblem {
  var text: String {
    switch self {
    case .truncated: "the gzip data ends too early"
    case .badHeader: "not a gzip header"
    case .corruptData: "corrupt gzip data"
    case .checksumMismatch: "gzip data with a wrong checksum"
    case .lengthMismatch: "gzip data with a wrong length"
    }
  }
}

extension FrameProblem {
  var text: String {
    switch self {
    case .torn: "the stream ends too early"
    case .notAFrame: "not a frame"
    case .otherVersion: "a frame of another version of Chartmill"
    case .damaged: "not what was written"
    case .otherDestination: "not for this command, or for another partition or kind of records"
    case .otherPartitions(let found, let expected):
      "digested with --partitions \(found), not \(expected)"
    }
  }
}

extension PartsProblem {
  var text: String {
    switch self {
    case .missing(let records, let partition):
      "the \(records.rawValue) of partition \(partition) are missing"
    case .twice(let records, let partition):
      "the \(records.rawValue) of partition \(partition) are there twice"
    case .otherFlags(let found, let expected):
      "a part was made with other flags: \(SafeText(found)), not \(expected)"
    case .outsideWindow(let log):
      "\(SafeText(log)): its date is outside the window"
    case .localCharts(let found, let expected):
      "\(grouped(found)) local charts of countries where \(grouped(expected)) were made"
    case .streams(let records, let charted, let accepted):
      "\(grouped(charted)) streams of \(records.rawValue) where \(grouped(accepted)) rows were "
        + "accepted: frames or logs are missing, or there twice"
    }
  }
}
