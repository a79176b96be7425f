internal import ChartmillModel
internal import ChartmillSystem

/// What a run is estimated to write on one file system, beside the room there is.
package struct DiskNeed: Sendable, Equatable {
  package enum Verdict: Sendable {
    case fits
    /// It fits, but would not if the estimate were a quarter too low.
    case tight
    case doesNotFit
    /// The file system does not say how much space it has.
    case unknown
  }

  /// Those of output, spills and state that are on one file system.
  package let folders: [String]
  package let bytes: Int
  /// Nil when the file system does not say.
  package let freeBytes: Int?

  package var verdict: Verdict {
    guard let freeBytes else { return .unknown }
    if bytes > freeBytes { return .doesNotFit }
    return bytes.addingSaturated(bytes / 4) > freeBytes ? .tight : .fits
  }

  /// Refuses a job that would fail for want of room after most of its work.
  ///
  /// An estimate can be wrong, so it is not asked if the user gave a bound, `--spill-limit`.
  ///
  /// - Parameter encoding: that of the charts; nil if there are none.
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
    for need in try of(estimate, folders) where need.verdict == .doesNotFit {
      throw DiskTooSmall(need: need)
    }
  }

  /// Spill files go with the process, so they and the new outputs are on the disk at once; outputs
  /// of an earlier run stay until the new ones are whole. With a state folder, a day's spill files
  /// are there while its rollup is written from them.
  ///
  /// - Throws: `SystemError` for a folder that cannot be looked at.
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
