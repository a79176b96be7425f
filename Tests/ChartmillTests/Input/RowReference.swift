@testable import ChartmillModel

/// A second implementation of the rules for rows, with arrays and strings. It shares no code with
/// the parser.
struct RowReference {
  var rows: [String] = []
  var rejected: [RejectReason: Int] = [:]
  var repaired: [RepairRule: Int] = [:]
  var firstBadLine: [RejectReason: [Int]] = [:]

  init(_ text: [UInt8], repair: Bool) {
    var lines = text.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
    let isEnded = lines.last == []
    if isEnded { lines.removeLast() }
    for (index, bytes) in lines.enumerated() {
      var line = bytes
      if line.last == 13, isEnded || index < lines.count - 1 { line.removeLast() }
      if let reason = add(line, repair, isFirst: index == 0) {
        rejected[reason, default: 0] += 1
        if firstBadLine[reason, default: []].count < 5 {
          firstBadLine[reason, default: []].append(index + 1)
        }
      }
    }
  }

  private mutating func add(_ line: [UInt8], _ repair: Bool, isFirst: Bool) -> RejectReason? {
    if repair, isFirst, line.count <= 4096, line.starts(with: [0xef, 0xbb, 0xbf]) {
      var rest = self
      guard rest.add(Array(line.dropFirst(3)), repair, isFirst: false) == nil else {
        return add(line, repair, isFirst: false)
      }
      // Glued rows count as their own repair. Otherwise only the mark is counted.
      if rest.repaired[.gluedRows] == repaired[.gluedRows] {
        rest.repaired = repaired
        rest.repaired[.byteOrderMark, default: 0] += 1
      }
      self = rest
      return nil
    }
    guard line.count <= 4096 else { return .lineTooLong }
    guard !line.isEmpty else { return .blank }
    switch Self.row(line, 124) {
    case .success(let row):
      rows.append(row)
      return nil
    case .failure(let bad):
      guard repair else { return bad.reason }
      let fields = Self.fields(line, 124)
      if fields.count == 1, case .success(let row) = Self.row(line, 44) {
        rows.append(row)
        repaired[.commas, default: 0] += 1
        return nil
      }
      if fields.count == 3, fields[2].count == 4, fields[2].prefix(2) == fields[2].suffix(2),
        case .success(let row) = Self.row(Array(line.dropLast(2)), 124)
      {
        rows.append(row)
        repaired[.doubledCountry, default: 0] += 1
        return nil
      }
      if fields.count == 3, fields[2].count == 2, fields[2].allSatisfy({ $0 < 128 }) {
        let code = String(decoding: fields[2], as: UTF8.self).uppercased()
        let start = Array(line.dropLast(2))
        if case .success(let row) = Self.row(start + Array(code.utf8), 124) {
          rows.append(row)
          repaired[.lowerCaseCountry, default: 0] += 1
          return nil
        }
        if code == "UK", case .success(let row) = Self.row(start + Array("GB".utf8), 124) {
          rows.append(row)
          repaired[.unitedKingdom, default: 0] += 1
          return nil
        }
      }
      if fields.count >= 5, let glued = Self.glued(fields) {
        rows += glued
        repaired[.gluedRows, default: 0] += 1
        return nil
      }
      return bad.reason
    }
  }

  /// The rows of a line of glued rows; nil for any other line. Each field between two rows has a
  /// country code of two bytes and the next row's song.
  private static func glued(_ fields: [[UInt8]]) -> [String]? {
    guard fields.count % 2 == 1 else { return nil }
    var rows: [String] = []
    var song = fields[0]
    for index in stride(from: 1, to: fields.count, by: 2) {
      let isLast = index + 2 == fields.count
      let code = isLast ? fields[index + 1] : Array(fields[index + 1].prefix(2))
      guard case .success(let row) = row(song + [124] + fields[index] + [124] + code, 124) else {
        return nil
      }
      rows.append(row)
      song = Array(fields[index + 1].dropFirst(2))
    }
    return rows
  }

  private static let codes = Set((0..<249).map { CountryList.iso3166.code(at: UInt8($0)) })

  private struct Bad: Error { let reason: RejectReason }

  private static func fields(_ line: [UInt8], _ separator: UInt8) -> [[UInt8]] {
    line.split(separator: separator, omittingEmptySubsequences: false).map(Array.init)
  }

  private static func id(_ field: [UInt8]) -> UInt64? {
    guard !field.isEmpty, field.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
    return Int64(String(decoding: field, as: UTF8.self)).map(UInt64.init)
  }

  private static func row(_ line: [UInt8], _ separator: UInt8) -> Result<String, Bad> {
    let fields = fields(line, separator)
    guard fields.count == 3 else { return .failure(Bad(reason: .fieldCount)) }
    guard let song = id(fields[0]) else { return .failure(Bad(reason: .songID)) }
    guard let user = id(fields[1]) else { return .failure(Bad(reason: .userID)) }
    guard fields[2].count == 2, fields[2].allSatisfy({ $0 >= 65 && $0 <= 90 }) else {
      return .failure(Bad(reason: .countrySyntax))
    }
    let code = String(decoding: fields[2], as: UTF8.self)
    guard codes.contains(code) else {
      return .failure(Bad(reason: .unknownCountry))
    }
    return .success("\(song)|\(user)|\(code)")
  }
}
