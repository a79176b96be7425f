package import ChartmillModel

/// The numbers of accepted rows, of bad rows by reason, and of repaired lines by rule, with
/// samples.
///
/// Conservation: `accepted + rejected == lines + extraRows`, because every line is one bad row or
/// gives one accepted row. The only exception is a repaired line of n glued rows, which gives n.
///
/// Memory is fixed: at most `samplesPerReason` samples of `sampleByteCount` bytes per reason, about
/// 5 KiB in all.
package struct RejectTally: Sendable, Equatable {
  /// The maximum number of samples per reason, enough to see a pattern.
  package static let samplesPerReason = 5
  /// The maximum size of a sample, in bytes. A typical good row has 23 bytes, and the longest one
  /// without leading zeros has 42.
  package static let sampleByteCount = 120

  /// A bad row, for a person to look at.
  package struct Sample: Sendable, Equatable {
    /// The line number in the log, from 1.
    package let line: Int
    /// The first `sampleByteCount` bytes of the row, unchanged. They need not be valid UTF-8.
    package let text: [UInt8]
    package let isCut: Bool

    /// The order by line, then by bytes. With it, merging tallies in any order keeps the same
    /// samples.
    static func precedes(_ left: Sample, _ right: Sample) -> Bool {
      if left.line != right.line { return left.line < right.line }
      if left.text != right.text { return left.text.lexicographicallyPrecedes(right.text) }
      return !left.isCut && right.isCut
    }
  }

  /// The rows that count in charts.
  package internal(set) var accepted = 0
  /// The rows of repaired glued lines beyond the first row of each line.
  package private(set) var extraRows = 0
  private var rejectedByReason = [Int](repeating: 0, count: RejectReason.allCases.count)
  private var repairedByRule = [Int](repeating: 0, count: RepairRule.allCases.count)
  private var samplesByReason = [[Sample]](repeating: [], count: RejectReason.allCases.count)

  package init() {}

  package var rejected: Int { rejectedByReason.reduce(0, +) }
  package var repaired: Int { repairedByRule.reduce(0, +) }
  /// The accepted and the bad rows together. The share of bad rows is a share of this number.
  package var rows: Int { accepted + rejected }
  /// The number of lines read, computed from the rows.
  package var lines: Int { rows - extraRows }

  package func rejected(_ reason: RejectReason) -> Int { rejectedByReason[reason.rawValue] }
  package func repaired(_ rule: RepairRule) -> Int { repairedByRule[rule.rawValue] }
  /// The samples with the lowest line numbers, ascending.
  package func samples(_ reason: RejectReason) -> [Sample] { samplesByReason[reason.rawValue] }

  /// Counts a bad row. Allocates memory only if the row is kept as a sample.
  ///
  /// - Parameter text: the row. It may be the beginning of a row that is too long to be buffered,
  ///   if it has more than `sampleByteCount` bytes.
  mutating func reject(_ reason: RejectReason, line: Int, text: UnsafeRawBufferPointer) {
    let index = reason.rawValue
    rejectedByReason[index] += 1
    if samplesByReason[index].count == Self.samplesPerReason,
      let last = samplesByReason[index].last, last.line <= line
    {
      return
    }
    unsafe keep(
      Sample(
        line: line, text: Array(text.prefix(Self.sampleByteCount)),
        isCut: text.count > Self.sampleByteCount), index)
  }

  /// Counts a line that a rule has repaired. The caller counts its rows in `accepted`.
  mutating func repair(_ rule: RepairRule) {
    repairedByRule[rule.rawValue] += 1
  }

  /// Counts a repaired line of `rows` glued rows. The caller counts the rows in `accepted`.
  mutating func repairGluedRows(_ rows: Int) {
    repair(.gluedRows)
    extraRows += rows - 1
  }

  /// Adds another tally. The order in which tallies are added does not matter.
  package mutating func merge(_ other: RejectTally) {
    accepted += other.accepted
    extraRows += other.extraRows
    for index in rejectedByReason.indices {
      rejectedByReason[index] += other.rejectedByReason[index]
      for sample in other.samplesByReason[index] { keep(sample, index) }
    }
    for index in repairedByRule.indices { repairedByRule[index] += other.repairedByRule[index] }
  }

  private mutating func keep(_ sample: Sample, _ index: Int) {
    let position =
      samplesByReason[index].firstIndex { Sample.precedes(sample, $0) }
      ?? samplesByReason[index].count
    guard position < Self.samplesPerReason else { return }
    samplesByReason[index].insert(sample, at: position)
    if samplesByReason[index].count > Self.samplesPerReason { samplesByReason[index].removeLast() }
  }
}
