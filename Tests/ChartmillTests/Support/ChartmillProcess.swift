import Foundation

/// The real binary: the one CHARTMILL_BINARY names, else the one built beside the tests.
struct ChartmillProcess {
  let status: Int32
  let output: String
  let errors: String

  /// Runs to the end. A death by signal gives 128 + its number, as in a shell.
  ///
  /// - Parameters:
  ///   - inputPath: what standard input reads; nil for nothing.
  ///   - outputPath: where standard output goes instead of `output`.
  static func run(
    _ arguments: [String], inputPath: String? = nil, outputPath: String? = nil,
    in folder: TemporaryFolder? = nil
  ) throws -> ChartmillProcess {
    // Files, not pipes: nothing can block however much is written.
    let scratch = try TemporaryFolder()
    try scratch.write("", to: "output")
    try scratch.write("", to: "errors")
    let output = outputPath ?? scratch.path(of: "output")
    let process = Process()
    process.executableURL = binary
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: (folder ?? scratch).path)
    process.standardInput =
      try inputPath.map { try FileHandle(forReadingFrom: URL(fileURLWithPath: $0)) }
      ?? FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    process.standardError = try FileHandle(
      forWritingTo: URL(fileURLWithPath: scratch.path(of: "errors")))
    try process.run()
    process.waitUntilExit()
    return ChartmillProcess(
      status: (process.terminationReason == .uncaughtSignal ? 128 : 0) + process.terminationStatus,
      output: try scratch.read("output"), errors: try scratch.read("errors"))
  }

  static func run(_ arguments: String...) throws -> ChartmillProcess {
    try run(arguments)
  }

  static var binary: URL {
    if let path = ProcessInfo.processInfo.environment["CHARTMILL_BINARY"] {
      return URL(fileURLWithPath: path)
    }
    return URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("chartmill")
  }
}
