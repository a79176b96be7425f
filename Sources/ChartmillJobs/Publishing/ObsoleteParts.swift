internal import ChartmillModel
internal import ChartmillSystem

/// The files that Spark jobs made for a date and that no manifest names.
///
///     parts_DATE/claim.json   there while a job makes the charts of the date
///     parts_DATE/JOB/…        the files of a job
///
/// `claim.py` and `publication.py` in `scripts/spark/chartmill_spark` write and explain them.
enum ObsoleteParts {
  /// Removes them from an output folder. The next Spark job of the date does the same.
  ///
  /// A job has the claim before it makes its folder, and until its manifest is published or it has
  /// failed. So if there is no claim after the folders were listed, their jobs have ended. If one
  /// of them has published in the meantime, the manifest that is read after that names its folder.
  /// A job that died leaves its claim, and nothing is removed.
  ///
  /// - Throws: `SystemError`, `ManifestError`; files that are not removed yet stay.
  static func remove(of day: Day, in output: Folder) throws {
    let name = OutputNames.parts(day)
    let parts = try output.folder(name)
    let jobs = try parts.names().filter(isJob)
    if try parts.status(of: "claim.json") != nil { return }
    let manifest = try Manifest.read(output.path(of: OutputNames.manifest(day))) { _ in }
    let files = manifest.outputs.flatMap(\.paths)
    for job in jobs where !files.contains(where: { $0.hasPrefix("\(name)/\(job)/") }) {
      try parts.removeTree(job)
    }
    // This fails if something is left.
    try output.removeFolder(name)
  }

  /// Whether this can be the folder of a job, whose name ends with eight hexadecimal digits.
  private static func isJob(_ name: String) -> Bool {
    let mark = name.utf8.suffix(9)
    return mark.count == 9 && mark.first == UInt8(ascii: "-")
      && mark.dropFirst().allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }
}
