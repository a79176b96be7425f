internal import ChartmillCore
internal import ChartmillJobs
internal import ChartmillModel
internal import ChartmillSystem
internal import ChartmillText

extension PublicationError: ExplainedError {
  var exitStatus: ExitStatus {
    switch self {
    case .reservedName, .stateIsOutput, .outputIsLogs, .stateIsLogs: .usage
    case .notReplaceable: .cannotCreate
    }
  }

  func explanation(_ context: ErrorContext) -> Explanation {
    switch self {
    case .reservedName(let path, let kind):
      Explanation(
        "\(kind.flag) \(quoted(path)) is a log, a chart or a kept rollup, or has the name of one",
        "Choose another name, for example \(kind.flag) \(kind.example)."
      )
    case .notReplaceable(let path, let kind):
      Explanation(
        "\(kind.flag) \(quoted(path)): this file exists and was not written by \(kind.flag)",
        "The file was not changed. Choose another name, or move the file away."
      )
    case .stateIsOutput(let path):
      Explanation(
        "--state and --out are the same folder, \(SafeText(path))",
        "Keep the rollups in a separate folder."
      )
    case .outputIsLogs(let path):
      Explanation(
        "--out and --logs are the same folder, \(SafeText(path))",
        "Publish the charts in a separate folder."
      )
    case .stateIsLogs(let path):
      Explanation(
        "--state and --logs are the same folder, \(SafeText(path))",
        "Keep the rollups in a separate folder."
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
        "\(SafeText(path)): the spill file does not contain what was written to it, "
          + "at byte \(offset)",
        context.after("Check the disk\(context.otherSpillDisk).")
      )
    case .limit(let limit):
      Explanation(
        "the spill files would exceed --spill-limit \(ByteSize.text(limit))",
        context.after(
          "Raise the limit" + (context.takes(.days) ? ", or use fewer --days." : "."))
      )
    }
  }
}

extension SideOutput {
  fileprivate var flag: String {
    switch self {
    case .metrics: Flag.metrics.spelling
    case .report: Flag.html.spelling
    case .rejects: Flag.rejects.spelling
    case .export: Flag.exportFile.spelling
    case .missingUsers: Flag.missingUsers.spelling
    case .userCountries: Flag.userCountries.spelling
    case .counts: Flag.counts.spelling
    }
  }

  fileprivate var example: String {
    switch self {
    case .metrics: "chartmill.prom"
    case .report: "week.html"
    case .rejects: "rejects.gz"
    case .export: "campaign.jsonl"
    case .missingUsers: "missing.txt"
    case .userCountries: "user-countries"
    case .counts: "counts"
    }
  }
}

extension FolderLocked: ExplainedError {
  var exitStatus: ExitStatus { .tryAgain }

  func explanation(_ context: ErrorContext) -> Explanation {
    Explanation(
      "the folder \(quoted(Path.folder(of: path) ?? path)) is in use by "
        + (holder.isEmpty ? "another chartmill process" : "chartmill process \(SafeText(holder))"),
      (context.takes(.wait) ? "Add --wait to wait for it" : "Wait until that process is done")
        + ", or choose another folder."
    )
  }
}
