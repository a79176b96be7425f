import ChartmillCore

@testable import ChartmillModel

/// A second implementation of the charts. It is slow and simple, uses dictionaries, and has its own
/// rule for rows.
struct ReferenceCharts {
  var songsOfUser: [UInt64: [UInt64: Int]] = [:]
  var songsOfCountry: [String: [UInt64: Int]] = [:]
  var countriesOfUser: [UInt64: [String: Int]] = [:]
  var lines = 0
  var accepted = 0
  var rejected: [String: Int] = [:]
  var repaired: [String: Int] = [:]

  private let codes: Set<String>
  private let repair: Bool

  init(codes: Set<String> = ReferenceCharts.iso3166, repair: Bool = false) {
    self.codes = codes
    self.repair = repair
  }

  mutating func read(_ text: String) { read(Array(text.utf8)) }

  mutating func read(_ text: [UInt8]) {
    var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    // After the last line end there is nothing, or a row without a line end.
    let rest = lines.removeLast()
    for line in lines { readLine(line.last == UInt8(ascii: "\r") ? line.dropLast() : line) }
    if !rest.isEmpty { readLine(rest) }
  }

  private struct Row {
    var song: UInt64
    var user: UInt64
    var country: String
  }

  private mutating func readLine(_ line: ArraySlice<UInt8>) {
    lines += 1
    if line.count > 4096 { return reject("line too long") }
    if line.isEmpty { return reject("blank") }
    let fields = Self.fields(line, "|")
    if fields.count == 3 {
      guard Self.id(fields[0]) != nil else { return reject("song id") }
      guard Self.id(fields[1]) != nil else { return reject("user id") }
      if let row = row(fields) { return count(row) }
      let code = fields[2]
      if repair, code.count == 2, code.allSatisfy({ $0 < 128 }) {
        let capitals = String(decoding: code, as: UTF8.self).uppercased()
        if let row = row([fields[0], fields[1], ArraySlice(capitals.utf8)]) {
          repaired["lower-case country", default: 0] += 1
          return count(row)
        }
        if capitals == "UK", let row = row([fields[0], fields[1], ArraySlice("GB".utf8)]) {
          repaired["UK for GB", default: 0] += 1
          return count(row)
        }
      }
      let letters = code.allSatisfy { UInt8(ascii: "A") <= $0 && $0 <= UInt8(ascii: "Z") }
      if code.count == 2, letters { return reject("unknown country") }
      if repair, code.count == 4, code.prefix(2) == code.suffix(2),
        let row = row([fields[0], fields[1], code.prefix(2)])
      {
        repaired["doubled country", default: 0] += 1
        return count(row)
      }
      return reject("country syntax")
    }
    if repair, fields.count >= 5, fields.count % 2 == 1 {
      var glued: [Row?] = []
      var song = fields[0]
      for index in stride(from: 2, to: fields.count, by: 2) {
        let code = index == fields.count - 1 ? fields[index] : fields[index].prefix(2)
        glued.append(row([song, fields[index - 1], code]))
        song = fields[index].dropFirst(2)
      }
      let rows = glued.compactMap { $0 }
      if rows.count == glued.count {
        repaired["glued rows", default: 0] += 1
        for row in rows { count(row) }
        return
      }
    }
    if repair, let row = row(Self.fields(line, ",")) {
      repaired["commas", default: 0] += 1
      return count(row)
    }
    reject("field count")
  }

  private static func fields(_ line: ArraySlice<UInt8>, _ separator: Unicode.Scalar)
    -> [ArraySlice<UInt8>]
  {
    line.split(separator: UInt8(ascii: separator), omittingEmptySubsequences: false)
  }

  private func row(_ fields: [ArraySlice<UInt8>]) -> Row? {
    guard fields.count == 3, let song = Self.id(fields[0]), let user = Self.id(fields[1]) else {
      return nil
    }
    let country = String(decoding: fields[2], as: UTF8.self)
    return codes.contains(country) ? Row(song: song, user: user, country: country) : nil
  }

  private static func id(_ field: ArraySlice<UInt8>) -> UInt64? {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard !field.isEmpty, field.allSatisfy(digits.contains) else { return nil }
    let text = String(decoding: field.drop { $0 == UInt8(ascii: "0") }, as: UTF8.self)
    if text.isEmpty { return 0 }
    return Int64(text).map(UInt64.init)
  }

  private mutating func reject(_ reason: String) {
    rejected[reason, default: 0] += 1
  }

  private mutating func count(_ row: Row) {
    accepted += 1
    songsOfUser[row.user, default: [:]][row.song, default: 0] += 1
    songsOfCountry[row.country, default: [:]][row.song, default: 0] += 1
    countriesOfUser[row.user, default: [:]][row.country, default: 0] += 1
  }

  func countryLines(top: Int) -> [String] {
    songsOfCountry.sorted { $0.key < $1.key }.map { "\($0.key)|\(Self.chart($0.value, top))" }
  }

  /// The lines in any order.
  func userLines(top: Int) -> [String] {
    songsOfUser.map { "\($0.key)|\(Self.chart($0.value, top))" }
  }

  /// The lines in any order.
  func userCountryLines() -> [String] {
    countriesOfUser.map { user, countries in
      let maxStreams = countries.values.max() ?? 0
      return "\(user)|\(countries.filter { $0.value == maxStreams }.keys.min() ?? "")"
    }
  }

  /// The number of users with 1, 2 to 3, 4 to 7 … streams, by the digits of the binary number.
  var usersByStreams: [Int] {
    let digits = songsOfUser.values.map { String($0.values.reduce(0, +), radix: 2).count }
    return (0..<(digits.max() ?? 0)).map { bucket in digits.filter { $0 == bucket + 1 }.count }
  }

  var streamsByCountry: [Manifest.CountryStreams] {
    songsOfCountry.sorted { $0.key < $1.key }.map {
      .init(country: $0.key, streams: $0.value.values.reduce(0, +))
    }
  }

  private static func chart(_ songs: [UInt64: Int], _ top: Int) -> String {
    songs.sorted { $0.value > $1.value || ($0.value == $1.value && $0.key < $1.key) }
      .prefix(top).map { "\($0.key):\($0.value)" }.joined(separator: ",")
  }

  static let iso3166 = Set(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """.split { $0 == " " || $0 == "\n" }.map(String.init))
}
