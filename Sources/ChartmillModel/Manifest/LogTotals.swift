/// The sums over the logs of a window. Logs are added one at a time, because a window may have more
/// of them than fit in memory.
///
/// Memory: a few numbers per day, and 16 bytes per log.
package struct LogTotals {
  /// Identifies the text of a log. Two logs with equal lengths and CRCs count as the same content.
  private struct Content: BitwiseCopyable {
    var textBytes: Int
    var crc: UInt32
    /// The index of the log, counting calls of `add`.
    var place: UInt32
  }

  package private(set) var logs = 0
  package private(set) var accepted = 0
  package private(set) var rejected = 0
  package private(set) var rejectedByReason: [String: Int] = [:]
  package private(set) var repairedByRule: [String: Int] = [:]
  /// The sums of each day, in the order in which their first logs were added.
  package private(set) var days: [DayTotals] = []
  private(set) var trailingBytes = Manifest.LogNotice(kind: .trailingBytes)
  private var contents: [Content] = []

  /// - Parameter logs: the number of logs, if it is known.
  package init(expecting logs: Int = 0) {
    contents.reserveCapacity(logs)
  }

  /// Adds a log. All logs of a day must be added one after another.
  ///
  /// Returns false if the numbers are impossible for a log, or if a sum overflows.
  package mutating func add(_ log: Manifest.Input) -> Bool {
    guard log.isPlausible else { return false }
    var isSound = true
    func add(_ value: Int, to sum: inout Int) {
      let (next, overflows) = sum.addingReportingOverflow(value)
      isSound = isSound && !overflows
      sum = next
    }
    if days.last?.day != log.day { days.append(DayTotals(day: log.day)) }
    let day = days.count - 1
    add(log.accepted, to: &accepted)
    add(log.rejected, to: &rejected)
    add(log.bytes, to: &days[day].bytes)
    add(log.accepted, to: &days[day].accepted)
    add(log.rejected, to: &days[day].rejected)
    for tally in log.rejectedByReason where tally.rows > 0 {
      add(tally.rows, to: &rejectedByReason[tally.name, default: 0])
      add(tally.rows, to: &days[day].rejectedByReason[tally.name, default: 0])
    }
    for tally in log.repairedByRule where tally.rows > 0 {
      add(tally.rows, to: &repairedByRule[tally.name, default: 0])
    }
    if log.reading == .gzipWithTrailingBytes { trailingBytes.add(log.name) }
    if log.textBytes > 0, let crc = UInt32(log.textCRC32, radix: 16) {
      contents.append(
        Content(textBytes: log.textBytes, crc: crc, place: UInt32(truncatingIfNeeded: logs)))
    }
    logs += 1
    days[day].logs += 1
    return isSound && !accepted.addingReportingOverflow(rejected).overflow
  }

  /// The places of the logs that the notice about equal contents names.
  package var placesToName: Set<Int> { Set(sameContent().groups.joined()) }

  /// The notices about the logs.
  ///
  /// - Parameter name: returns the name of the log at a place, one of `placesToName`.
  package func notices(_ name: (Int) -> String) -> [Manifest.LogNotice] {
    var notices = trailingBytes.count > 0 ? [trailingBytes] : []
    let (groups, count) = sameContent()
    if count > 0 {
      var notice = Manifest.LogNotice(kind: .sameContent)
      notice.count = count
      notice.logs = groups.map { $0.map(name).joined(separator: ", ") }
      notices.append(notice)
    }
    return notices
  }

  /// The groups of logs with equal texts, as lists of places. Groups are ordered by their first
  /// place. `groups` has only the first few, which a notice names, and `count` is the number of all
  /// groups.
  private func sameContent() -> (groups: [[Int]], count: Int) {
    let contents = contents.sorted {
      ($0.textBytes, $0.crc, $0.place) < ($1.textBytes, $1.crc, $1.place)
    }
    let maxNames = Manifest.LogNotice.maxNames
    var groups: [[Int]] = []
    var count = 0
    var start = 0
    while start < contents.count {
      let first = contents[start]
      var end = start + 1
      while end < contents.count, contents[end].textBytes == first.textBytes,
        contents[end].crc == first.crc
      {
        end += 1
      }
      if end - start > 1 {
        count += 1
        groups.append(contents[start..<min(end, start + maxNames)].map { Int($0.place) })
        groups.sort { $0[0] < $1[0] }
        if groups.count > maxNames { groups.removeLast() }
      }
      start = end
    }
    return (groups, count)
  }
}

extension Manifest.Input {
  /// Whether these numbers, reasons and rules are possible for a log.
  package var isPlausible: Bool {
    guard bytes >= 0, textBytes >= 0, accepted >= 0, rejected >= 0 else { return false }
    var sum = 0
    for tally in rejectedByReason {
      let (next, overflows) = sum.addingReportingOverflow(tally.rows)
      let isKnown = RejectReason.allCases.contains { $0.name == tally.name }
      if tally.rows < 0 || overflows || !isKnown { return false }
      sum = next
    }
    return sum == rejected
      && repairedByRule.allSatisfy { tally in
        tally.rows >= 0 && RepairRule.allCases.contains { $0.name == tally.name }
      }
  }
}
