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

/// A folder of logs, of which names are read first: only an entry that its name puts in the window
/// is looked at.
package struct LogFolder {
  package let path: String

  package init(path: String) {
    self.path = path
  }

  /// What the names in a folder say.
  package struct Contents {
    /// The logs of the window, by name; none when they are more than was asked for.
    package var logs: [LogFile] = []
    /// How many there are.
    package var logCount = 0
    /// Logs of other days, those in `future` apart.
    package var outside = NameExamples()
    /// Logs that are dated too far ahead of the clock to end a window.
    package var future = NameExamples()
    /// Almost named like logs.
    package var nearMisses = NameExamples()
    /// All other names that are not hidden.
    package var others = NameExamples()
    /// There are manifests of published charts.
    package var holdsCharts = false

    package init() {}
  }

  /// The newest day of a log that is not later than `limit`; nil when there is none.
  package func newestDay(notAfter limit: Day?) throws -> Day? {
    var newest: Day?
    try forEachEntry { entry in
      guard let day = entry.day, day <= limit ?? day else { return }
      newest = max(newest ?? day, day)
    }
    return newest
  }

  /// Reads the names, and looks at the logs of the window. Logs after `limit` are in the future.
  ///
  /// Memory: some hundred bytes for each log of the window, and at most `maxLogs` of them. Throws `input` if the folder or a log of
  /// the window cannot be looked at (a dangling link), `notARegularFile` for a log that is a folder,
  /// a fifo …, and `notAFolder`.
  package func contents(
    of window: ClosedRange<Day>?, notAfter limit: Day? = nil, maxLogs: Int = .max
  ) throws -> Contents {
    var contents = Contents()
    var names: [String] = []
    try forEachEntry { entry in
      if let name = entry.text, let day = entry.day {
        if let window, window.contains(day) {
          contents.logCount += 1
          if contents.logCount <= maxLogs { names.append(name) }
        } else if let limit, day > limit {
          contents.future.add(entry.name)
        } else {
          contents.outside.add(entry.name)
        }
      } else if LogName.isNearMiss(entry.name, isFolder: entry.isFolder) {
        contents.nearMisses.add(entry.name)
      } else if entry.name.first != UInt8(ascii: ".") {
        contents.others.add(entry.name)
      }
      if let name = entry.text, OutputNames.day(ofManifest: name) != nil {
        contents.holdsCharts = true
      }
    }
    if contents.logCount > maxLogs { return contents }
    for name in names { contents.logs.append(try LogFile(path: Path.join(path, name))) }
    contents.logs.sort(by: LogFile.precedes)
    return contents
  }

  private struct Entry {
    let name: [UInt8]
    /// The name, if it is UTF-8.
    let text: String?
    /// The day the entry is a log of, by its name.
    let day: Day?
    /// Known of most file systems without looking at the entry; false where it is not.
    let isFolder: Bool
  }

  private func forEachEntry(_ body: (Entry) -> Void) throws {
    guard let stream = unsafe opendir(path) else {
      let error = SystemError("opendir", path, .reading)
      if error.errno == ENOTDIR { throw WindowError.notAFolder(path: path) }
      throw error
    }
    defer { unsafe closedir(stream) }
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else { break }
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
        unsafe Array($0.prefix { $0 != 0 })
      }
      let text = String(validating: name, as: UTF8.self)
      unsafe body(
        Entry(
          name: name, text: text, day: text.flatMap(LogName.day),
          isFolder: Int(entry.pointee.d_type) == DT_DIR))
    }
    if errno != 0 { throw SystemError("readdir", path, .reading) }
  }
}
