package import ChartmillModel
internal import ChartmillSystem
internal import Glibc

/// A folder of logs. All names are read first. Then only the logs in the window are examined.
package struct LogFolder {
  package let path: String

  package init(path: String) {
    self.path = path
  }

  /// The contents of a folder, classified by name.
  package struct Contents {
    /// The logs of the window, ordered by name; empty if there are more than `maxLogs`.
    package var logs: [LogFile] = []
    /// The number of logs of the window.
    package var logCount = 0
    /// The logs of other days, except those in `future`.
    package var outside = NameExamples()
    /// The logs that are dated too far ahead of the clock to end a window.
    package var future = NameExamples()
    /// The names that are almost those of logs.
    package var nearMisses = NameExamples()
    /// All other names that are not hidden.
    package var others = NameExamples()
    /// Whether there are manifests of published charts.
    package var holdsCharts = false

    package init() {}

    /// Counts a name that is not the name of a log.
    mutating func add(other name: [UInt8], isFolder: Bool) {
      if LogName.isNearMiss(name, isFolder: isFolder) {
        nearMisses.add(name)
      } else if name.first != UInt8(ascii: ".") {
        others.add(name)
      }
    }
  }

  /// The newest day of a log that is not later than `limit`; nil if there is none. Throws
  /// `WindowError.notAFolder` and `SystemError`.
  package func newestDay(notAfter limit: Day?) throws -> Day? {
    var newest: Day?
    try forEachEntry { entry in
      guard let day = entry.day, day <= limit ?? day else { return }
      newest = max(newest ?? day, day)
    }
    return newest
  }

  /// Reads the names, and examines the logs in the window. Logs of days after `limit` count as logs
  /// in the future.
  ///
  /// Memory: a few hundred bytes per log of the window, for at most `maxLogs` of them. Throws
  /// `WindowError.notAFolder`; `LogError.notARegularFile` for a log that is a folder or a fifo, for
  /// example; `SystemError` if the folder or a log in the window cannot be examined, for example
  /// because it is a dangling link.
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
      } else {
        contents.add(other: entry.name, isFolder: entry.isFolder)
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
    /// The day of the log that has this name; nil if it is not the name of a log.
    let day: Day?
    /// Whether the entry is a folder. False on the few file systems that do not report the type
    /// with the name.
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
