import Foundation
import Testing

@Suite struct BrokenPipeTests {
  /// `chartmill --help | true` succeeds and prints no error.
  @Test func aReaderThatStopsReadingIsNoFailure() throws {
    let pipe = Pipe()
    let errors = Pipe()
    let process = Process()
    process.executableURL = ChartmillProcess.binary
    process.arguments = ["--help"]
    process.standardOutput = pipe
    process.standardError = errors
    try pipe.fileHandleForReading.close()
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 0)
    #expect(try errors.fileHandleForReading.readToEnd() ?? Data() == Data())
  }
}
