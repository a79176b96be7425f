internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem
internal import FoundationEssentials

/// The rollups that a distributed job keeps. Their bytes are in another place, so a plan gets only
/// their records: a file with one JSON object per line.
///
/// They are trusted as those of a state folder are, except that the inode, the kernel's time and
/// the content of a log cannot be compared.
package struct StoredRollups: KeptRollups, Sendable {
  /// The record of a day: what its rollup was made from.
  struct Record: Decodable {
    struct Log: Decodable {
      let name: String
      let bytes: Int
      /// The modification time in milliseconds since 1970.
      let modified: Int
    }

    let partitions: Int
    /// `RowRules.identity` of the rules that the rows were accepted by.
    let rules: String
    let logs: [Log]
    /// Whether the job has found its bytes damaged.
    let isDamaged: Bool?
  }

  /// The fields that the records of all versions have.
  private struct Head: Decodable {
    let format: Int
    let day: Day
  }

  /// The number that a record of this version has.
  package static var format: Int { RollupRecord.format }

  /// The maximum length of a record. A log takes about a hundred bytes of it.
  private static let maxRecordBytes = 16 << 20

  /// The records; nil if another version made the rollup.
  private var records: [Day: Record?] = [:]

  /// - Throws: `StateError.badRecord`; `SystemError`.
  package init(contentsOf path: String) throws {
    var lines = FileLines(try File.open(reading: path))
    let decoder = JSONDecoder()
    var number = 0
    while true {
      number += 1
      guard let line = try lines.next(maxBytes: Self.maxRecordBytes) else {
        throw StateError.badRecord(path: path, line: number)
      }
      if line.isEmpty { return }
      let json = Data(line)
      guard let head = try? decoder.decode(Head.self, from: json), records[head.day] == nil else {
        throw StateError.badRecord(path: path, line: number)
      }
      var record: Record?
      if head.format == Self.format {
        record = try? decoder.decode(Record.self, from: json)
        if record == nil { throw StateError.badRecord(path: path, line: number) }
      }
      records.updateValue(record, forKey: head.day)
    }
  }

  func path(of day: Day) -> String { "day-\(day).json" }

  /// The kept days for a window.
  func keptDays(endingWith end: WindowEnd) -> KeptDays {
    let days = records.keys.sorted()
    let newest = days.last { day in end.latest.map { day <= $0 } ?? true }
    return KeptDays(
      folder: "the kept rollups", days: days, newest: end.date == nil ? newest : nil)
  }

  /// The kept days before the first of the `keepDays` days that end with `last`, ascending.
  func days(before first: Day) -> [Day] { records.keys.filter { $0 < first }.sorted() }

  func find(_ day: DayLogs, partitions: Int, _ rules: RowRules) -> FoundRollup? {
    guard let found = records[day.day] else { return nil }
    guard let record = found else { return .unusable(.otherFormat) }
    if record.partitions != partitions { return .unusable(.otherPartitions) }
    if record.rules != rules.identity { return .unusable(.otherRules) }
    if record.isDamaged == true { return .unusable(.damaged) }
    if day.files.isEmpty { return .usable(rollup: nil, notice: .logGone) }
    return record.isOf(day.files) ? .usable(rollup: nil, notice: nil) : .unusable(.logChanged)
  }
}

extension StoredRollups.Record {
  /// Whether `files`, sorted by name, are the logs that were rolled up. A log whose time is not
  /// known may have changed.
  fileprivate func isOf(_ files: [LogFile]) -> Bool {
    let logs = logs.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    return logs.count == files.count
      && zip(logs, files).allSatisfy { log, file in
        log.name.utf8.elementsEqual(file.name.utf8) && log.bytes == file.byteCount
          && log.modified == file.modifiedMilliseconds
      }
  }
}
