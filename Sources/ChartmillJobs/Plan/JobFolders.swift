internal import ChartmillSystem

/// The folders that a job writes in.
struct JobFolders {
  /// Nil for a job that publishes no charts.
  let output: String?
  /// Nil for a job that keeps no rollups.
  let state: String?
  /// Nil for a plan that names none of the three.
  let spills: String?

  /// Notes a folder of spill files that lives in memory: what is spilled there takes the memory that
  /// spilling is to save.
  func noteSpillsInMemory() {
    if let spills, DiskSpace.isInMemory(spills) {
      SystemNotice.add(.spillsInMemory(folder: spills))
    }
  }
}
