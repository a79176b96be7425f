internal import ChartmillCore
internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillSystem
internal import ChartmillText

extension PublicationError: ExplainedError {
  var exitStatus: ExitStatus {
    switch self {
    case .reservedName, .stateIsOutput: .usage
    case .notOwnFile: .cannotCreate
    }
  }

  func explanation(_ context: ErrorContext) -> Explanation {
    switch self {
    case .reservedName(let path, let kind):
      Explanation(
        "\(kind.flag) \(quoted(path)) is a log, a chart or a kept rollup, or named like one",
        "Write another name, for example \(kind.flag) \(kind.example)."
      )
    case .notOwnFile(let path, let kind):
      Explanation(
        "\(kind.flag) \(quoted(path)): that file is there and was not made by \(kind.flag)",
        "It was left as it is. Name another file, or move that one away."
      )
    case .stateIsOutput(let path):
      Explanation(
        "--state and --out are the same folder, \(SafeText(path))",
        "Keep rollups in a folder of their own."
      )
    }
  }
}

extension SpillError: ExplainedError {
  var exitStatus: ExitStatus {
    .inputOutput
  }

  func explanation(_ context: ErrorContext) -> Explanation {
    switch self {
    case .corrupt(let path, let offset):
      Explanation(
        "\(SafeText(path)): a spill file does not hold what was written to it, "
          + "at byte \(offset)",
        context.after("Check the disk\(context.otherSpillDisk).")
      )
    case .limit(let limit):
      Explanation(
        "the spill files would grow beyond --spill-limit \(ByteSize.text(limit))",
        context.after(
          "Raise the limit" + (context.takes(.days) ? ", or take fewer --days at once." : "."))
      )
    }
  }
}

extension OwnFile {
  fileprivate var flag: String {
    switch self {
    case .metrics: Flag.metrics.spelling
    case .report: Flag.html.spelling
    case .rejects: Flag.rejects.spelling
    case .userCountries: Flag.userCountries.spelling
    case .counts: Flag.counts.spelling
    }
  }

  fileprivate var example: String {
    switch self {
    case .metrics: "chartmill.prom"
    case .report: "week.html"
    case .rejects: "rejects.gz"
    case .userCountries: "user-countries"
    case .counts: "counts"
    }
  }
}

extension FolderLocked: ExplainedError {
  var exitStatus: ExitStatus { .locked }

  func explanation(_ context: ErrorContext) -> Explanation {
    Explanation(
      "another run"
        + (holder.isEmpty ? "" : " (process \(SafeText(holder)))")
        + " is writing in this folder: it holds \(SafeText(path))",
      "Wait until it is done\(context.takes(.wait) ? ", with --wait for example" : ""), "
        + "or choose another folder."
    )
  }
}
