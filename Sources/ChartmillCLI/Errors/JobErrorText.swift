internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillSynth
internal import ChartmillText

extension JobError: ExplainedError {
  var exitStatus: ExitStatus {
    switch self {
    case .tooManyBadRows: .data
    case .skippedDates: .noInput
    case .uncountedRows: .software
    }
  }

  func explanation(_ context: ErrorContext) -> Explanation {
    switch self {
    case .tooManyBadRows(let day):
      Explanation(
        "\(day.day?.description ?? SafeText(day.log).description): \(grouped(day.rejected)) of \(counted(day.rows, "row")) "
          + (day.rejected == 1 ? "is bad " : "are bad ")
          + "(\(percent(day.rejected, of: day.rows))), over the limit of \(day.limit)"
          + (day.otherDays > 0
            ? "; \(counted(day.otherDays, "other day")) \(day.otherDays == 1 ? "is" : "are") over it too"
            : ""),
        Self.advice(day, publishes: context.outcome != nil)
      )
    case .skippedDates(let count, let first):
      Explanation(
        counted(count, "date")
          + (context.isDryRun ? " would be skipped" : count == 1 ? " was skipped" : " were skipped")
          + " because \(count == 1 ? "it has" : "they have") no log or no accepted rows: "
          + Self.named(first, of: count),
        (context.isDryRun ? "All other dates have logs." : "All other dates are done.")
          + " Add the logs and run the same command again, or add "
          + "\(Flag.allowMissingLastDay.spelling) to chart dates that have no rows of their own."
      )
    case .uncountedRows(let users, let countries, let accepted):
      Explanation(
        "\(accepted) rows were accepted, but the charts count \(users) streams by user and "
          + "\(countries) by country",
        "This is a bug in chartmill. Nothing was published. Please report it with this message."
      )
    }
  }

  /// What to look at first: the rows, their log, and the command that shows more.
  private static func advice(_ day: BadDay, publishes: Bool) -> String {
    var lines: [String] = []
    if let reason = day.reason {
      var line =
        "Most common reason: \(SafeText(reason.name)), \(grouped(reason.rows)) "
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
      lines.append("All bad rows: \(SafeText(path))")
    }
    if let path = day.path {
      lines.append("To inspect the log: chartmill check \(shellWord(path))")
    }
    lines.append(
      publishes
        ? "Correct the log, try --repair, or raise --max-bad-rows. Earlier charts are unchanged."
        : "A run would refuse this log. Correct it, or use 'run' with --repair or a higher "
          + "--max-bad-rows.")
    return lines.joined(separator: "\n  ")
  }

  /// The text of a sample. It is already safe to show, unless somebody altered the rollup that it
  /// came from. Its backslashes are not doubled again.
  private static func shown(_ text: String) -> String {
    SafeText(text).description.replacing(#"\\"#, with: #"\"#)
  }

  /// The first of `count` days, by name.
  private static func named(_ first: [Day], of count: Int) -> String {
    let more = count - first.count
    return first.map(\.description).joined(separator: ", ")
      + (more > 0 ? " and \(grouped(more)) more" : "")
  }
}

extension StateError: ExplainedError {
  var exitStatus: ExitStatus {
    switch self {
    case .noRollups: .noInput
    case .unusableRollup, .badRecord, .damagedRollup: .data
    }
  }

  func explanation(_ context: ErrorContext) -> Explanation {
    switch self {
    case .noRollups(let folder):
      Explanation(
        "no rollups in \(quoted(folder))",
        "Is this the folder of --state? Its files are named day-YYYYMMDD.rollup.gz; 'run', 'rollup' "
          + "and 'backfill' write them."
      )
    case .unusableRollup(let path, let problem):
      Explanation(
        "\(SafeText(path)): \(problem.rawValue.prefix { $0 != ";" }), and its log was not found",
        "Restore the log, or remove the rollup to make charts without that day."
      )
    case .badRecord(let path, let line):
      Explanation(
        "\(SafeText(path)): line \(line) is not the record of a kept rollup, or repeats a day",
        "Each line is a JSON object with format, day, partitions, rules and logs."
      )
    case .damagedRollup(let path):
      Explanation(
        "\(SafeText(path)): the kept rollup is damaged, or another version wrote it",
        "If the log of that day still exists, the next run rebuilds the rollup. Otherwise, remove "
          + "the rollup."
      )
    }
  }
}

extension LogExistsError: ExplainedError {
  var exitStatus: ExitStatus { .cannotCreate }

  func explanation(_ context: ErrorContext) -> Explanation {
    Explanation(
      "\(SafeText(path)): this log already exists, and synth never replaces a log",
      "Nothing was written. Choose another folder, or other days with --date and --days.")
  }
}

extension MemoryTooSmall: ExplainedError {
  var exitStatus: ExitStatus { .usage }

  func explanation(_ context: ErrorContext) -> Explanation {
    Explanation(
      "a memory limit of \(ByteSize.text(budget)) is below the \(ByteSize.text(minimum)) "
        + "that these flags and logs need",
      "Use --memory \(ByteSize.text(minimum)) or more"
        + (context.takes(.threads) ? ", or lower --threads, which needs less memory." : "."))
  }
}

extension DiskTooSmall: ExplainedError {
  var exitStatus: ExitStatus { .inputOutput }

  func explanation(_ context: ErrorContext) -> Explanation {
    Explanation(
      "not enough free space in "
        + need.folders.map { SafeText($0).description }.joined(separator: ", ")
        + ": about \(ByteSize.text(need.bytes)) needed, "
        + "\(ByteSize.text(need.freeBytes ?? 0)) free",
      "Nothing was written. \(context.makeRoom(in: need.folders)). If the estimate is wrong, replace it with "
        + "--spill-limit.")
  }
}
