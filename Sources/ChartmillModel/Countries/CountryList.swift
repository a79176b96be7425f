internal import ChartmillSystem

/// The countries that a row may name: up to 256 codes of two characters, each with a small index.
///
/// Indices are in the order of the codes' bytes, so comparing two indices compares their codes.
package struct CountryList: Sendable, Equatable {
  /// The maximum number of countries. An index is one byte of a row.
  package static let maxCount = 256

  /// `(first << 8) | second`, ascending and distinct.
  private let codes: [UInt16]
  /// The index of code "XY" at `(X - "A") * tableWidth + (Y - "0")`, or -1. Its 1,118 entries take
  /// 2.2 KiB, so it stays in the first-level cache while rows are parsed.
  package let table: [Int16]
  /// The number of characters from "0" to "Z": digits, seven characters that no code has, and
  /// letters.
  package static let tableWidth = 43

  /// - Parameter packed: the codes as `pack` returns them.
  /// - Precondition: there are at most `maxCount` distinct codes.
  package init(packed: some Sequence<UInt16>) {
    codes = Set(packed).sorted()
    precondition(codes.count <= Self.maxCount)
    var table = [Int16](repeating: -1, count: 26 * Self.tableWidth)
    for (index, code) in codes.enumerated() {
      table[Int(code >> 8 - 65) * Self.tableWidth + Int(code & 255 - 48)] = Int16(index)
    }
    self.table = table
  }

  package var count: Int { codes.count }

  /// The index of a code given as two bytes; nil if the code is not in this list.
  package func index(_ first: UInt8, _ second: UInt8) -> UInt8? {
    guard (65...90).contains(first), (48...90).contains(second) else { return nil }
    let index = table[Int(first - 65) * Self.tableWidth + Int(second - 48)]
    return index < 0 ? nil : UInt8(index)
  }

  /// The index of a code; nil if the code is not in this list.
  package func index(_ code: CountryCode) -> UInt8? {
    let letters = Array(code.description.utf8)
    return index(letters[0], letters[1])
  }

  /// A text that identifies the list: its length and a checksum.
  package var identity: String {
    var checksum = Checksum()
    for code in codes {
      unsafe withUnsafeBytes(of: (UInt8(code >> 8), UInt8(code & 255))) {
        unsafe checksum.append($0)
      }
    }
    return "\(count) countries \(checksum.hex)"
  }

  /// The code at an index.
  ///
  /// - Precondition: `index < count`.
  package func code(at index: UInt8) -> String {
    let code = codes[Int(index)]
    return String(decoding: [UInt8(code >> 8), UInt8(code & 255)], as: UTF8.self)
  }

  /// The two ASCII letters of a code.
  ///
  /// - Precondition: `index < count`.
  package func letters(at index: UInt8) -> (UInt8, UInt8) {
    let code = codes[Int(index)]
    return (UInt8(code >> 8), UInt8(code & 255))
  }

  /// This list with `code` added, unless it has the code already. Nil if `CountryCode` does not
  /// accept the code, or if the list is full.
  package func adding(_ code: String) -> CountryList? {
    guard let packed = Self.pack(code.utf8) else { return nil }
    if codes.contains(packed) { return self }
    guard codes.count < Self.maxCount else { return nil }
    return CountryList(packed: codes + [packed])
  }

  /// Both bytes of a code as one number, with the first byte in the higher bits; nil if
  /// `CountryCode` does not accept the code.
  package static func pack(_ text: some Collection<UInt8>) -> UInt16? {
    guard text.count == 2, let first = text.first, let second = text.dropFirst().first,
      CountryCode(first, second) != nil
    else { return nil }
    return text.reduce(0) { $0 << 8 | UInt16($1) }
  }

  /// The 249 assigned codes of ISO 3166-1 alpha-2.
  package static let iso3166 = CountryList(
    packed: """
      AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ
      BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM
      DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS
      GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
      KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ
      MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
      PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
      SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI
      VN VU WF WS YE YT ZA ZM ZW
      """.utf8.split(whereSeparator: { $0 == 32 || $0 == 10 }).compactMap(pack))
}
