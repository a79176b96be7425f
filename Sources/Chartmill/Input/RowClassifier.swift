/// Decides what one line is: the whole row rule, byte by byte, for the lines `RowParser` does not
/// recognise at a glance. Allocates nothing.
struct RowClassifier {
  /// A longer line is bad whatever it holds, so a reader need not buffer more than this.
  static let maximumLineByteCount = 4096

  struct Row: Equatable {
    let song: UInt64
    let user: UInt64
    let country: UInt8
  }

  enum Verdict: Equatable {
    case row(Row)
    case repaired(RepairRule, Row)
    case gluedRows(Row, Row)
    case rejected(RejectReason)

    /// That mended the line; nil when it was good, or is bad.
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

  /// Time is linear in the length. `line` is the line without its end.
  func classify(_ line: UnsafeRawBufferPointer) -> Verdict {
    if line.count > Self.maximumLineByteCount { return .rejected(.lineTooLong) }
    if line.isEmpty { return .rejected(.blank) }
    guard let cuts = Cuts(of: Self.pipe, in: line) else { return .rejected(.fieldCount) }
    switch cuts.count {
    case 2:
      return classifyRow(line, cuts)
    case 4 where repair:
      return repairGluedRows(line, cuts) ?? .rejected(.fieldCount)
    case 0 where repair:
      return repairCommas(line) ?? .rejected(.fieldCount)
    default:
      return .rejected(.fieldCount)
    }
  }

  private func classifyRow(_ line: UnsafeRawBufferPointer, _ cuts: Cuts) -> Verdict {
    guard let song = Self.number(line, 0..<cuts.first) else { return .rejected(.songID) }
    guard let user = Self.number(line, cuts.first + 1..<cuts.second) else {
      return .rejected(.userID)
    }
    let start = cuts.second + 1
    if line.count - start == 2, Self.isLetter(line[start]), Self.isLetter(line[start + 1]) {
      guard let country = countries.index(line[start], line[start + 1]) else {
        return .rejected(.unknownCountry)
      }
      return .row(Row(song: song, user: user, country: country))
    }
    if repair, line.count - start == 4, line[start] == line[start + 2],
      line[start + 1] == line[start + 3],
      let country = countries.index(line[start], line[start + 1])
    {
      return .repaired(.doubledCountry, Row(song: song, user: user, country: country))
    }
    return .rejected(.countrySyntax)
  }

  /// `song|user|CCsong|user|CC`: letters then digits can be cut in one place only.
  private func repairGluedRows(_ line: UnsafeRawBufferPointer, _ cuts: Cuts) -> Verdict? {
    let cut = cuts.second + 3
    guard cut < cuts.third else { return nil }
    let head = UnsafeRawBufferPointer(rebasing: line[..<cut])
    let tail = UnsafeRawBufferPointer(rebasing: line[cut...])
    guard let first = plainRow(head, Self.pipe), let second = plainRow(tail, Self.pipe) else {
      return nil
    }
    return .gluedRows(first, second)
  }

  private func repairCommas(_ line: UnsafeRawBufferPointer) -> Verdict? {
    plainRow(line, Self.comma).map { .repaired(.commas, $0) }
  }

  /// A fully valid row with the given separator, or nil.
  private func plainRow(_ text: UnsafeRawBufferPointer, _ separator: UInt8) -> Row? {
    guard let cuts = Cuts(of: separator, in: text), cuts.count == 2,
      let song = Self.number(text, 0..<cuts.first),
      let user = Self.number(text, cuts.first + 1..<cuts.second),
      text.count - cuts.second == 3,
      let country = countries.index(text[cuts.second + 1], text[cuts.second + 2])
    else { return nil }
    return Row(song: song, user: user, country: country)
  }

  /// The number that a non-empty run of digits names, if it is at most 2^63−1. Leading zeros,
  /// however many, are allowed.
  private static func number(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64? {
    if range.isEmpty { return nil }
    var value: UInt64 = 0
    var significantDigits = 0
    for position in range {
      let digit = text[position] &- 48
      if digit > 9 { return nil }
      if digit > 0 || significantDigits > 0 { significantDigits += 1 }
      // 19 digits fit in 64 bits; beyond them the value no longer matters.
      value = value &* 10 &+ UInt64(digit)
    }
    return significantDigits <= 19 && value <= UInt64(Int64.max) ? value : nil
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) }

  private static let pipe = UInt8(ascii: "|")
  private static let comma = UInt8(ascii: ",")

  /// Where the separators of a line are, if there are at most four.
  private struct Cuts {
    private(set) var count = 0
    private(set) var first = 0
    private(set) var second = 0
    private(set) var third = 0

    init?(of separator: UInt8, in text: UnsafeRawBufferPointer) {
      for position in 0..<text.count where text[position] == separator {
        switch count {
        case 0: first = position
        case 1: second = position
        case 2: third = position
        case 3: break
        default: return nil
        }
        count += 1
      }
    }
  }
}
