import Foundation
import Testing

@testable import ChartmillCore

/// All files of a date are made with the same flags, even if a run with different flags was killed.
@Suite(.enabled(if: FaultLibrary.path != nil, "needs a C compiler"))
struct ObsoleteChartsTests {
  @Test(arguments: [
    ["--format", "csv"], ["--top", "7"], ["--compress"], ["--allow-country", "XK"],
  ])
  func theNextRunRemovesWhatAKilledOneLeft(_ flags: [String]) throws {
    let bench = try FaultBench(rows: 200, users: 50)
    let common = ["run", "--logs", bench.logs, "--out", bench.out] + bench.flags
    let expected = try TemporaryFolder()
    #expect(
      try ChartmillProcess.run(
        ["run", "--logs", bench.logs, "--out", expected.path] + bench.flags + flags
      ).status == 0)
    for call in ["renameat", "unlinkat"] {
      for nth in 1...9 {
        try bench.reset()
        // Charts with different flags, a file for each country, and a report.
        #expect(try ChartmillProcess.run(common + ["--per-country"]).status == 0)
        #expect(try ChartmillProcess.run("report", "--charts", bench.out).status == 0)
        let fault = FaultLibrary.Fault(call: call, nth: nth, action: .signal(SIGKILL))
        let killed = try ChildProcess(
          FaultBench.binary, common + flags, environment: fault.environment
        ).wait()
        #expect([0, 128 + SIGKILL].contains(killed.status), "\(fault)")
        let again = try ChartmillProcess.run(common + flags)
        #expect(again.status == 0, "\(again.errors)")
        #expect(try names(in: bench.out) == expected.names(), "\(fault)")
      }
    }
  }

  /// Files that only resemble charts of the day stay.
  @Test func otherFilesStay() throws {
    let logs = try LogBook("1|2|FR\n")
    let out = try TemporaryFolder()
    let others = [
      "user_notes_20260705.txt", "user_top50_20260704.txt", "readme.txt", "report_20260704.html",
    ]
    for name in others { try out.write("mine", to: name) }
    try out.write("old", to: "user_top9_20260705.csv")
    #expect(try logs.run(out: out).status == 0)
    #expect(
      try out.names()
        == (others + [
          "country_top50_20260705.txt", "manifest_20260705.json", "user_country_20260705.txt",
          "user_top50_20260705.txt",
        ]).sorted())
  }
}
