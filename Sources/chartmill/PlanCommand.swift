internal import Chartmill

/// `chartmill plan`: what `run` would do with the same flags, on standard output.
struct PlanCommand {
  private let options: RunOptions

  init(_ flags: RawFlags) throws(Failure) {
    options = try RunOptions(flags, outputFolder: try flags.path(.out))
  }

  func perform() throws(Failure) {
    let plan: JobPlan
    do {
      plan = try JobPlan(options.job)
    } catch {
      throw .job(error)
    }
    try StandardOutput.write(PlanText(plan).text)
  }
}
