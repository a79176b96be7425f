import Foundation

@testable import ChartmillCore
@testable import ChartmillModel
@testable import ChartmillReader
@testable import ChartmillSystem

/// A file of user charts in the order that `run` writes, and a lookup in it.
final class UserFileFixture {
  static let top = 3

  let scheme: PartitionScheme
  let format: ChartFormat
  let isGzip: Bool
  /// Each user's line, without the key.
  let lines: [UInt64: String]
  private(set) var bytes: [UInt8] = []
  var partitionStarts: [Int] = []
  private let folder: TemporaryFolder

  /// - Parameters:
  ///   - lines: each user's line in the text format, without the key. For another format, the same
  ///     charts are written in that format.
  ///   - memberLines: the number of users per gzip member.
  init(
    _ lines: [UInt64: String], partitions: Int, format: ChartFormat = .text, isGzip: Bool,
    memberLines: Int = 5
  ) throws {
    self.format = format
    scheme = PartitionScheme(partitions: partitions)
    self.isGzip = isGzip
    self.lines = lines
    folder = try TemporaryFolder()
    let users = Dictionary(grouping: lines.keys) { [scheme] in Int(scheme.splitUser($0).partition) }
    let header = String(describing: format.chartHeader(.user))
    for partition in 0..<partitions {
      partitionStarts.append(bytes.count)
      if partition == 0, !header.isEmpty {
        bytes += isGzip ? Self.member(header) : Array(header.utf8)
      }
      var rest = (users[partition] ?? []).sorted()[...]
      while !rest.isEmpty {
        let text = rest.prefix(memberLines).map { Self.text($0, lines[$0] ?? "", format) }.joined()
        bytes += isGzip ? Self.member(text) : Array(text.utf8)
        rest = rest.dropFirst(memberLines)
      }
    }
    try write(bytes)
  }

  /// The users of a partition, ascending.
  func users(of partition: Int) -> [UInt64] {
    lines.keys.filter { scheme.splitUser($0).partition == UInt64(partition) }.sorted()
  }

  func write(_ bytes: [UInt8]) throws {
    self.bytes = bytes
    try folder.write(bytes, to: name)
  }

  /// The user's line without the key; nil if the search finds none.
  ///
  /// - Parameter storedBytes: the size that the manifest gives; nil for the real size.
  func find(
    _ user: UInt64, scannedBytes: Int = 1, storedBytes: Int? = nil
  ) throws -> String? {
    let entry = Manifest.Output(
      name: name, bytes: storedBytes ?? bytes.count, lines: lines.count, crc32: 0,
      partitionStarts: partitionStarts)
    let file = try PublishedFile(
      entry, in: folder.path, format: format, top: Self.top)
    let search = try UserLineSearch(
      file, header: format.chartHeader(.user), scheme: scheme, scannedBytes: scannedBytes)
    guard let lines = try search.lines(of: user) else { return nil }
    var entries = ChartEntries.users(file, lines)
    guard try entries.next() == user else { return "another user's" }
    return entries.songs.map { "\($0.song):\($0.streams)" }.joined(separator: ",")
  }

  /// The lines of a user's chart in `format`.
  private static func text(_ user: UInt64, _ chart: String, _ format: ChartFormat) -> String {
    let songs = chart.split(separator: ",").map { $0.split(separator: ":") }
    switch format {
    case .text: return "\(user)|\(chart)\n"
    case .csv:
      return songs.enumerated().map { "\(user),\($0 + 1),\($1[0]),\($1[1])\n" }.joined()
    case .jsonl:
      let objects = songs.map { "{\"sng_id\":\($0[0]),\"streams\":\($0[1])}" }
      return "{\"user_id\":\(user),\"chart\":[\(objects.joined(separator: ","))]}\n"
    }
  }

  private var name: String { isGzip ? "users.txt.gz" : "users.txt" }

  private static func member(_ text: String) -> [UInt8] {
    Array(text.utf8).withUnsafeBytes { text in
      [UInt8](unsafeUninitializedCapacity: GzipMember.bound(text.count)) { buffer, count in
        count = GzipMember.writeDeflated(
          text, into: UnsafeMutableRawBufferPointer(buffer), ZlibCompressor())
      }
    }
  }
}

extension UserFileFixture {
  /// A random chart of 1 to `top` songs in the text format, without its key.
  static func chart(_ random: inout some RandomNumberGenerator) -> String {
    var streams = UInt64.random(in: 4...1000, using: &random)
    var songs = Set<UInt64>()
    return (0..<Int.random(in: 1...top, using: &random)).map { _ in
      var song =
        UInt64.random(in: 0...UInt64(Int64.max), using: &random)
        >> UInt64.random(in: 0...60, using: &random)
      while !songs.insert(song).inserted { song += 1 }
      streams -= 1
      return "\(song):\(streams)"
    }.joined(separator: ",")
  }
}
