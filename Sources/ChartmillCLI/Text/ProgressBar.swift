internal import ChartmillModel
internal import ChartmillSystem
internal import ChartmillText

/// Progress on standard error: on a terminal, one line that is redrawn in place; elsewhere, a plain
/// line every few seconds.
///
/// Use it only from the thread that runs the job.
final class ProgressBar {
  private enum Style {
    case silent
    case bar
    case lines
  }

  /// Seconds between plain lines, and between drawings of the bar.
  private static let lineInterval = 10.0
  private static let barInterval = 0.2

  private let style: Style
  private var nextTime: Double
  private var phase = Progress.Phase.rollup
  /// Seconds into the job when `phase` began.
  private var phaseBegan = 0.0
  private var rollupSeconds = 0.0
  private var isDrawn = false

  init(isSilent: Bool) {
    style = isSilent ? .silent : StandardError.isTerminal ? .bar : .lines
    nextTime = style == .lines ? Self.lineInterval : 0
  }

  func show(_ progress: Progress) {
    if progress.phase != phase {
      if phase == .rollup { rollupSeconds = progress.seconds }
      phase = progress.phase
      phaseBegan = progress.seconds
    }
    guard progress.seconds >= nextTime else { return }
    switch style {
    case .silent: return
    case .bar:
      nextTime = progress.seconds + Self.barInterval
      isDrawn = true
      // Return to the first column, draw, and erase the rest of an earlier, longer line.
      StandardError.write("\r" + bar(progress, columns: StandardError.columns) + "\u{1B}[K")
    case .lines:
      nextTime = progress.seconds + Self.lineInterval
      StandardError.write("chartmill: " + facts(progress).joined(separator: ", ") + "\n")
    }
  }

  /// Does the work, and then removes the bar from the terminal.
  func during<Result>(_ work: () throws -> Result) rethrows -> Result {
    defer { clear() }
    return try work()
  }

  /// Removes the bar from the terminal, so that other text can be printed.
  func clear() {
    if isDrawn { StandardError.write("\r\u{1B}[K") }
    isDrawn = false
  }

  private func bar(_ progress: Progress, columns: Int) -> String {
    let width = 20
    let filled = Int((share(progress) * Double(width)).rounded(.down))
    let drawing =
      String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    let text = "[\(drawing)] " + facts(progress).joined(separator: "  ")
    // The last column stays free, because some terminals wrap when it is filled.
    return String(text.prefix(max(0, columns - 1)))
  }

  private func facts(_ progress: Progress) -> [String] {
    let share = progress.phase == .publish ? "" : " \(Int(share(progress) * 100))%"
    var facts = [progress.phase.rawValue + share]
    // The most important part comes first, because the line is cut on a narrow terminal.
    if let seconds = secondsLeft(progress) {
      facts.append(seconds < 1 ? "less than 1 s left" : "\(clock(seconds: seconds)) left")
    }
    switch progress.phase {
    case .rollup:
      facts.append(
        "\(ByteSize.text(progress.inputBytesRead)) of \(ByteSize.text(progress.inputBytes))")
      if progress.seconds > 0 {
        facts.append("\(grouped(Int(saturating: Double(progress.rows) / progress.seconds))) rows/s")
      }
    case .chart, .publish:
      facts.append("\(grouped(progress.rows)) rows")
    }
    return facts
  }

  /// The share of the phase that is done, 0 … 1.
  private func share(_ progress: Progress) -> Double {
    let (done, all) =
      switch progress.phase {
      case .rollup: (progress.inputBytesRead, progress.inputBytes)
      case .chart: (progress.partitionsCharted, progress.partitions)
      case .publish: (0, 0)
      }
    return all > 0 ? min(1, Double(done) / Double(all)) : 1
  }

  /// An estimate from the speed of the current phase. Before charting begins, it is expected to
  /// take a fixed share of the time of rolling up. Nil until the speed is known.
  private func secondsLeft(_ progress: Progress) -> Double? {
    /// Seconds of charting per second of rolling up: a guess, used for display only.
    let chartingPerRollup = 0.5
    let spent = progress.seconds - phaseBegan
    let share = share(progress)
    switch progress.phase {
    case .rollup:
      guard spent >= 1, share > 0 else { return nil }
      let whole = spent / share
      return whole - spent + whole * chartingPerRollup
    case .chart:
      guard share > 0 else { return rollupSeconds * chartingPerRollup }
      return spent / share - spent
    case .publish:
      return nil
    }
  }
}
