package import ChartmillModel

/// The names of logs: `listen-YYYYMMDD.log`, or `listen-YYYYMMDD-PART.log` for a day in several
/// files, each with or without `.gz`. PART is any printable UTF-8.
package enum LogName {
  /// The name without `.log`, `.gz` or `.log.gz`. Two files with the same stem hold the same log.
  package static func stem(of name: String) -> String {
    var stem = Substring(name)
    if stem.hasSuffix(".gz") { stem = stem.dropLast(3) }
    if stem.hasSuffix(".log") { stem = stem.dropLast(4) }
    return String(stem)
  }

  /// The day in the name of a log; nil if it is not the name of a log or the date does not exist.
  package static func day(of name: String) -> Day? {
    var rest = Substring(name)
    guard rest.hasPrefix("listen-"), rest.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) else {
      return nil
    }
    rest = rest.dropFirst(7)
    if rest.hasSuffix(".gz") { rest = rest.dropLast(3) }
    guard rest.hasSuffix(".log") else { return nil }
    let bytes = rest.dropLast(4).utf8
    let part = bytes.dropFirst(8)
    guard part.isEmpty || (part.first == 45 && part.count > 1) else { return nil }
    return Day(yyyymmdd: String(decoding: bytes.prefix(8), as: UTF8.self))
  }

  /// Whether a name that is not the name of a log may have been meant as one: it has the word
  /// `listen` and the digits of a date, or it is the name of a folder and holds a date. Hidden and
  /// temporary names do not count, and neither do files that go with a log, such as checksums.
  package static func isNearMiss(_ name: [UInt8], isFolder: Bool) -> Bool {
    let name = name.map { (65...90).contains($0) ? $0 + 32 : $0 }
    if name.first == UInt8(ascii: ".") || name.last == UInt8(ascii: "~") { return false }
    let suffix = name.lastIndex(of: UInt8(ascii: ".")).map { name[name.index(after: $0)...] } ?? []
    if passedOver.contains(where: { suffix.elementsEqual($0.utf8) }) { return false }
    if isFolder, datedDay(in: name) != nil { return true }
    let digits = name.count { isDigit($0) }
    return digits >= minDateDigits && name.contains(word: "listen")
  }

  /// The number of digits of the shortest date, `2026-7-5`.
  private static let minDateDigits = 6

  /// The suffixes of files that are still being written, or that go with a log.
  private static let passedOver = [
    "tmp", "temp", "part", "partial", "filepart", "crdownload", "inprogress", "swp", "lock",
    "md5", "sha1", "sha256", "sha512", "crc", "crc32", "sig", "asc", "ok", "done",
  ]

  /// The first date in a name, written as `YYYYMMDD` or with one of `-`, `_` and `.` between its
  /// parts; nil if there is none.
  package static func datedDay(in name: some Collection<UInt8>) -> Day? {
    let name = Array(name)
    for start in name.indices where isDigit(name[start]) {
      if start > 0, isDigit(name[start - 1]) { continue }
      let run = name[start...].prefix(while: isDigit)
      if run.count == 8 {
        if let day = Day(yyyymmdd: String(decoding: run, as: UTF8.self)) { return day }
      } else if run.count == 4, name.count >= start + 10, separators.contains(name[start + 4]),
        name[start + 7] == name[start + 4],
        name.count == start + 10 || !isDigit(name[start + 10])
      {
        let digits = run + name[(start + 5)..<(start + 7)] + name[(start + 8)..<(start + 10)]
        if let day = Day(yyyymmdd: String(decoding: digits, as: UTF8.self)) { return day }
      }
    }
    return nil
  }

  private static let separators = Array("-_.".utf8)

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}

extension [UInt8] {
  /// Whether the bytes contain those of `word`.
  fileprivate func contains(word: String) -> Bool {
    let word = Array(word.utf8)
    return count >= word.count
      && (0...(count - word.count)).contains { self[$0..<($0 + word.count)].elementsEqual(word) }
  }
}
