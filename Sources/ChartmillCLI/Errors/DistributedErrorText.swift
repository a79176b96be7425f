internal import ChartmillDistributed
internal import ChartmillModel
internal import ChartmillText

extension FrameError: ExplainedError {
  var exitStatus: ExitStatus { .data }

  func explanation(_ context: ErrorContext) -> Explanation {
    Explanation(
      "standard input, byte \(offset): \(problem.text)",
      "Send complete frames from 'chartmill rollup --frames' and 'chartmill chart', each to its "
        + "destination.")
  }
}

extension FrameProblem {
  fileprivate var text: String {
    switch self {
    case .torn: "the data ends too early"
    case .notAFrame: "not a frame"
    case .otherVersion: "a frame from another version of Chartmill"
    case .damaged: "the frame is damaged"
    case .otherDestination: "the frame is meant for another command, partition or kind of records"
    case .otherPartitions(let found, let expected):
      "the frame was made with --partitions \(found) instead of \(expected)"
    }
  }
}

extension PartsError: ExplainedError {
  var exitStatus: ExitStatus { .data }

  func explanation(_ context: ErrorContext) -> Explanation {
    Explanation(text, context.after(nil))
  }

  private var text: String {
    switch self {
    case .missing(let records, let partition):
      "the \(records.rawValue) of partition \(partition) are missing"
    case .twice(let records, let partition):
      "the \(records.rawValue) of partition \(partition) were given twice"
    case .otherFlags(let found, let expected):
      "a part was made with different flags: \(SafeText(found)) instead of \(expected)"
    case .notAPlan(let path):
      "\(SafeText(path)): not what 'chartmill plan --json' prints"
    case .outsideWindow(let log):
      "\(SafeText(log)): its date is outside the window"
    case .localCharts(let found, let expected):
      "\(grouped(found)) partial country charts were given, but \(grouped(expected)) were made"
    case .streams(let records, let charted, let accepted):
      "the \(records.rawValue) have \(counted(charted, "stream")), but the logs have "
        + "\(counted(accepted, "accepted row")): "
        + "frames or logs are missing or were given twice"
    }
  }
}
