package import ChartmillModel
internal import ChartmillSystem
internal import Glibc

/// A log on disk, as found: nothing of it has been read.
package struct LogFile: Sendable, Equatable {
  package let path: String
  /// The last component of `path`.
  package let name: String
  /// The date the name carries.
  package let day: Day?
  /// As it is stored; of standard input known when it was read.
  package var byteCount: Int
  /// Modification time in nanoseconds since 1970.
  package let modifiedNanoseconds: Int64
  /// When content, name or time were changed last, in nanoseconds since 1970: nobody can set it.
  package let changedNanoseconds: Int64
  /// Device and inode name the file behind links.
  package let device: UInt64
  package let inode: UInt64
  /// No file, but what the process reads.
  package let isStandardInput: Bool
  /// False for standard input of which a run would publish that the day had no rows: nothing at all
  /// comes from a command that failed.
  package let mayBeEmpty: Bool

  /// What names standard input among files; `./-` is a file of that name.
  package static let standardInputPath = "-"

  /// By name; the reader looks at the content.
  package var isGzip: Bool { name.hasSuffix(".gz") }

  package var stem: String { LogName.stem(of: name) }

  /// The later one of both times, as a manifest holds it.
  package var changedMicroseconds: Int {
    Int(max(modifiedNanoseconds, changedNanoseconds)) / 1000
  }

  /// Looks at the file; links are followed, fifos are not waited for.
  ///
  /// Throws `notARegularFile`, or `input` if there is nothing to look at.
  package init(path: String) throws {
    var raw = stat()
    _ = try File.retryingInterrupts("stat", path, .reading) { unsafe stat(path, &raw) }
    guard raw.st_mode & S_IFMT == S_IFREG else { throw LogError.notARegularFile(path: path) }
    self.path = path
    name = Path.last(of: path)
    day = LogName.day(of: name)
    isStandardInput = false
    mayBeEmpty = true
    byteCount = max(0, Int(raw.st_size))
    modifiedNanoseconds = File.Status.nanoseconds(raw.st_mtim)
    changedNanoseconds = File.Status.nanoseconds(raw.st_ctim)
    device = UInt64(raw.st_dev)
    inode = UInt64(raw.st_ino)
  }

  /// A log that comes by standard input. Errors name it by `path`, which may be a URI.
  package init(standardInputNamed path: String, mayBeEmpty: Bool = true) {
    self.mayBeEmpty = mayBeEmpty
    self.path = path
    name = Path.last(of: path)
    day = LogName.day(of: name)
    isStandardInput = true
    byteCount = 0
    modifiedNanoseconds = 0
    changedNanoseconds = 0
    device = 0
    inode = 0
  }

  /// By the bytes of the names, then of the paths: the same in every locale.
  package static func precedes(_ left: LogFile, _ right: LogFile) -> Bool {
    if left.name.utf8.elementsEqual(right.name.utf8) {
      return left.path.utf8.lexicographicallyPrecedes(right.path.utf8)
    }
    return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
  }
}

/// The logs of one date: one file, or several parts with different stems.
package struct DayLogs: Sendable, Equatable {
  package let day: Day
  /// By name. Empty only for a day whose kept rollup has outlived its logs.
  package var files: [LogFile]

  package init(day: Day, files: [LogFile]) {
    self.day = day
    self.files = files
  }

  package var isStandardInput: Bool { files.contains { $0.isStandardInput } }

  /// Of all its logs, as they are stored.
  package var byteCount: Int { files.saturatedSum(\.byteCount) }
}
