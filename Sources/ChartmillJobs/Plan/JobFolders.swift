internal import ChartmillSystem

/// The folders that a job writes to.
struct JobFolders {
  /// Nil for a job that publishes no charts.
  let output: String?
  /// Nil for a job that keeps no rollups.
  let state: String?
  /// Nil for a plan without any folder.
  let spills: String?

  /// Adds a `SystemNotice` if the folder of spill files is on a file system in memory, because
  /// spill files then use the memory that they are meant to save.
  func noteSpillsInMemory() {
    if let spills, DiskSpace.isInMemory(spills) {
      SystemNotice.add(.spillsInMemory(folder: spills))
    }
  }
}
