package import ChartmillModel

/// What became of the lines read: accepted rows, lines rejected by reason, lines repaired by rule.
///
/// Conservation: `accepted + rejected == lines + extraRows`, because every line is either rejected
/// or gives one row, except that a repaired line of n glued rows gives n.
///
/// Memory is fixed: at most `samplesPerReason` samples of `sampleByteCount` bytes a reason, about
/// 5 KiB in all.
package struct RejectTally: Sendable, Equatable {
  /// Enough to see a pattern.
  package static let samplesPerReason = 5
  /// A good row is 23 bytes; the longest possible without leading zeros is 42.
  package static let sampleByteCount = 120

  /// A rejected line, for a person to look at.
  package struct Sample: Sendable, Equatable {
    /// 1-based, in the file the line is from.
    package let line: Int
    /// The first `sampleByteCount` bytes, raw: they may be no UTF-8, and may hold anything.
    package let text: [UInt8]
    package let isCut: Bool

    /// By line, then by bytes, so that merging tallies in any order keeps the same samples.
    static func precedes(_ left: Sample, _ right: Sample) -> Bool {
      if left.line != right.line { return left.line < right.line }
      if left.text != right.text { return left.text.lexicographicallyPrecedes(right.text) }
      return !left.isCut && right.isCut
    }
  }

  /// Rows that count in charts.
  package internal(set) var accepted = 0
  /// Rows of repaired glued lines beyond the first of each.
  package private(set) var extraRows = 0
  private var rejectedByReason = [Int](repeating: 0, count: RejectReason.allCases.count)
  private var repairedByRule = [Int](repeating: 0, count: RepairRule.allCases.count)
  private var samplesByReason = [[Sample]](repeating: [], count: RejectReason.allCases.count)

  package init() {}

  package var rejected: Int { rejectedByReason.reduce(0, +) }
  package var repaired: Int { repairedByRule.reduce(0, +) }
  /// Accepted and rejected rows: what the share of bad rows is a share of.
  package var rows: Int { accepted + rejected }
  /// Lines read, by conservation.
  package var lines: Int { rows - extraRows }

  package func rejected(_ reason: RejectReason) -> Int { rejectedByReason[reason.rawValue] }
  package func repaired(_ rule: RepairRule) -> Int { repairedByRule[rule.rawValue] }
  /// The samples of lowest line number, ascending.
  package func samples(_ reason: RejectReason) -> [Sample] { samplesByReason[reason.rawValue] }

  /// Counts a bad line. Allocates only when the line is kept as a sample. `text` may be a prefix
  /// of a line too long to be buffered, when it holds more than `sampleByteCount` bytes.
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

  /// Counts a line a rule has repaired; its rows are counted in `accepted` by the caller.
  mutating func repair(_ rule: RepairRule) {
    repairedByRule[rule.rawValue] += 1
  }

  /// Counts a line of `rows` glued rows, which the caller counts in `accepted`.
  mutating func repairGluedRows(_ rows: Int) {
    repair(.gluedRows)
    extraRows += rows - 1
  }

  /// Adds another tally: commutative and associative.
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
