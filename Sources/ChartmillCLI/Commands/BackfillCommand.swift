internal import ChartmillCore

/// `chartmill backfill`: a line a date on standard output.
struct BackfillCommand {
  private let options: RunOptions
  private let dates: ClosedRange<Day>

  init(_ flags: RawFlags) throws {
    let state = try flags.requiredPath(.state)
    var options = try RunOptions(flags, outputFolder: try flags.requiredPath(.out))
    options.job.stateFolder = state
    self.options = options
    guard let from = try flags.day(.from), let to = try flags.day(.to) else {
      throw flags.usageError(
        "backfill needs the first and the last date", fix: "Write --from YYYYMMDD --to YYYYMMDD.")
    }
    guard from <= to else {
      throw flags.usageError(
        "--from \(from) is after --to \(to)", fix: "Write the earlier date first.")
    }
    dates = from...to
  }

  func perform() throws {
    ChartJob.stopOnSignals()
    let progress = ProgressBar(isSilent: options.isQuiet)
    var failure: (any Error)?
    // Every date reads the same folder: what is overlooked there is said once.
    var overlooked: [OverlookedNames] = []
    var dropped: [Day] = []
    do {
      try BackfillJob(options.job, dates: dates).run {
        progress.show($0)
      } onPrune: { outcome in
        switch outcome {
        case .dropped(let days): dropped += days
        case .failed(let error):
          progress.clear()
          StandardError.write(Warnings(notPruned: error).text(options.palette))
        }
      } onDate: { day, outcome in
        progress.clear()
        do {
          switch outcome {
          case .finishedBefore:
            if !options.isQuiet { try StandardOutput.write("\(day) was finished before\n") }
          case .skipped(let reason):
            if !options.isQuiet {
              try StandardOutput.write("\(day) skipped: \(Explanation(reason).problem)\n")
            }
          case .charted(var manifest):
            if manifest.run.overlooked == overlooked {
              manifest.run.overlooked = []
            } else {
              overlooked = manifest.run.overlooked
            }
            StandardError.write(Warnings(manifest).text(options.palette))
            if !options.isQuiet {
              try StandardOutput.write(
                "\(day) charted: \(grouped(manifest.totals.accepted)) rows, "
                  + "\(grouped(manifest.totals.users)) users, "
                  + "\(decimal(manifest.run.seconds.total, 1)) s, "
                  + "\(manifest.run.keptDays.count) of \(manifest.window.days) days kept"
                  + (dropped.isEmpty ? "" : ", dropped digests of \(days(dropped))") + "\n")
            }
            dropped = []
          }
        } catch {
          failure = failure ?? error
        }
      }
    } catch {
      progress.clear()
      throw error
    }
    if let failure { throw failure }
  }
}
