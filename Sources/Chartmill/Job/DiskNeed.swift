/// What a run is estimated to write on one file system, beside the room there is.
public struct DiskNeed: Sendable, Equatable {
  public enum Verdict: Sendable {
    case fits
    /// It fits, but would not if the estimate were a quarter too low.
    case tight
    case doesNotFit
  }

  /// The output folder, the spill folder, or both when they are on one file system.
  public let folders: [String]
  public let bytes: Int
  public let freeBytes: Int

  public var verdict: Verdict {
    if bytes > freeBytes { return .doesNotFit }
    return bytes + bytes / 4 > freeBytes ? .tight : .fits
  }

  /// Spill files go with the process, so they and the new outputs are on the disk at once; outputs
  /// of an earlier run stay until the new ones are whole.
  ///
  /// - Throws: `JobError.output` for a folder that cannot be looked at.
  static func of(
    _ estimate: DiskEstimate, _ configuration: JobConfiguration
  ) throws(JobError) -> [DiskNeed] {
    let output = configuration.outputFolder
    let spill = configuration.spillFolder ?? output
    let parts = [(output, estimate.outputBytes), (spill, estimate.spillBytes)]
    var disks: [(space: DiskSpace, need: DiskNeed)] = []
    for (folder, bytes) in parts where !folder.isEmpty {
      let space = try JobError.writing { () throws(SystemError) in try DiskSpace(of: folder) }
      if let index = disks.firstIndex(where: { $0.space.device == space.device }) {
        disks[index].need = disks[index].need.adding(bytes, in: folder)
      } else {
        disks.append(
          (space, DiskNeed(folders: [folder], bytes: bytes, freeBytes: space.freeBytes)))
      }
    }
    return disks.map(\.need)
  }

  private func adding(_ more: Int, in folder: String) -> DiskNeed {
    DiskNeed(
      folders: folders.contains(folder) ? folders : folders + [folder], bytes: bytes + more,
      freeBytes: freeBytes)
  }
}
