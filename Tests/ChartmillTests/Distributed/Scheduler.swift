import Foundation
import Testing

@testable import ChartmillModel

/// Runs a distributed job like a scheduler, with files instead of a shuffle. Logs become frames,
/// the frames of each destination become a part, and the parts become a folder of charts.
final class Scheduler {
  let scratch: TemporaryFolder
  let partitions: Int
  private let commonFlags: [String]
  private let rollupFlags: [String]
  private let chartFlags: [String]
  private let assembleFlags: [String]
  /// Whether the files of users stay in parts, which the manifest names.
  private let keepsParts: Bool

  init(
    partitions: Int = 8, common: [String] = [], rollup: [String] = [], chart: [String] = [],
    assemble: [String] = [], keepsParts: Bool = false
  ) throws {
    self.keepsParts = keepsParts
    scratch = try TemporaryFolder()
    self.partitions = partitions
    commonFlags = ["--partitions", "\(partitions)"] + common
    rollupFlags = rollup
    chartFlags = chart
    assembleFlags = assemble
  }

  /// A frame as a scheduler sees it through the documented interface. The header has 105 bytes. Its
  /// words from byte 25 on are the magic number, the destination and the number of payload bytes.
  struct Frame: Equatable {
    var bytes: [UInt8]

    private func word(_ index: Int) -> Int {
      Int(
        bytes.withUnsafeBytes {
          UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 25 + 8 * index, as: UInt64.self))
        })
    }

    var destination: Int { word(1) }
    var byteCount: Int { 105 + word(2) }

    static func all(of stream: [UInt8]) -> [Frame] {
      var frames: [Frame] = []
      var rest = stream[...]
      while !rest.isEmpty {
        let frame = Frame(bytes: Array(rest))
        frames.append(Frame(bytes: Array(rest.prefix(frame.byteCount))))
        rest = rest.dropFirst(frame.byteCount)
      }
      return frames
    }
  }

  /// Runs a command on bytes, and expects it to succeed.
  private func run(_ arguments: [String], on input: [UInt8]) throws -> [UInt8] {
    let process = try attempt(arguments, on: input)
    try #require(process.status == 0, "\(arguments): \(process.errors)")
    return try scratch.readBytes("out")
  }

  private func attempt(_ arguments: [String], on input: [UInt8]) throws -> ChartmillProcess {
    try scratch.write(input, to: "in")
    try scratch.write("", to: "out")
    return try ChartmillProcess.run(
      arguments, inputPath: scratch.path(of: "in"), outputPath: scratch.path(of: "out"),
      in: scratch)
  }

  func frames(ofLog path: String) throws -> [Frame] {
    Frame.all(of: try run(["rollup", path, "--frames"] + commonFlags + rollupFlags, on: []))
  }

  func frames(ofStandardInput text: [UInt8], name: String) throws -> [Frame] {
    Frame.all(
      of: try run(
        ["rollup", "-", "--name", name, "--frames"] + commonFlags + rollupFlags, on: text))
  }

  /// The outputs of one destination's frames.
  struct Part {
    var lines: [UInt8]
    var userCountries: [UInt8] = []
    var counts: [UInt8]
  }

  func part(_ destination: Int, _ frames: [Frame]) throws -> Part {
    let output = try run(arguments(ofChart: destination), on: frames.flatMap(\.bytes))
    if destination >= partitions { return Part(lines: [], counts: output) }
    return Part(
      lines: output, userCountries: try scratch.readBytes("user-countries"),
      counts: try scratch.readBytes("counts"))
  }

  func attemptPart(_ destination: Int, _ bytes: [UInt8]) throws -> ChartmillProcess {
    try attempt(arguments(ofChart: destination), on: bytes)
  }

  private func arguments(ofChart destination: Int) -> [String] {
    let flags = ["chart", "--partition", "\(destination % partitions)"] + commonFlags + chartFlags
    if destination >= partitions { return flags + ["--records", "countries"] }
    let names = partNames(destination)
    return flags + ["--user-countries", "user-countries", "--counts", "counts"]
      + (keepsParts ? ["--charts-name", names[0], "--user-countries-name", names[1]] : [])
  }

  /// The names of the parts of both files of users.
  private func partNames(_ partition: Int) -> [String] {
    ["parts/users-\(partition).gz", "parts/countries-\(partition).gz"]
      .map { assembleFlags.contains("--compress") ? $0 : String($0.dropLast(3)) }
  }

  func assemble(_ counts: [UInt8], out: TemporaryFolder) throws -> ChartmillProcess {
    try attempt(
      ["assemble", "--out", out.path] + commonFlags + assembleFlags
        + (keepsParts ? ["--stored-in", "parts"] : []), on: counts)
  }

  /// Everything that `assemble` reads, and the files of users.
  struct Parts {
    var counts: [[UInt8]] = []
    var lines: [UInt8] = []
    var userCountries: [UInt8] = []
    /// The files of each partition's users, by their names.
    var files: [String: [UInt8]] = [:]
  }

  func parts(of frames: [Frame]) throws -> Parts {
    let byDestination = Dictionary(grouping: frames, by: \.destination)
    var parts = Parts()
    parts.counts = byDestination[2 * partitions, default: []].map(\.bytes)
    for destination in 0..<(2 * partitions) {
      let part = try part(destination, byDestination[destination, default: []])
      parts.counts.append(part.counts)
      parts.lines += part.lines
      parts.userCountries += part.userCountries
      if destination < partitions {
        let names = partNames(destination)
        parts.files[names[0]] = part.lines
        parts.files[names[1]] = part.userCountries
      }
    }
    return parts
  }

  /// Makes the charts of all frames; returns the folder that they were published in.
  func charts(of frames: [Frame]) throws -> TemporaryFolder {
    let parts = try parts(of: frames)
    let out = try TemporaryFolder()
    let process = try assemble(parts.counts.flatMap(\.self), out: out)
    try #require(process.status == 0, "\(process.errors)")
    let manifest = try Self.manifest(in: out)
    if keepsParts {
      try FileManager.default.createDirectory(
        atPath: out.path(of: "parts"), withIntermediateDirectories: false)
      for name in try out.names() where name != "parts" && !name.hasPrefix("manifest") {
        try FileManager.default.moveItem(
          atPath: out.path(of: name), toPath: out.path(of: "parts/\(name)"))
      }
      for output in manifest.outputs {
        for name in output.paths {
          if let bytes = parts.files[name] { try out.write(bytes, to: name) }
        }
      }
      return out
    }
    let names = try out.names()
    for (output, bytes) in zip(manifest.outputs[1...2], [parts.lines, parts.userCountries])
    where !names.contains(output.name) {
      try out.write(bytes, to: output.name)
    }
    return out
  }

  static func manifest(in folder: TemporaryFolder) throws -> Manifest {
    let name = try #require(try folder.names().first { $0.hasPrefix("manifest_") })
    return try Manifest(json: try folder.readBytes(name))
  }
}
