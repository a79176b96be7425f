internal import ChartmillCore

/// `chartmill verify`: a line a date on standard output, or the first difference as an error.
struct VerifyCommand {
  private let folder: String
  private let date: Day?
  private let isQuiet: Bool

  init(_ flags: RawFlags) throws {
    guard let folder = flags.operands.first else {
      throw flags.usageError("no folder was given", fix: "Write chartmill verify DIR.")
    }
    if let second = flags.operands.dropFirst().first {
      throw flags.usageError(
        "more than one folder was given (\(quoted(second)))", fix: "Verify one at a time.")
    }
    guard !folder.isEmpty else {
      throw flags.usageError(
        "the folder is empty text", fix: "Name a folder; '.' is the current folder.")
    }
    self.folder = folder
    date = try flags.day(.date)
    isQuiet = flags.has(.quiet)
  }

  func perform() throws {
    let verifier = ChartVerifier(folder: folder)
    let dates = if let date { [date] } else { try verifier.dates() }
    if dates.isEmpty { throw ChartsError.noManifest(folder: folder, date: nil) }
    for date in dates {
      let report = try verifier.verify(date)
      if isQuiet { continue }
      try StandardOutput.write(
        "\(report.date): \(counted(report.files.count, "file")) as the manifest says, "
          + "\(grouped(report.users)) users, \(grouped(report.countries)) countries\n")
    }
  }
}
