internal import ChartmillModel

/// Classifies a line by the complete rules for rows, byte by byte. It gets the lines that the fast
/// path of `RowParser` does not handle. Allocates nothing.
struct RowClassifier {
  struct Row: Equatable {
    let song: UInt64
    let user: UInt64
    let country: UInt8
  }

  enum Verdict: Equatable {
    case row(Row)
    case repaired(RepairRule, Row)
    /// Two or more rows; `forEachGluedRow` returns them.
    case gluedRows(count: Int)
    case rejected(RejectReason)

    /// The rule that repaired the line; nil if the line is good or cannot be repaired.
    var rule: RepairRule? {
      switch self {
      case .repaired(let rule, _): rule
      case .gluedRows: .gluedRows
      case .row, .rejected: nil
      }
    }
  }

  private let countries: CountryList
  private let repair: Bool

  init(countries: CountryList, repair: Bool) {
    self.countries = countries
    self.repair = repair
  }

  /// Classifies a line. Time: linear in its length.
  ///
  /// - Parameters:
  ///   - line: the line without its end.
  ///   - isFirst: whether it is the first line of its log, which may begin with a byte order mark.
  func classify(_ line: UnsafeRawBufferPointer, isFirst: Bool = false) -> Verdict {
    let verdict = unsafe classifyText(line)
    guard isFirst, repair, case .rejected = verdict,
      unsafe line.starts(with: LogFormat.byteOrderMark)
    else { return verdict }
    switch unsafe classifyText(UnsafeRawBufferPointer(rebasing: line.dropFirst(3))) {
    case .row(let row), .repaired(_, let row): return .repaired(.byteOrderMark, row)
    case .gluedRows(let count): return .gluedRows(count: count)
    case .rejected: return verdict
    }
  }

  private func classifyText(_ line: UnsafeRawBufferPointer) -> Verdict {
    if line.count > RejectReason.maxLineBytes { return .rejected(.lineTooLong) }
    if unsafe line.isEmpty { return .rejected(.blank) }
    let cuts = unsafe Cuts(of: Self.pipe, in: line)
    switch cuts.count {
    case 2:
      return unsafe classifyRow(line, cuts)
    case 0 where repair:
      return unsafe repairCommas(line) ?? .rejected(.fieldCount)
    case 4... where repair:
      return unsafe repairGluedRows(line) ?? .rejected(.fieldCount)
    default:
      return .rejected(.fieldCount)
    }
  }

  private func classifyRow(_ line: UnsafeRawBufferPointer, _ cuts: Cuts) -> Verdict {
    guard let song = unsafe Self.number(line, 0..<cuts.first) else { return .rejected(.songID) }
    guard let user = unsafe Self.number(line, cuts.first + 1..<cuts.second) else {
      return .rejected(.userID)
    }
    let start = cuts.second + 1
    if line.count - start == 2 {
      if let country = unsafe countries.index(line[start], line[start + 1]) {
        return .row(Row(song: song, user: user, country: country))
      }
      if repair, let (rule, country) = unsafe repairCountry(line[start], line[start + 1]) {
        return .repaired(rule, Row(song: song, user: user, country: country))
      }
      let isUnknown =
        unsafe CountryCode.isLetter(line[start]) && CountryCode.isLetter(line[start + 1])
      return .rejected(isUnknown ? .unknownCountry : .countrySyntax)
    }
    if repair, line.count - start == 4, unsafe line[start] == line[start + 2],
      unsafe line[start + 1] == line[start + 3],
      let country = unsafe countries.index(line[start], line[start + 1])
    {
      return .repaired(.doubledCountry, Row(song: song, user: user, country: country))
    }
    return .rejected(.countrySyntax)
  }

