package import ChartmillModel
internal import ChartmillSystem
internal import Glibc

/// A log as it was found, before it is read.
package struct LogFile: Sendable, Equatable {
  package let path: String
  /// The last component of `path`.
  package let name: String
  /// The date in the name; nil if there is none.
  package let day: Day?
  /// The size on disk, in bytes. For standard input it is 0 until all of it is read.
  package var byteCount: Int
  /// The modification time, in nanoseconds since 1970.
  package let modifiedNanoseconds: Int64
  /// The time of the last change of content, name or status, in nanoseconds since 1970. Programs
  /// cannot set it.
  package let changedNanoseconds: Int64
  /// The device of the file. With `inode`, it identifies a file that has several names or links.
  package let device: UInt64
  package let inode: UInt64
  package let isStandardInput: Bool
  /// Whether only the name and the size are known, because the file is in another place.
  package let isListed: Bool
  /// Whether a log without a byte is allowed. False for standard input from which charts are
  /// published, because a failed command at the other end of the pipe writes nothing.
  package let mayBeEmpty: Bool

  /// The path that means standard input. A file with that name is `./-`.
  package static let standardInputPath = "-"

  /// Whether the name ends like that of a gzip file. `TextReader` decides by the content instead.
  package var isGzip: Bool { name.hasSuffix(".gz") }

  package var stem: String { LogName.stem(of: name) }

  /// The later of the two times, in microseconds since 1970, as the manifest stores it.
  package var changedMicroseconds: Int {
    Int(max(modifiedNanoseconds, changedNanoseconds)) / 1000
  }

  /// Reads the status of a file without opening it. Links are followed.
  ///
  /// Throws `LogError.notARegularFile`, and `SystemError` if there is no such file.
  package init(path: String) throws {
    var raw = stat()
    _ = try File.retryingInterrupts("stat", path, .reading) { unsafe stat(path, &raw) }
    guard raw.st_mode & S_IFMT == S_IFREG else { throw LogError.notARegularFile(path: path) }
    self.path = path
    name = Path.last(of: path)
    day = LogName.day(of: name)
    isStandardInput = false
    isListed = false
    mayBeEmpty = true
    byteCount = max(0, Int(raw.st_size))
    modifiedNanoseconds = File.Status.nanoseconds(raw.st_mtim)
    changedNanoseconds = File.Status.nanoseconds(raw.st_ctim)
    device = UInt64(raw.st_dev)
    inode = UInt64(raw.st_ino)
  }

  /// A log from standard input. Errors name it by `path`, which may be a URI.
  package init(standardInputNamed path: String, mayBeEmpty: Bool = true) {
    self.mayBeEmpty = mayBeEmpty
    self.path = path
    name = Path.last(of: path)
    day = LogName.day(of: name)
    isStandardInput = true
    isListed = false
    byteCount = 0
    modifiedNanoseconds = 0
    changedNanoseconds = 0
    device = 0
    inode = 0
  }

  /// The modification time in milliseconds since 1970; nil if a list did not give it.
  package var modifiedMilliseconds: Int? {
    isListed && modifiedNanoseconds == 0 ? nil : Int(modifiedNanoseconds / 1_000_000)
  }

  /// A log that is known only from a list of `folder`.
  package init(
    listed name: String, in folder: String, byteCount: Int, modifiedMilliseconds: Int64?
  ) {
    path = Path.join(folder, name)
    self.name = name
    day = LogName.day(of: name)
    isStandardInput = false
    isListed = true
    mayBeEmpty = true
    self.byteCount = byteCount
    modifiedNanoseconds = (modifiedMilliseconds ?? 0).multipliedSaturated(by: 1_000_000)
    changedNanoseconds = 0
    device = 0
    inode = 0
  }

  /// The order by the bytes of the names, then of the paths. It is the same in every locale.
  package static func precedes(_ left: LogFile, _ right: LogFile) -> Bool {
    if left.name.utf8.elementsEqual(right.name.utf8) {
      return left.path.utf8.lexicographicallyPrecedes(right.path.utf8)
    }
    return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
  }
}

/// The logs of one day: one file, or several parts with different stems.
package struct DayLogs: Sendable, Equatable {
  package let day: Day
  /// The logs, ordered by name. Empty only for a day whose kept rollup has outlived its logs.
  package var files: [LogFile]

  package init(day: Day, files: [LogFile]) {
    self.day = day
    self.files = files
  }

  package var isStandardInput: Bool { files.contains { $0.isStandardInput } }

  /// The total size of the logs on disk, in bytes. The sum saturates.
  package var byteCount: Int { files.saturatedSum(\.byteCount) }
}
