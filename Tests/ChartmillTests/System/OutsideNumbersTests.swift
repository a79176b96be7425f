import Foundation
import Testing

@testable import ChartmillJobs
@testable import ChartmillModel
@testable import ChartmillSystem

/// Numbers from the kernel and from files may have any value. Arithmetic on them never traps.
@Suite struct OutsideNumbersTests {
  private static let extremes = [Int.min, -1, 0, 1, Int.max]

  @Test func anyFileTimeFits() {
    for seconds in Self.extremes {
      let nanoseconds = File.Status.nanoseconds(timespec(tv_sec: seconds, tv_nsec: 999_999_999))
      #expect(seconds < 0 ? nanoseconds < 1_000_000_000 : nanoseconds >= 999_999_999)
    }
    #expect(
      File.Status.nanoseconds(timespec(tv_sec: 1_800_000_000, tv_nsec: 5))
        == 1_800_000_000_000_000_005)
  }

  @Test func anyFileStatusIsAccepted() {
    for value in Self.extremes {
      var raw = stat()
      raw.st_size = value
      raw.st_mtim = timespec(tv_sec: value, tv_nsec: value)
      raw.st_nlink = .max
      raw.st_ino = .max
      raw.st_dev = .max
      #expect(File.Status(raw).byteCount >= 0)
    }
  }

  @Test func arithmeticSaturates() {
    #expect(Int.max.addingSaturated(1) == .max)
    #expect(Int.min.addingSaturated(-1) == .min)
    #expect(Int.max.addingSaturated(-1) == .max - 1)
    #expect(Int.max.multipliedSaturated(by: 2) == .max)
    #expect(Int.max.multipliedSaturated(by: -2) == .min)
    #expect(Int.min.multipliedSaturated(by: -1) == .max)
    #expect([Int.max, 1, 5].saturatedSum(\.self) == .max)
    #expect([3, 4].checkedSum(\.self) == 7)
    #expect([3, -4].checkedSum(\.self) == nil)
    #expect([Int.max, 1].checkedSum(\.self) == nil)
    let doubles: [(Double, Int)] = [
      (.nan, 0), (.infinity, .max), (-.infinity, .min), (1e300, .max), (-1.9, -1), (7.9, 7),
      (9.223_372_036_854_775_8e18, .max), (-9.223_372_036_854_775_8e18, .min),
    ]
    for (value, expected) in doubles { #expect(Int(saturating: value) == expected, "\(value)") }
  }

  @Test func disksMayHaveAnySize() {
    for bytes in [0, 1, Int.max] {
      for free in [nil, 0, 1, Int.max] {
        let need = DiskNeed(folders: ["a"], bytes: bytes, freeBytes: free)
        #expect((need.verdict == .unknown) == (free == nil))
      }
    }
    let log = JobPlan.Log(
      name: "listen-20260705.log", byteCount: .max, isGzip: false, modified: nil)
    let day = JobPlan.DayPlan(
      day: Day(daysSinceEpoch: 0), logs: [log, log], isKept: false)
    let estimate = DiskEstimate(
      [day, day], keptRows: .max, rowsPerSegment: 0, encoding: ChartEncoding())
    #expect(estimate.spillBytes > 1 << 60 && estimate.outputBytes > 1 << 60)
    #expect(day.byteCount == .max)
  }

  /// A log may have a modification time before 1677 or after 2262.
  @Test(arguments: ["2300-01-01", "1600-01-01", "2262-04-12"], [false, true])
  func logsMayHaveAnyTime(_ date: String, keepsRollups: Bool) throws {
    let logs = try LogBook("1|2|FR\n")
    // A file system that cannot store the time stores the nearest one that it can.
    try Tool.run("touch", "-d", date, "\(logs.path)/listen-20260705.log")
    let state = try TemporaryFolder()
    let flags = keepsRollups ? ["--state", state.path] : []
    for _ in 0..<2 {
      let run = try logs.run(flags)
      #expect(run.status == 0, "\(run.errors)")
    }
    for command in ["plan", "check"] {
      #expect(try ChartmillProcess.run(command, "--logs", logs.path).status == 0, "\(command)")
    }
  }

  @Test func aLogOfManyExbibytesIsPlanned() throws {
    let folder = try TemporaryFolder()
    for part in ["a", "b", "c"] {
      let path = folder.path(of: "listen-20260705-\(part).log")
      try folder.write("", to: "listen-20260705-\(part).log")
      // The largest size that the file system accepts.
      var size: Int64 = 1 << 62
      while truncate(path, Int(size)) != 0, size > 1 { size /= 2 }
    }
    let plan = try ChartmillProcess.run(
      "plan", "--logs", folder.path, "--out", folder.path(of: "charts"))
    #expect(plan.status == 74, "\(plan.errors)")
    #expect(plan.output.contains("does not fit"))
  }
}
