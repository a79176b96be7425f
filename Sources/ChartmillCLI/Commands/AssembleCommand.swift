internal import ChartmillCore

/// `chartmill assemble`: counts from standard input, country charts and manifest into a folder.
struct AssembleCommand {
  private let options: RunOptions

  init(_ flags: RawFlags) throws {
    options = try RunOptions(
      flags, outputFolder: try flags.requiredPath(.out), readsLogs: false)
  }

  func perform() throws {
    let manifest = try AssembleJob(options.job).run()
    StandardError.write(Warnings(manifest).text(options.palette))
  }
}
