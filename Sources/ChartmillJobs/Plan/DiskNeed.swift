internal import ChartmillModel
internal import ChartmillSystem

/// The estimated bytes that a run writes on one file system, and the free space there.
package struct DiskNeed: Sendable, Equatable {
  package enum Verdict: String, Sendable {
    case fits
    /// The bytes fit, but 25 % more would not.
    case tight
    case doesNotFit = "does not fit"
    /// The file system does not report its free space.
    case unknown
  }

  /// The output, spill and state folders that are on the file system.
  package let folders: [String]
  package let bytes: Int
  /// Nil if the file system does not report it.
  package let freeBytes: Int?

  package var verdict: Verdict {
    guard let freeBytes else { return .unknown }
    if bytes > freeBytes { return .doesNotFit }
    return bytes.addingSaturated(bytes / 4) > freeBytes ? .tight : .fits
  }

  /// Refuses a job that probably needs more disk space than is free. Call it before the job begins
  /// its work.
  ///
  /// The estimate can be wrong, so a `--spill-limit` disables this check.
  ///
  /// - Parameter encoding: the encoding of the charts; nil if there are none.
  /// - Throws: `DiskTooSmall`, and what `of` throws.
  static func check(
    _ days: [SurveyedDay], rowsPerSegment: Int, encoding: ChartEncoding?, spillLimit: Int?,
    _ folders: JobFolders
  ) throws {
    folders.noteSpillsInMemory()
    if spillLimit != nil { return }
    var rolledUp: [JobPlan.DayPlan] = []
    for day in days where day.kept == nil { rolledUp.append(try JobPlan.DayPlan(day.logs)) }
    let estimate = DiskEstimate(
      rolledUp, keptRows: days.saturatedSum { $0.kept?.accepted ?? 0 },
      rowsPerSegment: rowsPerSegment, encoding: encoding)
    try of(estimate, folders).check()
  }

  /// The need of each file system.
  ///
  /// Spill files stay until the process ends, so they and the new outputs are on disk at the same
  /// time. With a state folder, only the spill files of one day exist at a time, while its rollup
  /// is written from them.
  ///
  /// - Throws: `SystemError` if the file system of a folder cannot be examined.
  static func of(_ estimate: DiskEstimate, _ folders: JobFolders) throws -> [DiskNeed] {
    let spillBytes = folders.state == nil ? estimate.spillBytes : estimate.largestDaySpillBytes
    let parts = [
      (folders.output, estimate.outputBytes), (folders.spills, spillBytes),
      (folders.state, estimate.spillBytes),
    ]
    var disks: [(space: DiskSpace, need: DiskNeed)] = []
    for case (let folder?, let bytes) in parts {
      let space = try DiskSpace(of: folder)
      if let index = disks.firstIndex(where: { $0.space.device == space.device }) {
        disks[index].need = disks[index].need.adding(bytes, in: folder)
      } else {
        if space.freeBytes == nil { SystemNotice.add(.unknownFreeSpace(folder: folder)) }
        disks.append(
          (space, DiskNeed(folders: [folder], bytes: bytes, freeBytes: space.freeBytes)))
      }
    }
    return disks.map(\.need)
  }

  private func adding(_ more: Int, in folder: String) -> DiskNeed {
    DiskNeed(
      folders: folders.contains(folder) ? folders : folders + [folder],
      bytes: bytes.addingSaturated(more),
      freeBytes: freeBytes)
  }
}

extension [DiskNeed] {
  /// - Throws: `DiskTooSmall` for the first file system with too little space.
  func check() throws(DiskTooSmall) {
    if let need = first(where: { $0.verdict == .doesNotFit }) { throw DiskTooSmall(need: need) }
  }
}
