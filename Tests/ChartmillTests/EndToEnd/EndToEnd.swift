import Foundation
import Testing

@testable import ChartmillModel
@testable import ChartmillSystem

/// Tests of the real program. They run one after another, because many use all cores and some take
/// measurements.
@Suite(.serialized) enum EndToEnd {}

/// The logs of a test, and their texts.
final class LogBook {
  static let lastDay = "20260705"

  let folder: TemporaryFolder
  /// The text of each log, by file name.
  private(set) var texts: [String: [UInt8]] = [:]

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Makes one log with this text.
  convenience init(_ text: String, day: String = LogBook.lastDay) throws {
    try self.init()
    try add(text, day: day)
  }

  var path: String { folder.path }

  @discardableResult
  func add(
    _ text: String, day: String = LogBook.lastDay, part: String = "", gzip: Bool = false
  ) throws -> String {
    try add(Array(text.utf8), day: day, part: part, gzip: gzip)
  }

  /// Writes a log, compressed by gzip(1) if `gzip`, and returns its path.
  @discardableResult
  func add(
    _ text: [UInt8], day: String = LogBook.lastDay, part: String = "", gzip: Bool = false
  ) throws -> String {
    let name = "listen-\(day)\(part).log"
    try folder.write(text, to: name)
    texts[name] = text
    guard gzip else { return folder.path(of: name) }
    try Tool.run("gzip", "-f", folder.path(of: name))
    return folder.path(of: name + ".gz")
  }

  /// Writes bytes as a log that is not plain text, for example damaged gzip.
  @discardableResult
  func addRaw(_ bytes: [UInt8], name: String = "listen-\(LogBook.lastDay).log.gz") throws
    -> String
  {
    try folder.write(bytes, to: name)
    return folder.path(of: name)
  }

  /// `chartmill run --logs` on these logs, into `out` or a new folder.
  func run(_ flags: String..., out: TemporaryFolder? = nil) throws -> ChartRun {
    try ChartRun(["--logs", path] + flags, out: out)
  }

  func run(_ flags: [String], out: TemporaryFolder? = nil) throws -> ChartRun {
    try ChartRun(["--logs", path] + flags, out: out)
  }

  /// `chartmill run FILE...`
  func runFiles(_ arguments: [String]) throws -> ChartRun { try ChartRun(arguments) }

  func reference(
    codes: Set<String> = ReferenceCharts.iso3166, repair: Bool = false,
    days: ClosedRange<String>? = nil
  ) -> ReferenceCharts {
    var reference = ReferenceCharts(codes: codes, repair: repair)
    for (name, text) in texts {
      if let days, !days.contains(String(name.dropFirst(7).prefix(8))) { continue }
      reference.read(text)
    }
    return reference
  }
}

/// A run that has ended, and its output folder.
struct ChartRun {
  let process: ChartmillProcess
  let out: TemporaryFolder

  init(_ arguments: [String], out: TemporaryFolder? = nil) throws {
    self.out = try out ?? TemporaryFolder()
    process = try ChartmillProcess.run(["run", "--quiet", "--out", self.out.path] + arguments)
  }

  var status: Int32 { process.status }
  var errors: String { process.errors }

  func charts(day: String = LogBook.lastDay, top: Int = 50) throws -> Charts {
    try #require(status == 0, "\(errors)")
    return try Charts(in: out, day: day, top: top)
  }

  /// Checks that the run failed, reported the reason, and left nothing in its folder.
  func expectFailure(
    _ code: Int32, _ message: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(status == code, "\(errors)", sourceLocation: sourceLocation)
    for part in message {
      #expect(errors.contains(part), "\(errors)", sourceLocation: sourceLocation)
    }
    #expect(try out.names() == [], sourceLocation: sourceLocation)
  }
}

/// The four files of a run.
struct Charts: Equatable {
  let country: [UInt8]
  let user: [UInt8]
  let userCountry: [UInt8]
  let manifest: Manifest

  init(in folder: TemporaryFolder, day: String = LogBook.lastDay, top: Int = 50) throws {
    country = try folder.readBytes("country_top\(top)_\(day).txt")
    user = try folder.readBytes("user_top\(top)_\(day).txt")
    userCountry = try folder.readBytes("user_country_\(day).txt")
    manifest = try Manifest(json: try folder.readBytes("manifest_\(day).json"))
    #expect(try folder.names().count { !$0.hasPrefix("report_") } == 4)
  }

