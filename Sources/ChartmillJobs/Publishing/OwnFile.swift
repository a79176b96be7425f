internal import ChartmillCore
internal import ChartmillModel
package import ChartmillSystem
package import Glibc

/// The kinds of single files that a flag names, beside the charts. A file that is there already is
/// replaced only when it is one of the same kind, by its content, or empty: no flag can write over a
/// log, a chart, or anything else that was not made for that purpose.
package enum OwnFile: Sendable, Equatable {
  case metrics
  case report
  case rejects
  /// The countries of a partition's users, of `chart`.
  case userCountries
  /// What `chart` counted.
  case counts

  static let metricsStart = "# HELP chartmill_"
  /// In the head of a report.
  package static let reportMarker = "<meta name=\"generator\" content=\"chartmill\">"
  /// Bytes at the start of a file that tell what it is.
  private static let headBytes = 1024

  /// Checks that `path` may be written, before any work is done.
  ///
  /// - Throws: `.reservedName` for the name of a log, a chart or a kept rollup, also when there is no
  ///   such file yet; `.notOwnFile` for a file of another kind. What is no file (a pipe, a device, a
  ///   folder) is left to the one who opens it.
  ///
  /// - Parameter isOne: whether a file is one of this kind.
  package func check(_ path: String, isOne: ((File) throws(SystemError) -> Bool)? = nil) throws {
    let name = Path.last(of: path)
    if LogName.day(of: name) != nil || OutputNames.isChart(name) || OutputNames.isManifest(name)
      || KeptRollup.day(ofName: name) != nil || (self != .report && OutputNames.isReport(name))
    {
      throw PublicationError.reservedName(path: path, self)
    }
    guard let there = try? LogFile(path: path), there.byteCount > 0 else { return }
    do throws(SystemError) {
      let file = try File.open(reading: path)
      if let isOne {
        if try isOne(file) { return }
      } else if try isRecognized(file) {
        return
      }
    } catch {
      // What cannot be read cannot be known for one of ours.
      throw error.serving(error.isPermission ? .creating : .writing)
    }
    throw PublicationError.notOwnFile(path: path, self)
  }

  /// Whether there is such a file, and it is one of ours.
  func isOne(_ path: String) -> Bool {
    guard let file = try? File.open(reading: path, followsLinks: false) else { return false }
    return (try? file.status().isRegular) == true && (try? isRecognized(file)) == true
  }

  private func isRecognized(_ file: File) throws(SystemError) -> Bool {
    switch self {
    case .metrics:
      return try Self.head(of: file).hasPrefix(Self.metricsStart)
    case .report:
      let head = try Self.head(of: file)
      return head.hasPrefix("<!DOCTYPE html>") && head.contains(Self.reportMarker)
    case .rejects:
      guard let text = try Self.firstMember(of: file) else { return false }
      return RejectedRows.isFirstLine(text)
    case .userCountries:
      var text = try file.bytes(at: 0, count: Self.headBytes)
      if let payload = try Self.firstMember(of: file) { text = payload }
      let line = String(decoding: text.prefix { $0 != 10 }, as: UTF8.self)
      return text.isEmpty || Self.isUserCountry(line)
    case .counts:
      // Known to those who write frames.
      return false
    }
  }

  private static func head(of file: File) throws(SystemError) -> String {
    String(decoding: try file.bytes(at: 0, count: headBytes), as: UTF8.self)
  }

  /// The payload of the gzip member that the file begins with, if that is one of ours.
  private static func firstMember(of file: File) throws(SystemError) -> [UInt8]? {
    let header = try file.bytes(at: 0, count: GzipMember.headerBytes)
    guard let length = unsafe header.withUnsafeBytes(GzipMember.length),
      length <= GzipMember.bound(mostMemberBytes)
    else { return nil }
    let member = try file.bytes(at: 0, count: length)
    var payload = [UInt8](repeating: 0, count: mostMemberBytes)
    let count = unsafe payload.withUnsafeMutableBytes { payload in
      unsafe member.withUnsafeBytes {
        unsafe GzipMember.read($0, into: payload, deflate: Deflate())
      }
    }
    return count.map { Array(payload.prefix($0)) }
  }

  /// Above the blocks of charts and of rejected rows.
  private static let mostMemberBytes = 1 << 20

  /// A line of any format: `42|FR`, `42,FR` or its header, `{"user_id":42,"country":"FR"}`.
  private static func isUserCountry(_ line: String) -> Bool {
    if line + "\n" == ChartFormat.csv.userCountryHeader.description { return true }
    let fields = line.split(omittingEmptySubsequences: false) {
      $0 == "|" || $0 == ","
    }
    guard fields.count == 2 else { return false }
    var (user, country) = (fields[0], fields[1])
    if line.hasPrefix("{") {
      guard user.hasPrefix("{\"user_id\":"), country.hasPrefix("\"country\":\""),
        country.hasSuffix("\"}")
      else { return false }
      user = user.dropFirst(11)
      country = country.dropFirst(11).dropLast(2)
    }
    return !user.isEmpty && user.utf8.allSatisfy { (48...57).contains($0) }
      && CountryCode(String(country)) != nil
  }
}

extension StagedFile {
  /// An empty file beside `path`.
  ///
  /// - Parameter kind: what the file will be, and what it may replace.
  /// - Throws: `PublicationError` for what it may not replace; `SystemError`.
  package init(_ kind: OwnFile, replacing path: String, mode: mode_t) throws {
    try kind.check(path)
    try self.init(replacing: path, mode: mode)
  }
}
