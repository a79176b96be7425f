internal import ChartmillCore
internal import ChartmillModel
package import ChartmillSystem
package import Glibc

/// The kinds of output files, besides the charts, that flags name.
///
/// An existing file is replaced only if it is empty, or if its content shows that it has the same
/// kind. So a mistaken flag cannot overwrite a log, a chart, or another program's file.
package enum SideOutput: Sendable, Equatable {
  case metrics
  case report
  case rejects
  /// The records of `export`.
  case export
  /// The listed users without a chart, written by `export`.
  case missingUsers
  /// The user countries of a partition, written by `chart`.
  case userCountries
  /// The counts of a partition, written by `chart`.
  case counts

  /// The beginning of a metrics file.
  static let metricsStart = "# HELP chartmill_"
  /// A line in the head of every report.
  package static let reportMarker = "<meta name=\"generator\" content=\"chartmill\">"
  /// The beginning of the first line of a file of missing users.
  package static let missingUsersStart = "# users without a chart"
  /// The number of bytes at the beginning of a file by which its kind is recognized.
  private static let headBytes = 1024

  /// Checks that a file of this kind may be written to `path`. Pipes, devices and folders pass; the
  /// caller finds out when it opens them.
  ///
  /// - Parameter isOne: recognizes a file of this kind; nil means `isOne` of this type.
  /// - Throws: `PublicationError.reservedName` if `path` has the name of a log, a chart or a kept
  ///   rollup, whether it exists or not; `.notReplaceable` for an existing file of a different
  ///   kind; `SystemError` for a file that cannot be read.
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
      // A file that cannot be read cannot be recognized.
      throw error.serving(error.isPermission ? .creating : .writing)
    }
    throw PublicationError.notReplaceable(path: path, self)
  }

  /// Whether `path` is a regular file that is recognized as one of this kind.
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
    case .export:
      return Self.isExport(String(try Self.head(of: file).prefix { $0 != "\n" }))
    case .missingUsers:
      return try Self.head(of: file).hasPrefix(Self.missingUsersStart)
    case .userCountries:
      var text = try file.bytes(at: 0, count: Self.headBytes)
      if let payload = try Self.firstMember(of: file) { text = payload }
      let line = String(decoding: text.prefix { $0 != 10 }, as: UTF8.self)
      return text.isEmpty || Self.isUserCountry(line)
    case .counts:
      // Only the code that writes frames recognizes them; see `isOne` of `check`.
      return false
    }
  }

  private static func head(of file: File) throws(SystemError) -> String {
    String(decoding: try file.bytes(at: 0, count: headBytes), as: UTF8.self)
  }

  /// The payload of the `GzipMember` at the beginning of the file; nil if there is none.
  private static func firstMember(of file: File) throws(SystemError) -> [UInt8]? {
    let header = try file.bytes(at: 0, count: GzipMember.headerBytes)
    guard let length = GzipMember.length(header.span),
      length <= GzipMember.bound(maxMemberBytes)
    else { return nil }
    let member = try file.bytes(at: 0, count: length)
    var payload = [UInt8](repeating: 0, count: maxMemberBytes)
    let count = unsafe payload.withUnsafeMutableBytes { payload in
      unsafe member.withUnsafeBytes {
        unsafe GzipMember.read($0, into: payload, deflate: Deflate())
      }
    }
    return count.map { Array(payload.prefix($0)) }
  }

  /// The maximum payload of a first member. The blocks of charts and of rejected rows are smaller.
  private static let maxMemberBytes = 1 << 20

  /// Whether a line could be the beginning of the first line of an export, in any format:
  /// `42|FR|7:3`, `user_id,country,chart,rank,` and more columns, or
  /// `{"user_id":42,"country":"FR",` and more keys.
  private static func isExport(_ line: String) -> Bool {
    if line.hasPrefix("user_id,country,") { return line.contains(",rank,sng_id,") }
    if line.hasPrefix("{") {
      let fields = line.split(separator: ",", maxSplits: 2)
      return fields.count == 3 && isUserCountry(fields[0] + "," + fields[1] + "}")
    }
    let fields = line.split(separator: "|", omittingEmptySubsequences: false)
    return fields.count > 2 && isUserCountry(fields[0] + "|" + fields[1])
      && fields[2].contains(":")
  }

  /// Whether a line could be in a file of user countries, in any format: `42|FR`, `42,FR` or its
  /// header, or `{"user_id":42,"country":"FR"}`.
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
  /// Creates an empty file that will replace `path`.
  ///
  /// - Parameter kind: the kind of the new file. An existing file must have the same kind.
  /// - Throws: `PublicationError` for a file that must not be replaced; `SystemError`.
  package init(_ kind: SideOutput, replacing path: String, mode: mode_t) throws {
    try kind.check(path)
    try self.init(replacing: path, mode: mode)
  }
}
