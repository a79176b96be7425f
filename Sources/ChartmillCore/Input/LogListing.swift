package import ChartmillModel
package import ChartmillSystem

/// A list of the files of a folder that this process cannot read, such as a folder of an object
/// store. Each line is the size of a file in bytes, spaces or tabs, and its name. After the size, there
/// may be a comma and the modification time in milliseconds since 1970.
///
/// The list is read once. Memory: a few hundred bytes per log of the window.
package struct LogListing {
  /// The longest name that a file system allows has 255 bytes, and that of an object 1024.
  private static let maxLineBytes = 4096
  private static let newline = UInt8(ascii: "\n")

  private let list: File
  private let folder: String

  /// - Parameter folder: the name of the folder, for the paths of its logs.
  package init(_ list: File, of folder: String) {
    self.list = list
    self.folder = folder
  }

  /// The contents of the folder, and the window of `days` days that ends with `last`, or otherwise
  /// with the newest log that is not later than `limit`, or with `newest` if that is later. The
  /// window is nil if there is none of them. `logs` is empty if there are
  /// more than `maxLogs`.
  ///
  /// - Throws: `LogError.notAListing`; `WindowError.windowBeforeCalendar`; `SystemError`.
  package func contents(
    days: Int, endingWith last: Day?, newest: Day? = nil, notAfter limit: Day?, maxLogs: Int
  ) throws -> (window: ClosedRange<Day>?, contents: LogFolder.Contents) {
    var lines = FileLines(list)
    var contents = LogFolder.Contents()
    var window = try (last ?? newest).map { try Day.days(days, endingWith: $0) }
    var byDay: [Day: [LogFile]] = [:]
    var number = 0
    while true {
      number += 1
      guard let line = try lines.next(maxBytes: Self.maxLineBytes) else { throw bad(number) }
      if line.isEmpty { break }
      guard let entry = Self.parsed(line) else { throw bad(number) }
      let name = entry.name
      let text = String(validating: name, as: UTF8.self)
      guard let text, let day = LogName.day(of: text) else {
        contents.add(other: name, isFolder: false)
        if let text, OutputNames.isManifest(text) { contents.holdsCharts = true }
        continue
      }
      if let limit, day > limit {
        contents.future.add(name)
        continue
      }
      if last == nil, window.map({ $0.upperBound < day }) ?? true {
        // The window moves forward, and the logs of its first days fall out of it.
        let moved = try Day.days(days, endingWith: day)
        for (day, logs) in byDay where !moved.contains(day) {
          for log in logs { contents.outside.add(log.name.utf8) }
          contents.logCount -= logs.count
          byDay[day] = nil
        }
        window = moved
      }
      guard window?.contains(day) == true else {
        contents.outside.add(name)
        continue
      }
      contents.logCount += 1
      // A list that is not ordered by date may have this many logs in a window before its last one.
      if contents.logCount > maxLogs { return (window, contents) }
      byDay[day, default: []].append(
        LogFile(
          listed: text, in: folder, byteCount: entry.byteCount,
          modifiedMilliseconds: entry.modified))
    }
    contents.logs = byDay.values.flatMap(\.self).sorted(by: LogFile.precedes)
    return (window, contents)
  }

  private func bad(_ line: Int) -> LogError { .notAListing(path: list.path, line: line) }

  /// The name, the size and the time in a line; nil if it is not a line of a listing.
  private static func parsed(
    _ line: [UInt8]
  ) -> (name: [UInt8], byteCount: Int, modified: Int64?)? {
    let rest = line.last == newline ? line.dropLast() : line[...]
    func digits(from start: Int) -> ArraySlice<UInt8> {
      rest[start...].prefix { (48...57).contains($0) }
    }
    let size = digits(from: rest.startIndex)
    var end = size.endIndex
    var modified: Int64?
    if end < rest.endIndex, rest[end] == UInt8(ascii: ",") {
      let time = digits(from: end + 1)
      guard let value = Int64(String(decoding: time, as: UTF8.self)) else { return nil }
      (modified, end) = (value, time.endIndex)
    }
    let name = rest[end...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    guard name.startIndex > end, !name.isEmpty, !name.contains(UInt8(ascii: "/")),
      let byteCount = Int(String(decoding: size, as: UTF8.self))
    else { return nil }
    return (Array(name), byteCount, modified)
  }
}
