import Foundation

/// The real binary while it runs: to be signalled or waited for.
final class RunningChartmill {
  private let process = Process()
  private let scratch: TemporaryFolder

  init(_ arguments: [String]) throws {
    scratch = try TemporaryFolder()
    process.executableURL = ChartmillProcess.binary
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    try scratch.write("", to: "output")
    try scratch.write("", to: "errors")
    process.standardOutput = try FileHandle(
      forWritingTo: URL(fileURLWithPath: scratch.path(of: "output")))
    process.standardError = try FileHandle(
      forWritingTo: URL(fileURLWithPath: scratch.path(of: "errors")))
    // A child takes over which signals are blocked, and the threads that tests run on block most.
    var (none, blocked) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &blocked)
    defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
    try process.run()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  var processID: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }

  func send(_ signal: Int32) {
    kill(process.processIdentifier, signal)
  }

  func finish() throws -> ChartmillProcess {
    process.waitUntilExit()
    return ChartmillProcess(
      status: (process.terminationReason == .uncaughtSignal ? 128 : 0) + process.terminationStatus,
      output: try scratch.read("output"), errors: try scratch.read("errors"))
  }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }
}
