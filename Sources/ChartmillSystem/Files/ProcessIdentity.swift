internal import Glibc

/// Recognizes processes of this program on this machine.
package enum ProcessIdentity {
  /// Whether the process with that id runs this program. If /proc does not say, any running process
  /// counts as this program.
  package static func isRunning(_ processID: String) -> Bool {
    guard let number = pid_t(processID), number > 0, kill(number, 0) == 0 || errno == EPERM else {
      return false
    }
    guard let own = program(of: "self"), let other = program(of: processID) else { return true }
    return own == other
  }

  /// The path of the executable of a process; nil if /proc does not say.
  private static func program(of process: String) -> String? {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { path in
      guard let start = path.baseAddress else { return nil }
      let count = unsafe readlink("/proc/\(process)/exe", unsafe start, path.count)
      guard count > 0 else { return nil }
      return unsafe String(decoding: path[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
  }
}
