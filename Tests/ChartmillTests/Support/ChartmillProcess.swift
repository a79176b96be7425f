import Foundation

/// A finished execution of the real program. The program is the one that CHARTMILL_BINARY names, or
/// else the one that is built beside the tests.
struct ChartmillProcess {
  let status: Int32
  let output: String
  let errors: String

  /// Runs the program to its end. The status after a death by signal is 128 + the signal's number,
  /// as in a shell.
  ///
  /// - Parameters:
  ///   - inputPath: the file that is standard input; nil for an empty one.
  ///   - outputPath: the file that gets standard output instead of `output`.
  static func run(
    _ arguments: [String], inputPath: String? = nil, outputPath: String? = nil,
    in folder: TemporaryFolder? = nil
  ) throws -> ChartmillProcess {
    // The output goes to files, because writing to a file never blocks, however much is written.
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