  var countryLines: [String] { Self.lines(country) }
  var userLines: [String] { Self.lines(user) }
  var userCountryLines: [String] { Self.lines(userCountry) }
  var text: String { String(decoding: country + user + userCountry, as: UTF8.self) }

  static func lines(_ bytes: [UInt8]) -> [String] {
    var lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
    #expect(lines.last?.isEmpty == true, "the last line lacks its end")
    lines.removeLast()
    return lines.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The number of bad rows for each reason that has any.
  var rejected: [String: Int] { Self.present(manifest.totals.rejectedByReason) }
  var repaired: [String: Int] { Self.present(manifest.totals.repairedByRule) }

  private static func present(_ tallies: [Manifest.Tally]) -> [String: Int] {
    Dictionary(uniqueKeysWithValues: tallies.filter { $0.rows > 0 }.map { ($0.name, $0.rows) })
  }

  static func hasSameBytes(_ left: Charts, _ right: Charts) -> Bool {
    left.country == right.country && left.user == right.user
      && left.userCountry == right.userCountry
  }

  /// Compares the three files and the numbers of the manifest with the reference, and checks the
  /// order of the files.
  func expect(
    _ reference: ReferenceCharts, top: Int = 50, partitions: Int = 64, label: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      countryLines == reference.countryLines(top: top), "\(label)", sourceLocation: sourceLocation)
    #expect(
      userLines.sorted() == reference.userLines(top: top).sorted(), "\(label)",
      sourceLocation: sourceLocation)
    #expect(
      userCountryLines.sorted() == reference.userCountryLines().sorted(), "\(label)",
      sourceLocation: sourceLocation)
    expectOrder(partitions: partitions, sourceLocation: sourceLocation)
    let totals = manifest.totals
    #expect(totals.accepted == reference.accepted, "\(label)", sourceLocation: sourceLocation)
    #expect(totals.streams == reference.accepted, "\(label)", sourceLocation: sourceLocation)
    #expect(rejected == reference.rejected, "\(label)", sourceLocation: sourceLocation)
    #expect(repaired == reference.repaired, "\(label)", sourceLocation: sourceLocation)
    #expect(totals.users == reference.songsOfUser.count, "\(label)", sourceLocation: sourceLocation)
    #expect(
      totals.countries == reference.songsOfCountry.count, "\(label)", sourceLocation: sourceLocation
    )
    #expect(
      totals.usersByStreams == reference.usersByStreams, "\(label)", sourceLocation: sourceLocation)
    #expect(
      totals.streamsByCountry == reference.streamsByCountry, "\(label)",
      sourceLocation: sourceLocation)
    #expect(
      manifest.outputs.map(\.bytes) == [country.count, user.count, userCountry.count], "\(label)",
      sourceLocation: sourceLocation)
    #expect(
      manifest.outputs.map(\.lines)
        == [countryLines.count, userLines.count, userCountryLines.count], "\(label)",
      sourceLocation: sourceLocation)
    #expect(
      manifest.outputs.map(\.crc32)
        == [country, user, userCountry].map { $0.withUnsafeBytes { Checksum(of: $0).hex } },
      "\(label)", sourceLocation: sourceLocation)
  }

  /// Checks that both user files have the same users in the same order, and that the order has at
  /// most `partitions` ascending sequences.
  func expectOrder(partitions: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    let users = userLines.map { UInt64($0.prefix { $0 != "|" }) }
    #expect(
      users == userCountryLines.map { UInt64($0.prefix { $0 != "|" }) },
      sourceLocation: sourceLocation)
    let falls = zip(users, users.dropFirst()).filter { ($0 ?? 0) >= ($1 ?? 0) }.count
    #expect(falls < partitions, sourceLocation: sourceLocation)
  }
}

/// Runs commands of the system, such as gzip(1).
enum Tool {
  struct Result {
    let status: Int32
    let output: [UInt8]
  }

  @discardableResult
  static func run(_ arguments: String...) throws -> Result {
    let scratch = try TemporaryFolder()
    try scratch.write("", to: "output")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(
      forWritingTo: URL(fileURLWithPath: scratch.path(of: "output")))
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return Result(status: process.terminationStatus, output: try scratch.readBytes("output"))
  }

  /// `text` as gzip(1) compresses it.
  static func gzipped(_ text: String) throws -> [UInt8] {
    let scratch = try TemporaryFolder()
    try scratch.write(text, to: "text")
    return try withExtendedLifetime(scratch) {
      try run("gzip", "-nc", scratch.path(of: "text")).output
    }
  }
}

extension TemporaryFolder {
  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path(of: name)))
  }

  func readBytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(of: name))))
  }
}
