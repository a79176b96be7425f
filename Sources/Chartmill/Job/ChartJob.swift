/// The whole job. (Being written.)
public struct ChartJob: Sendable {
  let configuration: JobConfiguration

  public init(_ configuration: JobConfiguration) {
    self.configuration = configuration
  }

  /// Blocks until the charts are published. `onProgress` is called on the calling thread, about
  /// five times a second.
  public func run(onProgress: (Progress) -> Void) throws(JobError) -> Manifest {
    throw JobError.noLogs(folder: "", window: nil)
  }
}
