import Foundation

@testable import Chartmill

/// A user file of made-up lines, as `run` would order them, and a search in it.
final class UserFileFixture {
  static let top = 3

  let scheme: PartitionScheme
  let isGzip: Bool
  /// By user, the line behind the key.
  let lines: [UInt64: String]
  private(set) var bytes: [UInt8] = []
  var partitionStarts: [Int] = []
  private let folder: TemporaryFolder

  /// - Parameter memberLines: lines of a gzip member.
  init(
    _ lines: [UInt64: String], partitions: Int, isGzip: Bool, memberLines: Int = 5
  ) throws {
    scheme = PartitionScheme(partitions: partitions)
    self.isGzip = isGzip
    self.lines = lines
    folder = try TemporaryFolder()
    let users = Dictionary(grouping: lines.keys) { [scheme] in Int(scheme.splitUser($0).partition) }
    for partition in 0..<partitions {
      partitionStarts.append(bytes.count)
      var rest = (users[partition] ?? []).sorted()[...]
      while !rest.isEmpty {
        let text = rest.prefix(memberLines).map { "\($0)|\(lines[$0] ?? "")\n" }.joined()
        bytes += isGzip ? Self.member(text) : Array(text.utf8)
        rest = rest.dropFirst(memberLines)
      }
    }
    try write(bytes)
  }

  /// Of that partition, ascending.
  func users(of partition: Int) -> [UInt64] {
    lines.keys.filter { scheme.splitUser($0).partition == UInt64(partition) }.sorted()
  }

  func write(_ bytes: [UInt8]) throws {
    self.bytes = bytes
    try folder.write(bytes, to: name)
  }

  /// The user's line behind the key, nil when the search finds none.
  ///
  /// - Parameter storedBytes: what the manifest says of the file's size; nil for what it is.
  func find(
    _ user: UInt64, scannedBytes: Int = 1, storedBytes: Int? = nil
  ) throws(ChartsError) -> String? {
    let entry = Manifest.Output(
      name: name, bytes: storedBytes ?? bytes.count, lines: lines.count, crc32: 0,
      partitionStarts: partitionStarts)
    let search = try UserLineSearch(
      PublishedFile(entry, path: folder.path(of: name), format: .text, top: Self.top),
      scheme: scheme,
      scannedBytes: scannedBytes)
    var found: [String] = []
    var checker = SongListChecker(top: Self.top)
    let isThere = try search.find(user) { parser in
      let problem = checker.check(&parser)
      found = checker.songs.map { "\($0.song):\($0.streams)" }
      return problem
    }
    return isThere ? found.joined(separator: ",") : nil
  }

  private var name: String { isGzip ? "users.txt.gz" : "users.txt" }

  private static func member(_ text: String) -> [UInt8] {
    Array(text.utf8).withUnsafeBytes { text in
      [UInt8](unsafeUninitializedCapacity: GzipMember.bound(text.count)) { buffer, count in
        count = GzipMember.writeDeflated(
          text, into: UnsafeMutableRawBufferPointer(buffer), deflate: Deflate())
      }
    }
  }
}

extension UserFileFixture {
  /// A seeded chart line of one to three songs.
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
