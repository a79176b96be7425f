import Foundation
import Testing

@testable import ChartmillSystem

/// The limits of control groups, read from trees of files that the test creates.
@Suite struct ResourceLimitsTests {
  private func limits(_ files: [String: String]) throws -> ResourceLimits {
    let root = try TemporaryFolder()
    for (path, text) in files {
      let url = URL(fileURLWithPath: root.path + path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    return withExtendedLifetime(root) { ResourceLimits(root: root.path) }
  }

  @Test func withoutFilesThereIsNoLimit() throws {
    let none = try limits([:])
    #expect(none.memory == nil && none.cores == nil)
    #expect(none.defaultMemory == 256 << 20)
  }

  @Test func version2TakesTheSmallestLimitOfThePath() throws {
    let found = try limits([
      "/proc/self/cgroup": "0::/a.slice/b.service\n",
      "/sys/fs/cgroup/a.slice/b.service/memory.max": "max\n",
      "/sys/fs/cgroup/a.slice/b.service/cpu.max": "150000 100000\n",
      "/sys/fs/cgroup/a.slice/memory.max": "104857600\n",
      "/sys/fs/cgroup/a.slice/cpu.max": "max 100000\n",
      "/sys/fs/cgroup/memory.max": "1073741824\n",
    ])
    #expect(
      found.memory == .init(byteCount: 100 << 20, path: "/sys/fs/cgroup/a.slice/memory.max"))
    #expect(found.cores == 2)
    #expect(found.defaultMemory == 75 << 20)
  }

  @Test func version1HasATreeForEachResource() throws {
    let found = try limits([
      "/proc/self/cgroup": "5:cpu,cpuacct:/x\n4:memory:/y/z\n1:name=systemd:/\n0::/\n",
      "/sys/fs/cgroup/memory/y/z/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/memory/y/memory.limit_in_bytes": "50331648\n",
      "/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    ])
    #expect(found.memory?.byteCount == 48 << 20)
    #expect(found.cores == 1)
    #expect(found.defaultMemory == 36 << 20)
  }

  /// The kernel names the path on the host, but the mounted tree begins at the container's group.
  @Test func aContainerSeesItsOwnGroupAtTheTop() throws {
    let found = try limits([
      "/proc/self/cgroup": "0::/docker/0123\n", "/sys/fs/cgroup/memory.max": "41943040\n",
      "/sys/fs/cgroup/cpu.max": "400000 100000\n",
    ])
    #expect(found.memory?.byteCount == 40 << 20)
    #expect(found.cores == 4)
    #expect(found.defaultMemory == 32 << 20)
  }

  @Test func aLimitThatIsNotANumberIsIgnored() throws {
    for text in [
      "", "max\n", "-1\n", "0\n", "x\n", "99999999999999999999\n", "9223372036854775807\n",
    ] {
      let found = try limits([
        "/proc/self/cgroup": "0::/../..//.\nrubbish\n:::\n", "/sys/fs/cgroup/memory.max": text,
        "/sys/fs/cgroup/cpu.max": "max " + text,
      ])
      #expect(found.memory == nil && found.cores == nil, "\(text)")
    }
  }
}
