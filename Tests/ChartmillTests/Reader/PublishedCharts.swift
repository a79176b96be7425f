import Foundation

@testable import ChartmillCore
@testable import ChartmillModel
@testable import ChartmillSystem

/// Charts that the real program published from a small log. Tests can change them.
final class PublishedCharts {
  static let date = "20260705"
  static let countries = "country_top3_20260705.txt"
  static let users = "user_top3_20260705.txt"
  static let userCountries = "user_country_20260705.txt"
  static let manifest = "manifest_20260705.json"

  private let folder: TemporaryFolder
  var path: String { folder.path(of: "out") }

  init(flags: [String] = []) throws {
    folder = try TemporaryFolder()
    var rows = ""
    for user in 1...12 {
      for song in 1...5 {
        // Songs 2 and 3 are tied, and so are songs 4 and 5.
        let row = "\(song * 10)|\(user)|\(["DE", "FR", "IT"][user % 3])\n"
        rows += String(repeating: row, count: 1 + (5 - song + 1) / 2)
      }
    }
    try folder.write(rows, to: "listen-20260705.log")
    let run = try ChartmillProcess.run(
      [
        "run", folder.path(of: "listen-20260705.log"), "--out", path, "--partitions", "4",
        "--quiet",
      ] + (flags.contains("--top") ? [] : ["--top", "3"]) + flags)
    guard run.status == 0 else { throw SetupError(text: run.errors) }
  }

  struct SetupError: Error {
    let text: String
  }

  func text(of name: String) throws -> String { try folder.read("out/\(name)") }

  func lines(of name: String) throws -> [String] {
    try text(of: name).split(separator: "\n").map(String.init)
  }

  /// Replaces a file's text. With `vouching`, the manifest gets the new size, CRC and number of
  /// lines, so that only the content of the text can be wrong.
  func replace(_ name: String, _ text: String, vouching: Bool) throws {
    try folder.write(text, to: "out/\(name)")
    guard vouching else { return }
    try editManifest { manifest in
      let bytes = Array(text.utf8)
      for index in manifest.outputs.indices where manifest.outputs[index].name == name {
        let lines = bytes.filter { $0 == 10 }.count
        manifest.outputs[index].bytes = bytes.count
        manifest.outputs[index].crc32 = bytes.withUnsafeBytes { Checksum(of: $0).hex }
        manifest.outputs[index].lines = lines
        if name != Self.countries {
          manifest.outputs[index].partitionStarts = Self.partitionStarts(bytes, manifest.partitions)
        }
      }
    }
  }

  /// The byte offsets at which the partitions of a user file begin.
  static func partitionStarts(_ text: [UInt8], _ partitions: Int) -> [Int] {
    let scheme = PartitionScheme(partitions: partitions)
    var starts: [Int] = []
    var offset = 0
    for line in text.split(separator: 10, omittingEmptySubsequences: false).dropLast() {
      let key = String(decoding: line.prefix { $0 != UInt8(ascii: "|") }, as: UTF8.self)
      let partition = UInt64(key).map { Int(scheme.splitUser($0).partition) } ?? 0
      while starts.count <= partition { starts.append(offset) }
      offset += line.count + 1
    }
    return starts + Array(repeating: text.count, count: partitions - starts.count)
  }

  func editManifest(_ edit: (inout Manifest) -> Void) throws {
    let path = "out/\(Self.manifest)"
    var manifest = try Manifest(json: Array(try folder.read(path).utf8))
    edit(&manifest)
    try folder.write(String(decoding: manifest.encoded(), as: UTF8.self), to: path)
  }

  /// Stores each user file as one file per partition, as a distributed job does. Returns the names
  /// of the parts, without those of empty partitions.
  func split() throws -> [[String]] {
    try FileManager.default.createDirectory(
      atPath: "\(path)/parts", withIntermediateDirectories: false)
    var names: [[String]] = []
    try editManifest { manifest in
      for index in 1...2 {
        let output = manifest.outputs[index]
        let bytes = Array((try? self.text(of: output.name))?.utf8 ?? "".utf8)
        let ends = output.partitionStarts.dropFirst() + [output.bytes]
        var files: [String] = []
        for (partition, (start, end)) in zip(output.partitionStarts, ends).enumerated()
        where start < end {
          files.append("parts/\(output.name).\(partition)")
          try? folder.write(
            String(decoding: bytes[start..<end], as: UTF8.self), to: "out/" + files[files.count - 1]
          )
        }
        manifest.outputs[index].files = files
        names.append(files)
      }
    }
    try remove(Self.users)
    try remove(Self.userCountries)
    return names
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
  }

  func show(_ arguments: String...) throws -> ChartmillProcess {
    try ChartmillProcess.run(["show", "--charts", path] + arguments)
  }

  func verify(_ arguments: String...) throws -> ChartmillProcess {
    try ChartmillProcess.run(["verify", "--charts", path] + arguments)
  }
}
