internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem
internal import Synchronization

/// Makes `Progress` from the counters of the workers.
struct ProgressWatch {
  let counters = ProgressCounters()
  private let inputBytes: Int
  private let partitions: Int
  private let stopwatch: Stopwatch

  init(_ window: LogWindow, partitions: Int, _ stopwatch: Stopwatch) {
    inputBytes = window.days.saturatedSum(\.byteCount)
    self.partitions = partitions
    self.stopwatch = stopwatch
  }

  func progress(_ phase: Progress.Phase) -> Progress {
    Progress(
      phase: phase, inputBytesRead: counters.inputBytesRead.load(ordering: .relaxed),
      inputBytes: inputBytes, rows: counters.rows.load(ordering: .relaxed),
      partitionsCharted: counters.partitionsCharted.load(ordering: .relaxed),
      partitions: partitions, seconds: stopwatch.seconds)
  }
}
