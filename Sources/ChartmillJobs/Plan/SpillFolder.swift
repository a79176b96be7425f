internal import ChartmillModel
internal import ChartmillSystem

/// Where the spill files of a job go.
enum SpillFolder {
  /// The folder that was named, else that of the charts, else that of the state; empty when there is
  /// none of them.
  static func path(_ configuration: JobConfiguration) -> String {
    if let folder = configuration.spillFolder { return folder }
    return configuration.outputFolder.isEmpty
      ? configuration.stateFolder ?? "" : configuration.outputFolder
  }

  /// Notes a folder that lives in memory: what is spilled there takes the memory that spilling is
  /// to save.
  static func notice(_ configuration: JobConfiguration) {
    let folder = path(configuration)
    if !folder.isEmpty, DiskSpace.isInMemory(folder) {
      SystemNotice.add(.spillsInMemory(folder: folder))
    }
  }
}
