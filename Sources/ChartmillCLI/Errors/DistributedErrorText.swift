internal import ChartmillDistributed
internal import ChartmillModel
internal import ChartmillText

extension FrameError: ExplainedError {
  var exitStatus: ExitStatus { .data }

  func explanation(_ context: ErrorContext) -> Explanation {
    Explanation(
      "standard input: \(problem.text), in the frame at byte \(offset)",
      "Frames come from 'chartmill rollup --frames' and 'chartmill chart', whole, and go by "
        + "their destination.")
  }
}

extension FrameProblem {
  fileprivate var text: String {
    switch self {
    case .torn: "the stream ends too early"
    case .notAFrame: "not a frame"
    case .otherVersion: "a frame of another version of Chartmill"
    case .damaged: "not what was written"
    case .otherDestination: "not for this command, or for another partition or kind of records"
    case .otherPartitions(let found, let expected):
      "rolled up with --partitions \(found), not \(expected)"
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