  /// The country that a code outside of the list means, in upper or lower case; nil if there is
  /// none.
  private func repairCountry(_ first: UInt8, _ second: UInt8) -> (RepairRule, UInt8)? {
    let (first, second) = (Self.capital(first), Self.capital(second))
    if let country = countries.index(first, second) { return (.lowerCaseCountry, country) }
    guard first == UInt8(ascii: "U"), second == UInt8(ascii: "K") else { return nil }
    return countries.index(UInt8(ascii: "G"), UInt8(ascii: "B")).map { (.unitedKingdom, $0) }
  }

  private static func capital(_ byte: UInt8) -> UInt8 {
    (97...122).contains(byte) ? byte - 32 : byte
  }

  /// Counts the rows of `song|user|CCsong|user|CC…`. A country has two characters, so the end of
  /// each row is known. Nil if the line is not made of rows from end to end.
  private func repairGluedRows(_ line: UnsafeRawBufferPointer) -> Verdict? {
    var count = 0
    var start = 0
    while start < line.count {
      guard unsafe nextGluedRow(line, &start) != nil else { return nil }
      count += 1
    }
    return .gluedRows(count: count)
  }

  /// Calls `body` with each row of a line that `classify` found to be glued rows.
  func forEachGluedRow(_ line: UnsafeRawBufferPointer, _ body: (Row) -> Void) {
    var start = unsafe line.starts(with: LogFormat.byteOrderMark) ? 3 : 0
    while start < line.count, let row = unsafe nextGluedRow(line, &start) { body(row) }
  }

  /// The row at `start`; nil if there is none. `start` moves to the next row.
  private func nextGluedRow(_ line: UnsafeRawBufferPointer, _ start: inout Int) -> Row? {
    guard let first = unsafe line[start...].firstIndex(of: Self.pipe),
      let second = unsafe line[(first + 1)...].firstIndex(of: Self.pipe), line.count - second > 2,
      let song = unsafe Self.number(line, start..<first),
      let user = unsafe Self.number(line, first + 1..<second),
      let country = unsafe countries.index(line[second + 1], line[second + 2])
    else { return nil }
    start = second + 3
    return Row(song: song, user: user, country: country)
  }

  private func repairCommas(_ line: UnsafeRawBufferPointer) -> Verdict? {
    unsafe plainRow(line, Self.comma).map { .repaired(.commas, $0) }
  }

  /// The row of a line with the given separator; nil if it is not valid.
  private func plainRow(_ text: UnsafeRawBufferPointer, _ separator: UInt8) -> Row? {
    let cuts = unsafe Cuts(of: separator, in: text)
    guard cuts.count == 2,
      let song = unsafe Self.number(text, 0..<cuts.first),
      let user = unsafe Self.number(text, cuts.first + 1..<cuts.second),
      text.count - cuts.second == 3,
      let country = unsafe countries.index(text[cuts.second + 1], text[cuts.second + 2])
    else { return nil }
    return Row(song: song, user: user, country: country)
  }

  /// The number that digits mean, at most 2^63 − 1, with any number of leading zeros. Nil for
  /// anything else.
  private static func number(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64? {
    if range.isEmpty { return nil }
    var value: UInt64 = 0
    var significantDigits = 0
    for position in range {
      let digit = unsafe text[position] &- 48
      if digit > 9 { return nil }
      if digit > 0 || significantDigits > 0 { significantDigits += 1 }
      // 19 digits fit 64 bits. With more digits, the value does not matter.
      value = value &* 10 &+ UInt64(digit)
    }
    return significantDigits <= 19 && value <= UInt64(Int64.max) ? value : nil
  }

  private static let pipe = UInt8(ascii: "|")
  private static let comma = UInt8(ascii: ",")

  /// The number of separators of a line, and the positions of the first two.
  private struct Cuts {
    private(set) var count = 0
    private(set) var first = 0
    private(set) var second = 0

    init(of separator: UInt8, in text: UnsafeRawBufferPointer) {
      for position in 0..<text.count where unsafe text[position] == separator {
        if count == 0 { first = position }
        if count == 1 { second = position }
        count += 1
      }
    }
  }
}
