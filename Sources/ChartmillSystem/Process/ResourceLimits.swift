internal import Glibc

/// The limits that the control groups of this process set, such as the limits of a container or
/// service.
///
/// Version 2 of the kernel's interface has one tree of groups, version 1 has one tree per resource,
/// and a machine can have both. A group is subject to the limits of all groups above it. Inside a
/// container, the kernel can report a path that begins above the mounted folder. In that case, only
/// the visible groups count.
package struct ResourceLimits: Sendable, Equatable {
  package struct Memory: Sendable, Equatable {
    package let byteCount: Int
    /// The file that sets the limit.
    package let path: String
  }

  /// The lowest memory limit; nil if there is none.
  package let memory: Memory?
  /// The lowest limit of processor time in cores, rounded up; nil if there is none.
  package let cores: Int?

  /// The limits of this process when it first asked for them.
  package static let current = ResourceLimits()

  /// - Parameter root: the folder that holds `proc` and `sys`. Tests use a folder other than `/`.
  package init(root: String = "/") {
    let root = root.hasSuffix("/") ? String(root.dropLast()) : root
    var memory: Memory?
    var cores: Double?
    func take(_ bytes: Int?, _ path: String) {
      guard let bytes, bytes > 0 else { return }
      if memory.map({ bytes < $0.byteCount }) ?? true {
        memory = Memory(byteCount: bytes, path: String(path.dropFirst(root.count)))
      }
    }
    func take(quota: Int?, period: Int?) {
      guard let quota, let period, quota > 0, period > 0 else { return }
      cores = min(cores ?? .infinity, Double(quota) / Double(period))
    }
    for line in Self.text(of: root + "/proc/self/cgroup").split(separator: "\n") {
      // `ID:CONTROLLERS:PATH`. In version 2, the ID is 0 and there are no controllers.
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let path = String(fields[2])
      if fields[1].isEmpty {
        for mount in ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] {
          for folder in Self.folders(from: path, in: root + mount) {
            take(Self.number(of: folder + "/memory.max"), folder + "/memory.max")
            let words = Self.text(of: folder + "/cpu.max").split { $0 == " " || $0 == "\n" }
            if words.count == 2 { take(quota: Int(words[0]), period: Int(words[1])) }
          }
        }
        continue
      }
      let controllers = fields[1].split(separator: ",")
      if controllers.contains("memory") {
        for folder in Self.folders(from: path, in: root + "/sys/fs/cgroup/memory") {
          let file = folder + "/memory.limit_in_bytes"
          take(Self.number(of: file), file)
        }
      }
      if controllers.contains("cpu") {
        for mount in ["cpu", "cpu,cpuacct"] {
          for folder in Self.folders(from: path, in: root + "/sys/fs/cgroup/" + mount) {
            take(
              quota: Self.number(of: folder + "/cpu.cfs_quota_us"),
              period: Self.number(of: folder + "/cpu.cfs_period_us"))
          }
        }
      }
    }
    // Version 1 writes "no limit" as a number near 2^63, rounded down to pages.
    self.memory = memory.flatMap { $0.byteCount < 1 << 62 ? $0 : nil }
    self.cores = cores.map { max(1, Int(saturating: $0.rounded(.up))) }
  }

  /// The folder of a group and the folders above it, up to the mounted one.
  private static func folders(from path: String, in mount: String) -> [String] {
    var names = path.split(separator: "/").filter { $0 != ".." && $0 != "." }
    var folders: [String] = []
    while true {
      folders.append(names.isEmpty ? mount : mount + "/" + names.joined(separator: "/"))
      if names.popLast() == nil { return folders }
    }
  }

  /// The number in a file; nil if the file says `max` or does not exist.
  private static func number(of path: String) -> Int? {
    Int(text(of: path).prefix { $0 != "\n" })
  }

  private static func text(of path: String) -> String {
    guard let file = try? File.open(reading: path) else { return "" }
    // A list of groups has a few dozen lines.
    return unsafe withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { buffer in
      let count = unsafe (try? file.read(into: buffer)) ?? 0
      return unsafe String(decoding: buffer[..<count], as: UTF8.self)
    }
  }
}
