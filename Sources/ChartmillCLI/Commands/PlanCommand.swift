internal import ChartmillCore

/// `chartmill plan`: what `run` would do with the same flags, on standard output.
struct PlanCommand {
  private let options: RunOptions

  init(_ flags: RawFlags) throws {
    options = try RunOptions(flags, outputFolder: try flags.path(.out))
  }

  func perform() throws {
    let plan: JobPlan
    plan = try JobPlan(options.job)
    try StandardOutput.write(PlanText(plan).text)
  }
}
